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
    scored = {key: run for key, run in runs.items() if run.score is not None}
    points: dict[str, list[float]] = {key: [] for key in scored}
    for name in (*MAXIMISED, *MINIMISED):
        values = {key: getattr(run, name) for key, run in scored.items()}
        if None in values.values():
            continue
        sign = -1 if name in MINIMISED else 1  # the larger the better
        for key, value in values.items():
            points[key].append(sign * value)
    return [key for key, point in points.items() if not _is_beaten(point, points.values())]


def _is_beaten(point: Sequence[float], others: Iterable[Sequence[float]]) -> bool:
    for other in others:
        if other != point and all(a >= b for a, b in zip(other, point, strict=True)):
            return True
    return False
