"""Means with errors and intervals, and paired differences, of scores that are clustered by task.

Samples of one task are alike, so tasks are the clusters: errors count tasks, not attempts.
Every function takes values with the task of each, or scores by (task, sample), and is pure.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import isfinite, sqrt
from statistics import fmean

import numpy as np
from numpy.typing import NDArray

Pair = tuple[str, int]  # a task and a sample: one episode
Floats = NDArray[np.float64]
DRAWS = 2000
LEVEL = 0.95


@dataclass(frozen=True, slots=True)
class Mean:
    """A mean over `n` values of `tasks` tasks; no error and no interval where there is one task."""

    value: float
    standard_error: float | None
    low: float | None
    high: float | None
    n: int
    tasks: int


def standard_error(values: Sequence[float], tasks: Sequence[str]) -> float | None:
    """Error of the mean of `values` clustered by `tasks`, in their unit; None for one task.

    Source: the sandwich estimator of a mean with the small-sample factor C / (C - 1) for C
    clusters (Cameron and Miller 2015, eq. 11-12).
    """
    if not values:
        return None
    residuals = _sums_by_task(np.asarray(values, float) - float(np.mean(values)), tasks)
    count = len(residuals)
    if count < 2:
        return None
    return sqrt(count / (count - 1) * float(np.sum(residuals**2))) / len(values)


def interval(
    values: Sequence[float],
    tasks: Sequence[str],
    *,
    level: float = LEVEL,
    draws: int = DRAWS,
    seed: int = 0,
) -> tuple[float, float]:
    """Percentile bootstrap interval of the mean: whole tasks are drawn with replacement.

    Raises:
        ValueError: fewer than two tasks.
    """
    sums = _sums_by_task(np.asarray(values, float), tasks)
    sizes = _sums_by_task(np.ones(len(values)), tasks)
    if len(sums) < 2:
        raise ValueError(f"an interval needs at least 2 tasks, got {len(sums)}; ask more tasks")
    drawn = np.random.default_rng(seed).integers(len(sums), size=(draws, len(sums)))
    means = sums[drawn].sum(axis=1) / sizes[drawn].sum(axis=1)
    low, high = np.quantile(means, [(1 - level) / 2, (1 + level) / 2])
    return float(low), float(high)


def mean(values: Sequence[float], tasks: Sequence[str], *, seed: int = 0) -> Mean:
    """The mean with its clustered error and its bootstrap interval.

    Raises:
        ValueError: no values, or one that is not finite.
    """
    if not values or not all(isfinite(value) for value in values):
        raise ValueError(
            f"a mean needs finite values, got {list(values)[:5]}; leave out what was not scored"
        )
    count = len(set(tasks))
    low, high = interval(values, tasks, seed=seed) if count > 1 else (None, None)
    error = standard_error(values, tasks)
    return Mean(fmean(values), error, low, high, n=len(values), tasks=count)


def difference(ours: Mapping[Pair, float], theirs: Mapping[Pair, float]) -> Mean:
    """Mean of ours minus theirs over the episodes that both have.

    Raises:
        ValueError: they share none.
    """
    shared = sorted(ours.keys() & theirs.keys())
    if not shared:
        raise ValueError("the two share no (task, sample); compare runs of one tier")
    return mean([ours[pair] - theirs[pair] for pair in shared], [task for task, _ in shared])


def sign_flip_p(
    ours: Mapping[Pair, float], theirs: Mapping[Pair, float], *, draws: int = 10_000, seed: int = 0
) -> float:
    """Two-sided p-value of the paired difference: whole tasks flip their sign.

    It is at least 1 / (draws + 1).
    """
    shared = sorted(ours.keys() & theirs.keys())
    differences = np.array([ours[pair] - theirs[pair] for pair in shared])
    sums = _sums_by_task(differences, [task for task, _ in shared])
    signs = np.random.default_rng(seed).choice([-1.0, 1.0], size=(draws, len(sums)))
    # Sums that differ only by rounding are equal, else a tie would depend on the summation order.
    reached = np.abs(signs @ sums) >= abs(sums.sum()) - 1e-12 * np.abs(sums).sum()
    return float((reached.sum() + 1) / (draws + 1))


def _sums_by_task(values: Floats, tasks: Sequence[str]) -> Floats:
    if len(values) != len(tasks):
        raise ValueError(
            f"one task for each value: got {len(values)} values and {len(tasks)} tasks"
        )
    if not len(values):
        return np.zeros(0)
    _, cluster = np.unique(np.asarray(tasks, dtype=object).astype(str), return_inverse=True)
    return np.bincount(cluster, weights=values).astype(np.float64)
