"""Many paired comparisons at once: which differences between runs are real, with one error rate for
the whole family.

Conventions: `means` is (T, R), the mean score of run r on task t; all runs answered the same tasks.
`contrasts` is (K, R): row k weighs the runs, as +1 and -1 for a difference of two. A comparison
works on the (T, K) matrix of contrasts per task: pairing by task removes what is hard or easy for
every run alike. Tasks are resampled whole, for all comparisons together, so that the family-wise
control uses their correlation.

Sources: step-down max-t is Romano and Wolf (2005, Econometrica 73, algorithm 4.1) with
randomisation by sign flips (Lehmann and Romano 2005, section 15.2), exact where the differences are
symmetric about zero. Simultaneous intervals invert the max-t statistic of the centred differences.
Holm (1979) on t tests is the check that knows no correlation.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations
from math import sqrt
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtr

Floats = NDArray[np.float64]
LEVEL = 0.95
EXACT_TASKS = 12  # up to here every pattern of signs is tried: 4,096
DRAWS = 9_999
# Two of the 32 sign patterns of five tasks are as extreme as the data: p cannot reach 0.05.
MIN_TASKS = 6
ROWS_AT_ONCE = 512

Verdict = Literal["decisive", "ruled out", "not decided"]


@dataclass(frozen=True, slots=True)
class Comparison:
    """One contrast of runs: its value with a simultaneous interval, and p-values alone and within
    the family.

    `p` is of this comparison alone, `p_family` controls the family-wise error rate by step-down
    max-t, `p_holm` by Holm on t tests.
    """

    value: float
    standard_error: float
    low: float
    high: float
    p: float
    p_family: float
    p_holm: float

    def verdict(self, margin: float, *, alpha: float = 1 - LEVEL) -> Verdict:
        """Decisive: the family-wise p is at most alpha. Ruled out: the interval lies within
        ±margin. Else not decided.
        """
        if self.p_family <= alpha:
            return "decisive"
        return "ruled out" if max(abs(self.low), abs(self.high)) <= margin else "not decided"


def p_text(p: float) -> str:
    """`0.012`, or `< 0.001`."""
    return "< 0.001" if p < 0.001 else f"{p:.3f}"


def pairwise(runs: int) -> Floats:
    """(K, R) contrasts of all pairs i < j of `runs` runs, i minus j, in the order of
    `itertools.combinations`.
    """
    pairs = list(combinations(range(runs), 2))
    rows = np.zeros((len(pairs), runs))
    for row, (first, second) in zip(rows, pairs, strict=True):
        row[first], row[second] = 1.0, -1.0
    return rows


def compare(
    means: Floats, contrasts: Floats, *, level: float = LEVEL, seed: int = 0
) -> list[Comparison]:
    """Test every contrast of the (T, R) task means, controlling the family-wise error rate.

    Args:
        means: (T, R) mean score per task and run, all finite.
        contrasts: (K, R) weights of the runs.
        level: of the simultaneous intervals.
        seed: of the sign patterns, which are drawn where there are more than EXACT_TASKS tasks.

    Returns:
        One Comparison per contrast, in order.

    Raises:
        ValueError: fewer than MIN_TASKS tasks, or a mean that is not finite.
    """
    tasks = len(means)
    if tasks < MIN_TASKS:
        raise ValueError(f"a test needs at least {MIN_TASKS} tasks, got {tasks}: ask more tasks")
    if not np.isfinite(means).all():
        raise ValueError("every run must have a score on every task: leave out tasks that lack one")
    differences = means @ contrasts.T
    value = differences.mean(axis=0)
    error = _standard_errors(differences)
    statistic = np.abs(_ratio(value, error))
    p, p_family = _randomisation_ps(statistic, differences, seed=seed)
    quantile = _simultaneous_quantile(differences, level=level, seed=seed)
    alone = 2 * stdtr(tasks - 1, -statistic)
    return [
        Comparison(*map(float, row))
        for row in zip(
            value,
            error,
            value - quantile * error,
            value + quantile * error,
            p,
            p_family,
            holm(alone),
            strict=True,
        )
    ]


def _standard_errors(differences: Floats) -> Floats:
    errors: Floats = differences.std(axis=0, ddof=1) / sqrt(len(differences))
    return errors


def _ratio(value: Floats, error: Floats) -> Floats:
    """The t statistics. A difference that is the same on every task is infinitely many errors
    from zero, or none when it is zero.
    """
    infinite = np.where(value > 0, np.inf, np.where(value < 0, -np.inf, 0.0))
    ratio: Floats = np.divide(value, error, out=infinite, where=error > 1e-12)
    return ratio


def _flipped_statistics(differences: Floats, *, seed: int) -> Iterator[Floats]:
    """Blocks (b, K) of |t| of every contrast when the signs of whole tasks are flipped; the first
    row of all is the data as they are. All at once would be as large as the square of the runs.
    """
    tasks = len(differences)
    squares = np.sum(differences**2, axis=0)
    for signs in _sign_patterns(tasks, seed=seed):
        means = signs @ differences / tasks
        variance = np.maximum(squares - tasks * means**2, 0) / (tasks - 1)
        yield np.abs(_ratio(means, np.sqrt(variance / tasks)))


def _sign_patterns(tasks: int, *, seed: int) -> Iterator[Floats]:
    """Blocks of sign patterns (b, T): every one of them for few tasks, else the identity and DRAWS
    random ones.
    """
    if tasks <= EXACT_TASKS:
        bits = np.arange(2**tasks)[:, None] >> np.arange(tasks)
        patterns = 1.0 - 2.0 * (bits & 1).astype(np.float64)
    else:
        drawn = np.random.default_rng(seed).choice([-1.0, 1.0], size=(DRAWS, tasks))
        patterns = np.vstack([np.ones(tasks), drawn])
    for start in range(0, len(patterns), ROWS_AT_ONCE):
        yield patterns[start : start + ROWS_AT_ONCE]


def _randomisation_ps(
    statistic: Floats, differences: Floats, *, seed: int
) -> tuple[Floats, Floats]:
    """The p of each contrast alone, and within the family.

    Alone it is the share of sign patterns whose |t| is at least the observed one. The family's is
    Romano and Wolf's: each statistic against the maximum over itself and the weaker ones, made
    monotone. Rounding must not decide a tie: hence the small slack.
    """
    weakest_first = np.argsort(-statistic, kind="stable")[::-1]
    bounds = statistic * (1 - 1e-9)
    alone = np.zeros(len(statistic), np.int64)
    largest = np.zeros(len(statistic), np.int64)
    patterns = 0
    for flipped in _flipped_statistics(differences, seed=seed):
        patterns += len(flipped)
        alone += (flipped >= bounds).sum(axis=0)
        over_weaker = np.maximum.accumulate(flipped[:, weakest_first], axis=1)
        largest += (over_weaker >= bounds[weakest_first]).sum(axis=0)
    adjusted = np.empty(len(statistic))
    adjusted[weakest_first[::-1]] = np.maximum.accumulate(largest[::-1] / patterns)
    return alone / patterns, adjusted


def holm(p: Floats) -> Floats:
    """Holm's (1979) adjusted p of a family of tests, in the order given."""
    order = np.argsort(p, kind="stable")
    adjusted = np.empty(len(p))
    factors = len(p) - np.arange(len(p))
    adjusted[order] = np.minimum(np.maximum.accumulate(p[order] * factors), 1.0)
    return adjusted


def _simultaneous_quantile(differences: Floats, *, level: float, seed: int) -> float:
    """The quantile of max |t| when all differences are zero: signs of the centred differences are
    flipped.
    """
    centred = differences - differences.mean(axis=0)
    blocks = []
    for flipped in _flipped_statistics(centred, seed=seed):
        blocks.append(np.where(np.isfinite(flipped), flipped, 0.0).max(axis=1))
    largest = np.concatenate(blocks)
    tasks = len(differences)
    # Centring took a degree of freedom.
    correction = sqrt(tasks / (tasks - 1))
    return float(np.quantile(largest, level, method="higher")) * correction
