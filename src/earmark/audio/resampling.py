"""A waveform at another rate, by soxr HQ, as long as it lasts."""

import numpy as np
from numpy.typing import NDArray


def resampled(mono: NDArray[np.float64], from_hz: int, to_hz: int) -> NDArray[np.float64]:
    """The same (n,) sound at another rate: its seconds in samples, rounded up."""
    if from_hz == to_hz:
        return mono
    import soxr  # type: ignore[import-untyped]  # ships no types

    count = int(np.ceil(len(mono) * (float(to_hz) / from_hz)))
    made = np.asarray(soxr.resample(mono, from_hz, to_hz, quality="soxr_hq"), np.float64)
    return np.pad(made[:count], (0, max(0, count - len(made))))
