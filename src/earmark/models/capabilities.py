"""What a model supports, and what becomes of sampling that it does not.

`capabilities` of a model's YAML and a requested Sampling give the effective Sampling, or a
ConfigError where the setting is unsupported and `on_unsupported` is refuse.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar, Literal, TypeVar

from pydantic import ConfigDict, TypeAdapter, ValidationError

from earmark.errors import ConfigError
from earmark.records import Json, Request, Sampling, dump

T = TypeVar("T")
OnUnsupported = Literal["refuse", "clamp"]
NOT_DECIDING = frozenset({"context_tokens", "price", "max_tokens_name"})
EFFORTS = ("none", "minimal", "low", "medium", "high", "xhigh", "max")

# No tokenizer in use makes more than one token of a byte; the rest is for role marks and a
# provider's own frame.
TOKENS_PER_MESSAGE = 16
TOKENS_PER_PROMPT = 64

BATCH_PRICE = 0.5  # of the list price


@dataclass(frozen=True, slots=True)
class Price:
    """List price in USD per million tokens. Discounts for cached prompts are ignored, so that a
    cost is never too low.
    """

    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(extra="forbid")
    input_usd_per_million: float
    output_usd_per_million: float

    @property
    def free(self) -> bool:
        """True for a model on your own machine."""
        return self.input_usd_per_million == 0 and self.output_usd_per_million == 0

    def usd(self, input_tokens: int, output_tokens: int) -> float:
        """Cost in USD of so many tokens."""
        return (
            input_tokens * self.input_usd_per_million + output_tokens * self.output_usd_per_million
        ) / 1e6


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What a model supports.

    temperature        a (lowest, highest) range, or one number: fixed, and never sent
    top_p, seed        whether it takes them
    system             whether it has a system role; without one the first user message begins
                       with the words of the system prompt
    reasoning_efforts  the efforts it takes, none by default
    max_tokens_name    the parameter that limits the answer: max_tokens or max_completion_tokens
    context_tokens     longest prompt for which `price` holds
    output_tokens      longest answer, reasoning included
    price              None where it is unknown: then cost is unknown too, and no budget can be kept
    """

    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(extra="forbid")
    temperature: tuple[float, float] | float = (0.0, 2.0)
    top_p: bool = True
    seed: bool = True
    system: bool = True
    reasoning_efforts: tuple[str, ...] = ()
    max_tokens_name: Literal["max_tokens", "max_completion_tokens"] = "max_tokens"
    context_tokens: int | None = None
    output_tokens: int | None = None
    price: Price | None = None

    @property
    def in_batches(self) -> "Capabilities":
        """The same at the price of a batch, which is half at every provider that has them."""
        if self.price is None:
            return self
        each = (self.price.input_usd_per_million, self.price.output_usd_per_million)
        return replace(self, price=Price(*(BATCH_PRICE * usd for usd in each)))

    @property
    def deciding(self) -> Json:
        """What can change an answer, for the identity."""
        plain = dump_capabilities(self)
        return {name: value for name, value in plain.items() if name not in NOT_DECIDING}

    def max_usd(self, request: Request) -> float | None:
        """The most that one try of `request` can cost in USD; None where that is unknown.

        It is unknown without a price, without a limit on the answer, and for a prompt that may be
        longer than `context_tokens`, because a longer one may have another price.
        """
        if self.price is None or self.price.free:
            return None if self.price is None else 0.0
        output_tokens = request.sampling.max_tokens or self.output_tokens
        input_tokens = max_input_tokens(request)
        if output_tokens is None or (
            self.context_tokens is not None and input_tokens > self.context_tokens
        ):
            return None
        return self.price.usd(input_tokens, output_tokens)


_ADAPTER = TypeAdapter(Capabilities)


def dump_capabilities(capabilities: Capabilities) -> Json:
    """Capabilities as plain JSON values."""
    plain: Json = _ADAPTER.dump_python(capabilities, mode="json")
    return plain


