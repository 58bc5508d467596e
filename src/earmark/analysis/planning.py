"""How large a sweep must be: power of the paired comparison, and the tasks and samples that decide
a difference.

Source: the power of the paired t test by the noncentral t distribution (Cohen 1988, section 2.3;
Lehmann and Romano 2005, section 5.2), with the variance of a task's difference split into
interaction and chance (see `variance`).
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from math import sqrt

import numpy as np
from numpy.typing import NDArray
from scipy.special import chdtri, ndtr, stdtrit

from earmark.analysis.variance import Components

Floats = NDArray[np.float64]
ALPHA = 0.05
POWER = 0.8
MAX_TASKS = 100_000


@dataclass(frozen=True, slots=True)
class Size:
    """So many tasks and samples per task, and the power they give."""

    tasks: int
    samples: int
    power: float


def power(
    delta: float, components: Components, *, tasks: int, samples: int, alpha: float = ALPHA
) -> float:
    """Probability that a true difference `delta` (in units of the score) of two runs is found,
    two-sided at `alpha`.

    Raises:
        ValueError: delta is not above 0, or there are fewer than 2 tasks or 1 sample.
    """
    if delta <= 0 or tasks < 2 or samples < 1:
        raise ValueError(
            f"power needs delta > 0, tasks >= 2 and samples >= 1, got {delta}, {tasks}, {samples}"
        )
    variance = components.paired_variance(samples)
    if variance == 0:
        return 1.0
    shift = delta / sqrt(variance / tasks)
    freedom = tasks - 1
    quantile = float(stdtrit(freedom, 1 - alpha / 2))
    spreads, weights = _spread_nodes(freedom)
    exceeds = ndtr(shift - quantile * spreads) + ndtr(-shift - quantile * spreads)
    return min(1.0, float(weights @ exceeds))


@lru_cache(maxsize=4096)
def _spread_nodes(freedom: int) -> tuple[Floats, Floats]:
    """Nodes and weights of the estimated over the true standard error, sqrt(chi2 / freedom).

    The noncentral t tail is the mean of a normal tail over them. scipy's own nctdtr gives NaN for
    large shifts, and its nct takes a hundred times as long. The trapezoid rule on the normal scale
    is exact to 1e-9 here.
    """
    z = np.linspace(-8.0, 8.0, 161)
    weights = np.exp(-(z**2) / 2) / np.sqrt(2 * np.pi) * (z[1] - z[0])
    return np.sqrt(chdtri(freedom, ndtr(-z)) / freedom), weights


def tasks_needed(
    delta: float,
    components: Components,
    *,
    samples: int,
    alpha: float = ALPHA,
    target: float = POWER,
) -> Size | None:
    """The fewest tasks that give the target power with `samples` samples each; None where MAX_TASKS
    are not enough.
    """

    def enough(tasks: int) -> bool:
        return power(delta, components, tasks=tasks, samples=samples, alpha=alpha) >= target

    low, high = 1, 2
    while not enough(high):
        low, high = high, high * 2
        if high > MAX_TASKS:
            return None
    tasks = _smallest(enough, low, high)
    reached = power(delta, components, tasks=tasks, samples=samples, alpha=alpha)
    return Size(tasks, samples, reached)


def samples_needed(
    delta: float,
    components: Components,
    *,
    tasks: int,
    alpha: float = ALPHA,
    target: float = POWER,
    max_samples: int = 1000,
) -> Size | None:
    """The fewest samples per task that give the target power on `tasks` tasks; None where more
    samples cannot: tasks are too few.
    """

    def reached(samples: int) -> float:
        return power(delta, components, tasks=tasks, samples=samples, alpha=alpha)

    if reached(max_samples) < target:
        return None
    samples = _smallest(lambda count: reached(count) >= target, 0, max_samples)
    return Size(tasks, samples, reached(samples))


def _smallest(enough: Callable[[int], bool], low: int, high: int) -> int:
    """The smallest integer above low and up to high that is enough; high must be."""
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if enough(middle) else (middle, high)
    return high


def detectable(
    components: Components,
    *,
    tasks: int,
    samples: int,
    alpha: float = ALPHA,
    target: float = POWER,
) -> float:
    """The smallest difference, in units of the score, that is found with the target power; 0 where
    nothing varies.
    """
    if components.paired_variance(samples) == 0:
        return 0.0
    low, high = 0.0, sqrt(components.paired_variance(samples))
    while power(high, components, tasks=tasks, samples=samples, alpha=alpha) < target:
        low, high = high, high * 2
    for _ in range(60):
        middle = (low + high) / 2
        if power(middle, components, tasks=tasks, samples=samples, alpha=alpha) < target:
            low = middle
        else:
            high = middle
    return high
