"""Onsets by spectral flux: where the spectrum of a sound rises, and which of these rises are peaks.

The numbers are librosa's (onset_strength, onset_detect), to the last bit; its import compiles for
seconds and cannot be shared by processes that start at once.

Source: Böck and Widmer 2013 for the flux with a maximum filter; Böck, Krebs and Schedl 2012 for
the peaks.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from earmark.audio.mel import RANGE_DB, Floats, mel_levels_db

BANDS = 128


@dataclass(frozen=True)
class PeakRule:
    """Which frames are peaks: the greatest of a neighbourhood, and well above its mean.

    Counts of frames before and after a frame (`after` counts the frame itself) over which it must
    be the greatest (`max_`) and exceed the mean (`mean_`) by `delta`; after a peak the next `wait`
    frames are none.
    """

    max_before: int
    max_after: int
    mean_before: int
    mean_after: int
    delta: float
    wait: int


def peak_rule(rate_hz: int, hop: int, *, delta: float = 0.07) -> PeakRule:
    """Librosa's rule for music: the greatest of the last 30 ms, above the mean of 200 ms."""
    short, long = (int(np.ceil(seconds * rate_hz // hop)) for seconds in (0.03, 0.1))
    return PeakRule(short, 1, long, long + 1, delta, short)


def onset_frames(mono: Floats, rate_hz: int) -> NDArray[np.intp]:
    """Frames, 512 samples apart, in which something starts in (n,) samples."""
    flux = onset_strength(mono, rate_hz, size=2048, hop=512)
    flux = flux - flux.min()
    flux /= flux.max() + np.finfo(flux.dtype).tiny
    if not flux.any() or not np.isfinite(flux).all():
        return np.array([], dtype=np.intp)
    return peaks(flux, peak_rule(rate_hz, 512))


def onset_strength(
    mono: Floats,
    rate_hz: int,
    *,
    size: int,
    hop: int,
    lag: int = 1,
    widest: int = 1,
    range_db: float = RANGE_DB,
) -> Floats:
    """(frames,) mean rise of the mel bands over `lag` frames, in dB, 0 or more.

    Args:
        mono: (n,) samples.
        rate_hz: their rate.
        size: samples in a frame.
        hop: samples between two frames.
        lag: frames between the two that are compared.
        widest: bands over which the greatest of the earlier frame is taken, against vibrato.
        range_db: what is further below the loudest counts as silence.
    """
    from scipy.ndimage import maximum_filter1d

    level = mel_levels_db(mono, rate_hz, size=size, hop=hop, bands=BANDS)
    level = np.maximum(level, level.max() - range_db)
    before = level if widest == 1 else maximum_filter1d(level, widest, axis=0)
    rise = np.maximum(0.0, level[:, lag:] - before[:, :-lag]).mean(axis=0)
    padded = np.pad(rise, (lag + size // (2 * hop), 0))
    strength: Floats = padded[: level.shape[1]]
    return strength


def peaks(curve: Floats, rule: PeakRule) -> NDArray[np.intp]:
    """The peaks of a curve (n,) by a rule, ascending."""
    delta, found, at = np.float32(rule.delta), [], 0
    while at < len(curve):
        around = curve[max(0, at - rule.max_before) : at + rule.max_after]
        is_peak = curve[at] == around.max()
        if is_peak:
            near = curve[max(0, at - rule.mean_before) : at + rule.mean_after]
            is_peak = curve[at] >= _mean(near) + delta
        if is_peak:
            found.append(at)
        at += rule.wait + 1 if is_peak else 1
    return np.array(found, dtype=np.intp)


def _mean(values: Floats) -> np.float64:
    """The mean with terms added one by one, in their own precision."""
    return np.float64(np.add.accumulate(values)[-1]) / len(values)
