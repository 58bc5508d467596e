"""What a score costs: score per dollar, and the runs that no other run beats at everything."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

MAXIMISED, MINIMISED = ("score", "valid"), ("cost_usd", "seconds")


@dataclass(frozen=True, slots=True)
class Spent:
    """A run's score with failures at the floor, share of valid episodes, cost and seconds.

    None where it is not known.
    """

    score: float | None
    valid: float | None
    cost_usd: float | None
    seconds: float | None

    @property
    def per_dollar(self) -> float | None:
        """Score per dollar; None where either is not known or nothing was paid."""
        if self.score is None or not self.cost_usd:
            return None
        return self.score / self.cost_usd


def front(runs: Mapping[str, Spent]) -> list[str]:
    """The runs on the Pareto front: no other is at least as good at everything and better at one.

    What is not known of any run is left out for all; a run without a score is never on the front.
    """
    scored = {key: one for key, one in runs.items() if one.score is not None}
    names = [name for name in (*MAXIMISED, *MINIMISED) if _known(name, scored.values())]
    points = {key: _point(one, names) for key, one in scored.items()}
    return [key for key, point in points.items() if not _beaten(point, list(points.values()))]


def _known(name: str, runs: Iterable[Spent]) -> bool:
    return all(getattr(one, name) is not None for one in runs)


def _point(one: Spent, names: Sequence[str]) -> tuple[float, ...]:
    """The known values, each the better the larger."""
    return tuple(getattr(one, name) * (-1 if name in MINIMISED else 1) for name in names)


def _at_least(point: tuple[float, ...], other: tuple[float, ...]) -> bool:
    return all(ours >= theirs for ours, theirs in zip(point, other, strict=True))


def _beaten(point: tuple[float, ...], others: Sequence[tuple[float, ...]]) -> bool:
    return any(other != point and _at_least(other, point) for other in others)
