"""95 % intervals for set scores, clustered by task: clips of one task are alike."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

CONFIDENCE = 0.95
MIN_CLUSTERS = 5


def student(estimate: float, standard_error: float, clusters: int) -> tuple[float, float]:
    """Symmetric interval (low, high) by Student's t with clusters - 1 degrees of freedom."""
    from scipy.stats import t

    reach = float(t.ppf((1 + CONFIDENCE) / 2, clusters - 1)) * standard_error
    return estimate - reach, estimate + reach


def clustered_error(influences: NDArray[np.floating], clusters: Sequence[str]) -> float:
    """Standard error of a mean whose (n,) influences are independent only between clusters."""
    _, index = np.unique(np.asarray(clusters), return_inverse=True)
    centred = np.asarray(influences, np.float64) - np.mean(influences)
    sums = np.bincount(index, weights=centred)
    count = len(sums)
    return float(np.sqrt(count / (count - 1) * (sums**2).sum()) / len(centred))
