"""Runs of one pipeline from best to worst, each with the places that it may have."""

from collections.abc import Iterable
from dataclasses import dataclass

from earmark.analysis.comparisons import Comparison
from earmark.analysis.estimates import Estimate
from earmark.analysis.grid import ScoreGrid, score_grid
from earmark.analysis.rank_sets import rank_sets, rank_sets_of
from earmark.records import Run


@dataclass(frozen=True, slots=True)
class Rank:
    """A run's place by its mean, 1 for the best, and the places that its rank set allows."""

    run: Run
    mean: Estimate | None
    rank: int
    best_rank: int
    worst_rank: int

    @property
    def places(self) -> str:
        """The rank set as `2` or `1–3`."""
        if self.best_rank == self.worst_rank:
            return str(self.best_rank)
        return f"{self.best_rank}–{self.worst_rank}"


def ranking(runs: Iterable[Run], metric: str) -> list[Rank]:
    """Runs with their attempts, by a metric of `grid.score_grid`: the best first.

    Runs without a mean come last.

    Raises:
        ConfigError: the runs are of different pipelines or asked different tasks.
    """
    candidates = list(runs)
    return ranking_of(score_grid(candidates, metric), candidates)


def ranking_of(
    grid: ScoreGrid, runs: Iterable[Run], comparisons: list[Comparison] | None = None
) -> list[Rank]:
    """As `ranking`, from a grid of the runs, and all pairwise comparisons where they exist."""
    estimates = [grid.estimate(at) for at in range(len(grid.runs))]
    if not grid.runs:
        sets = []
    elif comparisons is None:
        sets = rank_sets(grid.means)
    else:
        sets = rank_sets_of(grid.means, comparisons)
    ranks = []
    for run, mean, one in zip(grid.runs, estimates, sets, strict=True):
        ranks.append(Rank(run, mean, one.rank, one.best, one.worst))
    ranks.sort(key=lambda one: (one.rank, one.run.key))
    last = len(ranks) + 1
    unscored = sorted((run for run in runs if run.key in grid.left_out), key=lambda run: run.key)
    return ranks + [Rank(run, None, last, last, last) for run in unscored]
