"""Runs of one pipeline from best to worst, each with the places that its interval allows."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import inf

from earmark.analysis.labels import pipeline_id
from earmark.analysis.scores import floored_mean
from earmark.analysis.statistics import Mean
from earmark.errors import ConfigError
from earmark.records import Run


@dataclass(frozen=True, slots=True)
class Rank:
    """A run's place, 1 for the best: by its mean, and the range that its interval allows."""

    run: Run
    mean: Mean | None
    rank: int
    best_rank: int
    worst_rank: int


def ranking(runs: Iterable[Run], metric: str) -> list[Rank]:
    """Runs by `metric` with failures at the floor, the best first, those without a mean last.

    Raises:
        ConfigError: the runs are of different pipelines.
    """
    candidates = list(runs)
    ids = {pipeline_id(run) for run in candidates}
    if len(ids) > 1:
        raise ConfigError(
            f"{metric}: numbers of {len(ids)} pipelines ({', '.join(sorted(ids))}) "
            "cannot be ranked together; rank each alone"
        )
    means = [(run, floored_mean(run, metric)) for run in candidates]
    known = [mean for _, mean in means if mean is not None]
    return [
        _rank(run, mean, at, known)
        for at, (run, mean) in enumerate(sorted(means, key=_best_first), start=1)
    ]


def _best_first(scored: tuple[Run, Mean | None]) -> tuple[bool, float, str]:
    run, mean = scored
    return mean is None, -mean.value if mean else 0.0, run.key


def _rank(run: Run, mean: Mean | None, rank: int, known: Sequence[Mean]) -> Rank:
    if mean is None:
        return Rank(run, None, rank, rank, rank)
    low, high = _bounds(mean)
    better = sum(_bounds(other)[0] > high for other in known)
    worse = sum(_bounds(other)[1] < low for other in known)
    return Rank(run, mean, rank, 1 + better, len(known) - worse)


def _bounds(mean: Mean) -> tuple[float, float]:
    """The interval; everything where one task alone was scored."""
    return (-inf if mean.low is None else mean.low), (inf if mean.high is None else mean.high)
