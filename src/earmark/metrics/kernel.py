"""Kernel audio distance (KAD): the unbiased squared maximum mean discrepancy, for small sets.

It may be slightly negative where the sets are alike: its mean over samples is exactly the distance.
The bandwidth comes from the reference alone, so that values against one reference can be compared.

Source: Gretton et al. 2012, eq. 3; Chung et al. 2025 for its use on audio. No factor is applied.
"""

import numpy as np
from numpy.typing import NDArray

from earmark.errors import ConfigError

Floats = NDArray[np.float64]


def bandwidth(reference: NDArray[np.floating]) -> float:
    """The median distance between different rows of the reference (m, k).

    Raises:
        ConfigError: the median is 0.
    """
    square = _square_distances(reference, reference)
    median = float(np.sqrt(np.median(square[np.triu_indices(len(square), 1)])))
    if not median > 0:
        raise ConfigError(
            f"the reference's {len(square)} rows must differ, most are equal; add other recordings"
        )
    return median


def kad(
    candidates: NDArray[np.floating], reference: NDArray[np.floating], *, sigma: float
) -> tuple[float, Floats]:
    """Unbiased squared MMD with the kernel exp(-|x - y|² / 2 sigma²).

    Args:
        candidates: (n, k) rows, n at least 2.
        reference: (m, k) rows, m at least 2.
        sigma: the bandwidth, in the unit of the rows.

    Returns:
        The value, and the (n,) influences of the candidates on it. Less their mean, they give the
        error of the value at this fixed reference.

    Raises:
        ConfigError: fewer than two rows on either side.
    """
    if min(len(candidates), len(reference)) < 2:
        raise ConfigError(
            "both sets must have at least 2 rows,"
            f" got {len(candidates)} and {len(reference)}; add clips"
        )
    pairs = ((candidates, candidates), (candidates, reference), (reference, reference))
    within, across, other = (np.exp(-_square_distances(x, y) / (2 * sigma**2)) for x, y in pairs)
    n, m = across.shape
    to_own = (within.sum(axis=1) - np.diag(within)) / (n - 1)
    to_reference = across.mean(axis=1)
    of_reference = (other.sum() - np.trace(other)) / (m * (m - 1))
    value = to_own.mean() - 2 * to_reference.mean() + of_reference
    return float(value), 2 * (to_own - to_reference)


def between(kernel: Floats, left: NDArray[np.intp], right: NDArray[np.intp]) -> float:
    """`kad` between two choices of rows, by index, from the kernel matrix of all rows."""
    within, other = kernel[np.ix_(left, left)], kernel[np.ix_(right, right)]
    n, m = len(left), len(right)
    of_left = (within.sum() - np.trace(within)) / (n * (n - 1))
    of_right = (other.sum() - np.trace(other)) / (m * (m - 1))
    return float(of_left + of_right - 2 * kernel[np.ix_(left, right)].mean())


def kernel_matrix(rows: NDArray[np.floating], *, sigma: float) -> Floats:
    """(n, n) values of the kernel between the rows (n, k)."""
    kernel: Floats = np.exp(-_square_distances(rows, rows) / (2 * sigma**2))
    return kernel


def _square_distances(x: NDArray[np.floating], y: NDArray[np.floating]) -> Floats:
    x, y = np.asarray(x, np.float64), np.asarray(y, np.float64)
    square: Floats = (x * x).sum(axis=1)[:, None] + (y * y).sum(axis=1) - 2 * x @ y.T
    return square.clip(min=0)
