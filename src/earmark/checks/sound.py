"""A clip as the checks measure it, one channel at 16 kHz, and the finding that a check returns.

16 kHz is the lowest rate that the limits permit, so that a fact about a spectrum means the same for
every clip. What lies above 7.2 kHz is not measured: the filter of a change of rate falls from there
to 8 kHz, so that a clip at 44.1 kHz would differ from the same clip at 16 kHz.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from earmark.audio.mixing import one_channel
from earmark.audio.resampling import resampled
from earmark.checks.detectors import NO_DETECTORS, Detectors

RATE_HZ = 16000
MAX_HZ = 7200.0
MAX_SECONDS = 60.0
MIN_SECONDS = 0.05
FRAME_SECONDS = 0.01
SILENT = 1e-4  # greatest amplitude of a silent clip, full scale 1.0
Floats = NDArray[np.float64]


class Unmeasurable(Exception):  # not an error: the message becomes a reason in `unscored`
    """The clip does not have what the fact is about."""


class NotJudged(Exception):  # nothing is wrong with the clip
    """The fact is left out of the share.

    Its network is not set or not installed, or its value lies outside what the check can measure.
    """


@dataclass(frozen=True)
class Finding:
    """One measured fact: the number, None where there is none, and whether the spec is met."""

    value: float | None
    met: bool
    reason: str = ""


@dataclass(frozen=True, eq=False)  # compared by identity: pitch tracks are cached per sound
class Sound:
    """(n,) samples at RATE_HZ, less their mean, and the networks that may be asked about them."""

    samples: Floats
    detectors: Detectors = NO_DETECTORS

    @property
    def seconds(self) -> float:
        """Length."""
        return len(self.samples) / RATE_HZ

    @cached_property
    def level(self) -> Floats:
        """Root mean square of each 10 ms, full scale 1.0."""
        size = round(FRAME_SECONDS * RATE_HZ)
        frames = self.samples[: len(self.samples) // size * size].reshape(-1, size)
        rms: Floats = np.sqrt(np.mean(frames**2, axis=1))
        return rms

    @cached_property
    def level_db(self) -> Floats:
        """`level` in dB below its own greatest value, cut at -80."""
        decibels: Floats = 20 * np.log10(np.maximum(self.level / self.level.max(), 1e-4))
        return decibels


def sound(
    samples: NDArray[np.floating], rate_hz: int, detectors: Detectors = NO_DETECTORS
) -> Sound:
    """The Sound of (frames, channels) or (frames,) samples at any rate.

    Channels are averaged; where they cancel, the loudest stands for all. At most the first 60 s are
    measured.

    Raises:
        Unmeasurable: samples that are not finite, silent, or shorter than 50 ms.
    """
    frames = np.asarray(samples, np.float64)[: round(MAX_SECONDS * rate_hz)]
    frames = frames[:, None] if frames.ndim == 1 else frames
    if len(frames) < MIN_SECONDS * rate_hz:
        raise Unmeasurable(
            f"the clip must last at least {MIN_SECONDS * 1000:g} ms, it holds {len(frames)} frames"
        )
    if not np.isfinite(frames).all():
        raise Unmeasurable("the clip's samples must be finite, some are not")
    mono = resampled(np.asarray(one_channel(frames), np.float64), rate_hz, RATE_HZ)
    mono = mono - mono.mean()
    if np.abs(mono).max() < SILENT:
        was_cut = len(samples) > len(frames)
        part = f"the first {MAX_SECONDS:g} s, all that is measured," if was_cut else "the clip"
        raise Unmeasurable(f"{part} must not be silent, got silence")
    return Sound(mono, detectors)


def within(value: float, limits: Sequence[float]) -> Finding:
    """A number compared with a range [low, high]."""
    low, high = limits
    return Finding(value, bool(low <= value <= high))
