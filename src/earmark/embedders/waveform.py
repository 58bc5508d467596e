"""A clip as one mono float32 waveform at an embedder's rate, and windows over it."""

import numpy as np
from numpy.typing import NDArray

from earmark.audio import samples
from earmark.embedders import EmbeddingError
from earmark.records import Clip

Wave = NDArray[np.float32]

# An embedder's mean over an hour describes no minute in it, and costs a minute of forward passes.
MAX_SECONDS = 600.0


def wave(clip: Clip, *, rate_hz: int) -> Wave:
    """(n,) float32 mono at `rate_hz`: channels averaged, resampled by soxr HQ, level unchanged.

    Raises:
        EmbeddingError: above MAX_SECONDS, or samples that are not finite.
        AudioError: the file is no readable clip.
    """
    if clip.seconds > MAX_SECONDS:
        raise EmbeddingError(
            f"{clip.path}: must last at most {MAX_SECONDS:g} s to be embedded,"
            f" lasts {clip.seconds:g} s; cut it"
        )
    frames, clip_rate_hz = samples(clip)
    if not np.isfinite(frames).all():
        raise EmbeddingError(
            f"{clip.path}: samples must be finite numbers, some are not; write finite ones"
        )
    return resampled(frames.mean(axis=1, dtype=np.float32), clip_rate_hz, rate_hz)


def resampled(mono: Wave, from_hz: int, to_hz: int) -> Wave:
    """The same sound at another rate; at least one sample."""
    if from_hz == to_hz:
        return mono
    import soxr  # type: ignore[import-untyped]  # ships no types

    other: Wave = np.asarray(soxr.resample(mono, from_hz, to_hz), dtype=np.float32)
    return other if other.size else mono[:1]


def padded(mono: Wave, seconds: float, rate_hz: int) -> Wave:
    """The waveform, with silence after it up to `seconds`."""
    return np.pad(mono, (0, max(0, round(seconds * rate_hz) - len(mono))))


def windows(mono: Wave, *, length: int) -> list[Wave]:
    """Windows of `length` side by side; the last ends with the waveform.

    A window is short only where the whole waveform is.
    """
    last = max(len(mono) - length, 0)
    return [mono[start : start + length] for start in [*range(0, last, length), last]]
