"""FAD-inf and per-clip FAD as fadtk and kadtk define them, for two folders of sounds.

FAD-inf is the intercept of a line through FAD over 1/n, fitted to random draws of n candidates
against the whole reference, for STEPS sizes from MIN_CLIPS to all. The toolkits draw with
replacement; Chong and Forsyth (2020) draw without, which removes much more of the bias (see
docs/scoring.md). Both are given. Per-clip FAD is the distance of one clip's frames from all frames
of the reference.

Sources: Gui, Gamper, Braun and Emmanouilidou 2024 (fadtk); Chong and Forsyth 2020, eq. 4.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from earmark.metrics.frechet import Gaussian

STEPS = 25
MIN_CLIPS = 500  # the toolkits' least; fewer clips than columns do not follow the line
Floats = NDArray[np.floating]


@dataclass(frozen=True, slots=True)
class FadInf:
    """The intercept, the slope over 1/n, and how well the line fits (R²)."""

    value: float
    slope: float
    r2: float


def fad_inf(
    candidates: Floats, reference: Gaussian, *, replace: bool, least: int = MIN_CLIPS, seed: int = 0
) -> FadInf | str:
    """FAD extrapolated to infinitely many candidates (n, k), or the reason why it cannot be.

    Args:
        candidates: (n, k) rows.
        reference: of all reference rows.
        replace: draw with replacement, as the toolkits do.
        least: the smallest size.
        seed: of the draws.
    """
    if len(candidates) <= least:
        return f"fad_inf needs more than {least} clips, got {len(candidates)}"
    rng = np.random.default_rng(seed)
    sizes = np.linspace(least, len(candidates), STEPS).astype(int)
    distances = []
    for n in sizes:
        drawn = candidates[rng.choice(len(candidates), size=n, replace=replace)]
        distances.append(Gaussian.of(drawn).distance(reference))
    return line(sizes, np.array(distances))


def line(sizes: NDArray[np.int_], distances: NDArray[np.float64]) -> FadInf:
    """Least squares of distances (s,) on 1 / sizes (s,)."""
    inverse = 1 / sizes
    slope, intercept = np.polyfit(inverse, distances, 1)
    left = distances - (slope * inverse + intercept)
    spread = float(((distances - distances.mean()) ** 2).sum())
    r2 = 1 - float((left**2).sum()) / spread if spread > 0 else 1.0
    return FadInf(float(intercept), float(slope), r2)


def per_clip_fad(frames: Floats, reference: Gaussian) -> float | str:
    """Distance of one clip's frames (p, k) from the reference's, or the reason for none."""
    if len(frames) < 2:
        return f"per-clip FAD needs at least 2 frames of a clip, got {len(frames)}"
    return Gaussian.of(frames).distance(reference)