def load_capabilities(name: str, values: Mapping[str, Any] | Capabilities | None) -> Capabilities:
    """Capabilities from a YAML's mapping; ConfigError names the key that is wrong."""
    if isinstance(values, Capabilities):
        return values
    try:
        return _ADAPTER.validate_python(_plain(values or {}))
    except ValidationError as error:
        first = error.errors()[0]
        key = ".".join(str(part) for part in first["loc"])
        raise ConfigError(
            f"model '{name}': capabilities.{key}: {first['msg']}, got {first['input']!r}; "
            f"correct conf/model/{name}.yaml"
        ) from None


def max_input_tokens(request: Request) -> int:
    """An upper bound on the tokens of the prompt: one for each UTF-8 byte, and the frame's."""
    content_bytes = sum(
        len(message.content.encode("utf-8", "replace")) for message in request.messages
    )
    return content_bytes + TOKENS_PER_MESSAGE * len(request.messages) + TOKENS_PER_PROMPT


def fit(
    requested: Sampling, capabilities: Capabilities, *, name: str, on_unsupported: OnUnsupported
) -> Sampling:
    """The sampling in force when `requested` is asked for.

    An unsupported setting is a ConfigError (refuse) or becomes the nearest supported one (clamp).
    An unsupported seed is dropped either way: no provider promises more than best effort, and the
    answers come from the same distribution without it.
    """

    def settle(setting: str, wanted: T | None, nearest: T | None) -> T | None:
        if wanted is None or wanted == nearest or on_unsupported == "clamp":
            return nearest
        supported = "it takes none" if nearest is None else f"the nearest is {nearest}"
        hint = f"change {setting}, or set model.on_unsupported=clamp to use and record the nearest"
        raise ConfigError(
            f"model '{name}': {setting}={wanted} is not supported, {supported}; {hint}"
        )

    return Sampling(
        temperature=settle(
            "temperature",
            requested.temperature,
            _temperature(requested.temperature, capabilities.temperature),
        ),
        top_p=settle("top_p", requested.top_p, requested.top_p if capabilities.top_p else None),
        max_tokens=settle(
            "max_tokens",
            requested.max_tokens,
            _at_most(requested.max_tokens, capabilities.output_tokens),
        ),
        reasoning_effort=settle(
            "reasoning_effort",
            requested.reasoning_effort,
            _effort(requested.reasoning_effort, capabilities.reasoning_efforts),
        ),
        seed=requested.seed if capabilities.seed else None,
    )


def options(effective: Sampling, capabilities: Capabilities) -> Json:
    """The options to send: what is set, but not a fixed temperature (many such models refuse the
    parameter).
    """
    fixed = not isinstance(capabilities.temperature, tuple)
    names = {"max_tokens": capabilities.max_tokens_name}
    return {
        names.get(key, key): value
        for key, value in dump(effective).items()
        if value is not None and not (fixed and key == "temperature")
    }


def _temperature(wanted: float | None, supported: tuple[float, float] | float) -> float | None:
    if not isinstance(supported, tuple):
        return supported
    lowest, highest = supported
    return None if wanted is None else min(max(wanted, lowest), highest)


def _at_most(wanted: int | None, limit: int | None) -> int | None:
    return wanted if wanted is None or limit is None else min(wanted, limit)


def _effort(wanted: str | None, supported: Sequence[str]) -> str | None:
    if wanted is None or not supported:
        return None
    ranks = {effort: rank for rank, effort in enumerate(EFFORTS)}
    if wanted not in ranks:
        return supported[0]
    return min(supported, key=lambda effort: abs(ranks.get(effort, len(ranks)) - ranks[wanted]))


def _plain(value: object) -> object:
    # Hydra passes its own containers; pydantic wants plain ones.
    if isinstance(value, Mapping):
        return {str(key): _plain(inner) for key, inner in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return tuple(_plain(inner) for inner in value)
    return value
