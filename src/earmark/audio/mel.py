"""Levels of a sound in mel bands, in its own precision.

The numbers are librosa's (stft, filters.mel, power_to_db), to the last bit. Bands are those of
Slaney's Auditory Toolbox, of equal area.
"""

from functools import cache

import numpy as np
from numpy.typing import NDArray

FLOOR = 1e-10  # of a power
RANGE_DB = 80.0  # below the loudest: what lies further down is cut
FRAMES_AT_ONCE = 256
# Slaney's scale: three bands to 200 Hz below 1 kHz, 27 to each factor of 6.4 above.
LINEAR_HZ, BREAK_HZ = 200.0 / 3, 1000.0
LOG_STEP = np.log(6.4) / 27.0

Floats = NDArray[np.floating]


def mel_levels_db(mono: Floats, rate_hz: int, *, size: int, hop: int, bands: int) -> Floats:
    """(bands, frames) in dB of (n,) samples, in frames of `size` samples, `hop` apart."""
    power = power_spectrum(mono, size=size, hop=hop)
    filters = mel_filters(rate_hz, size, bands)
    banded = np.einsum("...ft,mf->...mt", power, filters, optimize=True)
    levels: Floats = 10.0 * np.log10(np.maximum(FLOOR, banded))
    return levels


def power_spectrum(mono: Floats, *, size: int, hop: int) -> Floats:
    """(size // 2 + 1, frames) of the centred frames of (n,) samples, in their precision."""
    window = hann(size)
    padded = np.pad(mono, size // 2)
    frames = np.lib.stride_tricks.sliding_window_view(padded, size)[::hop]
    kind = np.complex64 if mono.dtype == np.float32 else np.complex128
    bins = np.empty((size // 2 + 1, len(frames)), kind, order="F")
    for first in range(0, len(frames), FRAMES_AT_ONCE):
        part = slice(first, first + FRAMES_AT_ONCE)
        bins[:, part] = np.fft.rfft(frames[part] * window).T
    power: Floats = np.abs(bins) ** 2.0
    return power


def hann(size: int) -> NDArray[np.float64]:
    """(size,) periodic Hann window: scipy's, to the last bit, without a second of imports."""
    return np.asarray(0.5 + 0.5 * np.cos(np.linspace(-np.pi, np.pi, size + 1)[:-1]))


@cache
def mel_filters(rate_hz: int, size: int, bands: int) -> NDArray[np.float32]:
    """(bands, size // 2 + 1) triangles of equal area from 0 to half the rate."""
    top = _mel_of(rate_hz / 2)
    edges = _hz_of(np.linspace(0.0, top, bands + 2))
    slopes, widths = np.subtract.outer(edges, np.fft.rfftfreq(size, 1 / rate_hz)), np.diff(edges)
    filters = np.zeros((bands, size // 2 + 1), np.float32)
    for k in range(bands):
        rising, falling = -slopes[k] / widths[k], slopes[k + 2] / widths[k + 1]
        filters[k] = np.maximum(0, np.minimum(rising, falling))
    filters *= (2.0 / (edges[2:] - edges[:-2]))[:, None]
    return filters


def _mel_of(hz: float) -> float:
    if hz < BREAK_HZ:
        return hz / LINEAR_HZ
    return float(BREAK_HZ / LINEAR_HZ + np.log(hz / BREAK_HZ) / LOG_STEP)


def _hz_of(mels: NDArray[np.float64]) -> NDArray[np.float64]:
    hz = LINEAR_HZ * mels
    above = mels >= BREAK_HZ / LINEAR_HZ
    hz[above] = BREAK_HZ * np.exp(LOG_STEP * (mels[above] - BREAK_HZ / LINEAR_HZ))
    return hz
