"""What several samples of a task are worth: pass@k and best-of-k, without bias.

Source: pass@k is the unbiased estimator of Chen et al. (2021, arXiv 2107.03374, eq. 1). Best-of-k
is its analogue for scores: the expected score of the sample that a selector prefers among k drawn
without replacement from n.
"""

from collections.abc import Sequence
from math import comb

import numpy as np


def pass_at_k(samples: int, passed: int, k: int) -> float:
    """Probability that at least one of k samples, drawn without replacement from `samples` of which
    `passed` pass, passes.

    Raises:
        ValueError: k is not within 1..samples, or passed not within 0..samples.
    """
    _require(samples, k)
    if not 0 <= passed <= samples:
        raise ValueError(f"passed must be within 0..{samples}, got {passed}")
    return 1.0 - comb(samples - passed, k) / comb(samples, k)


def best_of_k(selector: Sequence[float], evaluator: Sequence[float], k: int) -> float:
    """Expected `evaluator` score of the sample with the highest `selector` score among k of n, all
    subsets being equally likely.

    Selecting and evaluating by the same numbers rewards luck: give a selector of its own. Samples
    that the selector cannot tell apart are chosen among at random.

    Raises:
        ValueError: sequences of different length, or k not within 1..n.
    """
    count = len(selector)
    if count != len(evaluator):
        raise ValueError(
            f"selector and evaluator must be equally long, got {count} and {len(evaluator)}"
        )
    _require(count, k)
    values, levels = np.asarray(evaluator, float), np.asarray(selector, float)
    expected, below = 0.0, 0
    for level in np.unique(levels):
        tied = levels == level
        up_to = below + int(tied.sum())
        wins = comb(up_to, k) - comb(below, k)
        expected += float(values[tied].mean()) * wins / comb(count, k)
        below = up_to
    return expected


def _require(samples: int, k: int) -> None:
    if not 1 <= k <= samples:
        raise ValueError(f"k must be within 1..{samples}, the number of samples, got {k}")
