"""What a Model may offer beyond the seam, and how a wrapper asks for it.

In: any Model. Out: its readiness and its price, or the honest default where it offers neither. Nothing is asked of a provider.
"""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from earmark.models import Model
from earmark.records import Completion, Request, Sampling


@dataclass(slots=True)
class Charge:
    """What one try is charged when it ends: set to the most it can cost, lowered by who knows better."""

    usd: float


Hold = Callable[[float], AbstractContextManager[Charge]]


@runtime_checkable
class Readied(Protocol):
    """A Model that can say before the first call that it could not be asked."""

    def preflight(self, sampling: Sampling | None = None) -> None:
        """Raise ConfigError (a missing key, a sampling it cannot do) or ModelUnavailable (a missing part); ask nobody."""


@runtime_checkable
class Priced(Protocol):
    """A Model that may cost money, or knows that it does not."""

    def max_usd(self, request: Request) -> float | None:
        """The most that one try can cost in USD; None when nobody knows."""

    def complete_metered(self, request: Request, *, hold: Hold) -> Completion:
        """As complete(), with `hold` entered around each try: a retry may be billed like a first try."""


def preflight(model: Model, sampling: Sampling | None = None) -> None:
    """Let a model say what it lacks before anything is asked; a model that lacks nothing says nothing."""
    if isinstance(model, Readied):
        model.preflight(sampling)
