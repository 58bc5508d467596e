"""Ranks of runs with confidence sets: which places a run may have, all runs at once.

Source: Mogstad, Romano, Shaikh and Wilhelm (2024, Review of Economic Studies 91), simultaneous
confidence sets from simultaneous intervals of all pairwise differences. Overlap of each run's own
interval, the usual way, is neither: it ignores the pairing and has no error rate.
"""

from dataclasses import dataclass
from itertools import combinations

import numpy as np

from earmark.analysis.comparisons import LEVEL, MIN_TASKS, Comparison, Floats, compare, pairwise


@dataclass(frozen=True, slots=True)
class RankSet:
    """A run's place by its mean, 1 for the best, and the places it may have; with probability
    `level` all sets hold together.
    """

    rank: int
    best: int
    worst: int


def rank_sets(means: Floats, *, level: float = LEVEL, seed: int = 0) -> list[RankSet]:
    """The places of R runs from their (T, R) mean scores per task, higher being better.

    Below MIN_TASKS tasks no difference can be shown: every run may have any place.
    """
    runs = means.shape[1]
    if len(means) < MIN_TASKS or runs == 1:
        return [RankSet(rank, 1, runs) for rank in _ranks(means.mean(axis=0))]
    comparisons = compare(means, pairwise(runs), level=level, seed=seed)
    return rank_sets_of(means, comparisons, level=level)


def rank_sets_of(
    means: Floats, comparisons: list[Comparison], *, level: float = LEVEL
) -> list[RankSet]:
    """As `rank_sets`, from all pairwise comparisons (see `comparisons.pairwise`) that were made
    already.

    Two runs are apart only where test and interval agree, so that no place says more than the
    verdict on the pair. The sets can only be wider than those of the intervals alone.
    """
    runs = means.shape[1]
    better, worse = np.zeros(runs, int), np.zeros(runs, int)
    for (first, second), one in zip(combinations(range(runs), 2), comparisons, strict=True):
        if one.p_family > 1 - level:
            continue
        if one.low > 0:
            better[second] += 1
            worse[first] += 1
        elif one.high < 0:
            better[first] += 1
            worse[second] += 1
    ranks = _ranks(means.mean(axis=0))
    return [
        RankSet(ranks[run], 1 + int(better[run]), runs - int(worse[run])) for run in range(runs)
    ]


def _ranks(scores: Floats) -> list[int]:
    """Equal scores share the better place."""
    return [1 + int(np.sum(scores > score)) for score in scores]
