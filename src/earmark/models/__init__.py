"""The stage that asks a model: Request -> Completion.

A model answers one request with one try. It does not parse the answer, retry or score. Whatever
brought no answer is a CallFailed; an answer that is refused, empty or cut short is a Completion
like any other (extract.answers says what it is worth).

What a model may offer beyond `Model` is a protocol of its own here, found by isinstance. The
wrappers compose, outermost first, `Cassette(Retry(Budget(model)))`: each is a Model, and each works
alone.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Protocol, runtime_checkable

from earmark.errors import ModelUnavailable
from earmark.models.capabilities import Capabilities
from earmark.models.pacing import Pacing
from earmark.records import Completion, Request, Sampling


class Model(Protocol):
    """A hosted or local language model, a baseline, or a wrapper around one."""

    @property
    def identity(self) -> Mapping[str, Any]:
        """Plain JSON values that decide the answer: name, address, fixed options. Never a key or a
        port of ours.
        """

    def complete(self, request: Request) -> Completion:
        """Ask once and wait. Safe to call from several threads. Raises CallFailed, ConfigError."""

    def close(self) -> None:
        """Release servers and connections; safe to call twice."""


class CallFailed(ModelUnavailable):
    """A try that brought no answer.

    Args:
        reason: what happened and what to do about it; never a prompt or a key.
        retryable: another try may succeed.
        billed: the provider may charge for this try, because an answer may have been written.
        throttled: the provider asked for fewer calls.
        unreachable: no server accepted the connection.
        wait_seconds: how long the provider asks to wait; None where it does not say.
    """

    def __init__(
        self,
        reason: str,
        *,
        retryable: bool,
        billed: bool = False,
        throttled: bool = False,
        unreachable: bool = False,
        wait_seconds: float | None = None,
    ) -> None:
        super().__init__(reason)
        self.retryable = retryable
        self.billed = billed
        self.throttled = throttled
        self.unreachable = unreachable
        self.wait_seconds = wait_seconds


@runtime_checkable
class SupportsPreflight(Protocol):
    """A model that can find out before the first call that it cannot be asked."""

    def preflight(self, sampling: Sampling | None = None) -> None:
        """Raise ConfigError (a missing key, unsupported sampling) or ModelUnavailable (a missing
        part); no call is made.
        """


@runtime_checkable
class SupportsPrice(Protocol):
    """A model whose calls may cost money, or are known to be free."""

    def max_usd(self, request: Request) -> float | None:
        """The most that one try can cost in USD; None when that is unknown."""


@runtime_checkable
class SupportsChoice(Protocol):
    """A baseline that is the best of several programs, which scores decide once for a tier."""

    @property
    def identity(self) -> Mapping[str, Any]:
        """As of a Model."""

    @property
    def candidates(self) -> tuple[str, ...]:
        """The names of the programs to choose from; none where one is set."""

    def choose(self, candidate: str) -> Model:
        """The model that answers with this program."""


@runtime_checkable
class SupportsPacing(Protocol):
    """A model that says how often and how fast its provider may be asked."""

    @property
    def pacing(self) -> Pacing:
        """Retries, concurrency and the provider they count for."""


@runtime_checkable
class SupportsSampling(Protocol):
    """A model that knows which sampling settings it takes."""

    capabilities: Capabilities

    def effective(self, requested: Sampling) -> Sampling:
        """The sampling in force when `requested` is asked for.

        Raises:
            ConfigError: the model does not support it.
        """


@runtime_checkable
class SupportsBatches(Protocol):
    """A model whose provider answers many requests together, later, for less."""

    def batches(self) -> "BatchService":
        """How to reach them. Raises ConfigError where the provider has none."""


@dataclass(frozen=True, slots=True)
class BatchState:
    """How far a batch is: `done` and `failed` of `total` requests; `files` hold the results.

    `codes` are the provider's words for why a batch as a whole failed.
    """

    id: str
    status: str
    total: int = 0
    done: int = 0
    failed: int = 0
    files: tuple[str, ...] = ()
    codes: tuple[str, ...] = ()

    @property
    def ended(self) -> bool:
        """True once nothing more will be answered."""
        return self.status in ("completed", "failed", "expired", "cancelled")


class BatchService(Protocol):
    """A provider's batches. Each method is one try and raises CallFailed."""

    def upload(self, requests: Mapping[str, Request]) -> str:
        """Bring the requests, each under its key, to the provider; the id of that file."""

    def start(self, file: str) -> str:
        """Submit an uploaded file: from here on it is paid for. The id of the batch."""

    def find(self, file: str) -> str | None:
        """The id of a batch that was submitted from this file."""

    def state(self, batch: str) -> BatchState:
        """How far a batch is."""

    def results(
        self, state: BatchState, requests: Mapping[str, Request]
    ) -> Iterator[tuple[str, "Completion | CallFailed"]]:
        """The answers of a batch that has ended, or why there is none, by key."""


def preflight(model: Model, sampling: Sampling | None = None) -> None:
    """Let a model check what it needs before the first call; a model without such a check needs
    nothing.
    """
    if isinstance(model, SupportsPreflight):
        model.preflight(sampling)


def pacing_of(model: Model) -> Pacing:
    """The pacing of a model; the default for its name where it has none of its own."""
    if isinstance(model, SupportsPacing):
        return model.pacing
    return Pacing(provider=str(model.identity.get("name")))


def capabilities_of(model: Model) -> Capabilities:
    """The capabilities of a model; the default where it has none of its own."""
    return model.capabilities if isinstance(model, SupportsSampling) else Capabilities()
