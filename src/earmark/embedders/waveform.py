"""Samples of a clip -> one mono waveform at an embedder's rate, and windows over it.

In: Clips. Out: float32 waveforms, full scale 1.0. The level is left as it was recorded. Nothing is scored here.
"""

import numpy as np
from numpy.typing import NDArray

from earmark.audio import samples
from earmark.embedders import EmbeddingError
from earmark.records import Clip

Wave = NDArray[np.float32]

# An embedder's mean over an hour says nothing of any minute in it, and costs a minute of forward passes.
MAX_SECONDS = 600.0


def wave(clip: Clip, *, rate_hz: int) -> Wave:
    """(n,) float32 mono at `rate_hz`: channels averaged, resampled by soxr HQ, level as recorded.

    Raises:
        EmbeddingError: above MAX_SECONDS, or samples that are not finite.
        AudioError: the file is no readable clip.
    """
    if clip.seconds > MAX_SECONDS:
        raise EmbeddingError(
            f"{clip.path}: lasts {clip.seconds:g} s; an embedder hears at most {MAX_SECONDS:g} s; cut it"
        )
    whole, clip_rate_hz = samples(clip)
    if not np.isfinite(whole).all():
        raise EmbeddingError(
            f"{clip.path}: holds samples that are no finite numbers; write finite ones"
        )
    return resampled(whole.mean(axis=1, dtype=np.float32), clip_rate_hz, rate_hz)


def resampled(mono: Wave, from_hz: int, to_hz: int) -> Wave:
    """The same sound at another rate; at least one sample."""
    if from_hz == to_hz:
        return mono
    import soxr  # type: ignore[import-untyped]  # ships no types

    made: Wave = np.asarray(soxr.resample(mono, from_hz, to_hz), dtype=np.float32)
    return made if made.size else mono[:1]


def windows(mono: Wave, *, length: int) -> list[Wave]:
    """Windows of `length` side by side; the last ends where the waveform does: none is short unless all of it is."""
    last = max(len(mono) - length, 0)
    return [mono[start : start + length] for start in [*range(0, last, length), last]]
