"""Facts about the spectrum of a whole clip, between 50 and 8000 Hz.

In: a Sound and ranges. Out: Findings. The spectrum is Welch's mean power: what the clip is like on the whole, not at any moment.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from earmark.checks.sound import RATE_HZ, Finding, Line, Sound, within

LOW_HZ = 300.0
Spec = Mapping[str, Any]


def power(sound: Sound) -> tuple[Line, Line]:
    """Frequencies in Hz and the share of the power at each, within 50..8000 Hz."""
    from scipy.signal import welch

    hz, density = welch(sound.line, RATE_HZ, nperseg=min(1024, len(sound.line)))
    kept = hz >= 50
    share = np.maximum(density[kept], 1e-20)
    return hz[kept], share / share.sum()


def _centroid_hz(sound: Sound) -> float:
    hz, share = power(sound)
    return float((hz * share).sum())


def centroid(sound: Sound, wanted: Sequence[float], _spec: Spec) -> Finding:
    """Mean frequency, weighted by power, in Hz."""
    return within(_centroid_hz(sound), wanted)


def centroid_ratio(sound: Sound, wanted: Sequence[float], _spec: Spec) -> Finding:
    """Centroid of the second half over that of the first: above 1 the sound grows brighter."""
    half = len(sound.line) // 2
    first, second = Sound(sound.line[:half]), Sound(sound.line[half:])
    return within(_centroid_hz(second) / max(_centroid_hz(first), 1.0), wanted)


def bandwidth(sound: Sound, wanted: Sequence[float], _spec: Spec) -> Finding:
    """Standard deviation of frequency around the centroid, weighted by power, in Hz."""
    hz, share = power(sound)
    return within(float(np.sqrt((share * (hz - (hz * share).sum()) ** 2).sum())), wanted)


def flatness(sound: Sound, wanted: Sequence[float], _spec: Spec) -> Finding:
    """Geometric over arithmetic mean of the power: near 1 for white noise, near 0 for a tone."""
    _, share = power(sound)
    return within(float(np.exp(np.mean(np.log(share))) / share.mean()), wanted)


def low_share(sound: Sound, wanted: Sequence[float], _spec: Spec) -> Finding:
    """Share of the power below 300 Hz."""
    hz, share = power(sound)
    return within(float(share[hz < LOW_HZ].sum()), wanted)
