"""A clip as one mono float32 waveform at an embedder's rate, and windows over it."""

from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

from earmark.audio import samples
from earmark.audio.mixing import one_channel
from earmark.embedders import EmbeddingError
from earmark.errors import ConfigError
from earmark.records import Clip

Level = Literal["asis", "peak"]
Trim = Literal["none", "silence"]
Wave = NDArray[np.float32]

# An embedder's mean over an hour describes no minute in it, and costs a minute of forward passes.
MAX_SECONDS = 600.0
SILENT_DB = -50.0  # below the peak


@dataclass(frozen=True)
class Preparation:
    """What is done to a clip before it is embedded; a part of every pipeline id.

    level: leave it as it is, or set the peak to full scale.
    trim: leave silence at both ends, or cut it.
    """

    level: Level = "asis"
    trim: Trim = "none"

    def __post_init__(self) -> None:
        for name, value, choices in (
            ("level", self.level, get_args(Level)),
            ("trim", self.trim, get_args(Trim)),
        ):
            if value not in choices:
                raise ConfigError(
                    f"embedder {name}: unknown rule {value!r}; choose from {', '.join(choices)}"
                )

    @property
    def id(self) -> str:
        """The rules, and the version of how channels and overshoots are treated."""
        return f"level={self.level} trim={self.trim} mix=2"

    def apply(self, mono: Wave) -> Wave:
        """The waveform by these rules; a silent one as it is."""
        if self.trim == "silence":
            mono = _without_silence(mono)
        peak = float(np.abs(mono).max(initial=0.0))
        return mono / np.float32(peak) if self.level == "peak" and peak > 0 else mono


AS_IS = Preparation()


def wave(clip: Clip, *, rate_hz: int, preparation: Preparation = AS_IS) -> Wave:
    """(n,) float32 mono at `rate_hz`, resampled by soxr HQ and prepared.

    Samples beyond full scale are clipped, as they would be when played; the clip's own
    `clipped_fraction` marks them. Channels are averaged; where they cancel, the loudest is taken.

    Raises:
        EmbeddingError: above MAX_SECONDS, or samples that are not finite.
        AudioError: the file is not a readable clip.
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
    mono = np.asarray(one_channel(np.clip(frames, -1, 1)), np.float32)
    return resampled(preparation.apply(mono), clip_rate_hz, rate_hz)


def _without_silence(mono: Wave) -> Wave:
    """The waveform from its first loud sample to its last.

    By samples, not frames: a shift of 10 ms against the embedder's patches moves a score as much as
    half a second of silence does.
    """
    level = np.abs(mono)
    loud = np.flatnonzero(level > level.max(initial=0.0) * 10 ** (SILENT_DB / 20))
    return mono[loud[0] : loud[-1] + 1] if len(loud) else mono


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
