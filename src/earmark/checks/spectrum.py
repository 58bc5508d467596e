"""Facts about the spectrum of a whole clip, between 50 and 7200 Hz, at any rate of the clip.

The spectrum is Welch's mean power: what the clip is like as a whole, not at any moment.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from earmark.checks.sound import MAX_HZ, RATE_HZ, Finding, Floats, Sound, within

MIN_HZ = 50.0
LOW_HZ = 300.0
EMPTY_DB = -60.0  # below the strongest frequency
Spec = Mapping[str, Any]


def power(sound: Sound) -> tuple[Floats, Floats]:
    """Frequencies in Hz and the share of the power at each, within 50..7200 Hz."""
    from scipy.signal import welch

    hz, density = welch(sound.samples, RATE_HZ, nperseg=min(1024, len(sound.samples)))
    kept = (hz >= MIN_HZ) & (hz <= MAX_HZ)
    share = np.maximum(density[kept], 1e-20)
    return hz[kept], share / share.sum()


def _centroid_hz(sound: Sound) -> float:
    hz, share = power(sound)
    return float((hz * share).sum())


def centroid(sound: Sound, limits: Sequence[float], _spec: Spec) -> Finding:
    """Mean frequency, weighted by power, in Hz."""
    return within(_centroid_hz(sound), limits)


def centroid_ratio(sound: Sound, limits: Sequence[float], _spec: Spec) -> Finding:
    """Centroid of the second half over that of the first: above 1 the sound grows brighter."""
    half = len(sound.samples) // 2
    first, second = Sound(sound.samples[:half]), Sound(sound.samples[half:])
    return within(_centroid_hz(second) / max(_centroid_hz(first), 1.0), limits)


def bandwidth(sound: Sound, limits: Sequence[float], _spec: Spec) -> Finding:
    """Standard deviation of frequency around the centroid, weighted by power, in Hz."""
    hz, share = power(sound)
    variance = (share * (hz - (hz * share).sum()) ** 2).sum()
    return within(float(np.sqrt(variance)), limits)


def spectral_flatness(sound: Sound) -> float:
    """Geometric over arithmetic mean of the power: near 1 for white noise, near 0 for a tone.

    Up to the highest frequency that holds sound: above it a recording at 8 kHz, or one that was
    compressed, has nothing, and a mean of logarithms would be decided by how little that is.
    """
    _, share = power(sound)
    held = np.flatnonzero(share > share.max() * 10 ** (EMPTY_DB / 10))
    share = share[: int(held[-1]) + 1]
    return float(np.exp(np.mean(np.log(share))) / share.mean())


def flatness(sound: Sound, limits: Sequence[float], _spec: Spec) -> Finding:
    """`spectral_flatness`."""
    return within(spectral_flatness(sound), limits)


def low_share(sound: Sound, limits: Sequence[float], _spec: Spec) -> Finding:
    """Share of the power below 300 Hz."""
    hz, share = power(sound)
    return within(float(share[hz < LOW_HZ].sum()), limits)
