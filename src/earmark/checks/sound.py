"""What the checks hear: samples at any rate -> one channel at 16 kHz; and the finding that every check returns.

In: (frames, channels) samples, full scale 1.0. Out: a Sound. 16 kHz is the lowest rate that the contract permits, so that a fact about a
spectrum means the same for every clip; what lies above 8 kHz is not looked at.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from earmark.checks.recognisers import ALONE, Ears

RATE_HZ = 16000
MAX_SECONDS = 60.0
FRAME_SECONDS = 0.01
Line = NDArray[np.float64]


class Unmeasurable(
    Exception
):  # no mistake of anybody's: the sound has no such property, and the text says why
    """The clip does not have what the fact is about."""


class Unequipped(Exception):  # nothing is wrong with the clip: a package is not installed here
    """The fact cannot be judged on this machine."""


@dataclass(frozen=True)
class Finding:
    """One fact held against a clip: the number measured, None where there is none, and whether the fact is met."""

    value: float | None
    met: bool
    reason: str = ""


@dataclass(
    frozen=True, eq=False
)  # known by identity: arrays have no one truth, and tracks are remembered per sound
class Sound:
    """One channel at RATE_HZ, without its mean; `ears` are who else may listen to it."""

    line: Line
    ears: Ears = ALONE

    @property
    def seconds(self) -> float:
        """Length."""
        return len(self.line) / RATE_HZ

    @cached_property
    def level(self) -> Line:
        """Root mean square of each 10 ms, full scale 1.0."""
        size = round(FRAME_SECONDS * RATE_HZ)
        whole = self.line[: len(self.line) // size * size].reshape(-1, size)
        rms: Line = np.sqrt(np.mean(whole**2, axis=1))
        return rms

    @cached_property
    def level_db(self) -> Line:
        """`level` in dB below its own greatest value, cut at -80."""
        decibels: Line = 20 * np.log10(np.maximum(self.level / self.level.max(), 1e-4))
        return decibels


def sound(samples: NDArray[np.floating], rate_hz: int, ears: Ears = ALONE) -> Sound:
    """The Sound of (frames, channels) samples.

    Channels are averaged; where they cancel, the loudest stands for all. At most the first 60 s are heard.

    Raises:
        Unmeasurable: samples that are not finite, silent, or shorter than 50 ms.
    """
    frames = np.asarray(samples, np.float64)[: round(MAX_SECONDS * rate_hz)]
    frames = frames[:, None] if frames.ndim == 1 else frames
    if len(frames) < 0.05 * rate_hz:
        raise Unmeasurable(
            f"the clip holds {len(frames)} frames, less than the 50 ms that any fact needs"
        )
    if not np.isfinite(frames).all():
        raise Unmeasurable("the clip holds samples that are not finite")
    line = _at_rate(_one_channel(frames), rate_hz)
    line = line - line.mean()
    if np.abs(line).max() < 1e-4:
        cut = len(samples) > len(frames)
        raise Unmeasurable(
            f"the first {MAX_SECONDS:g} s are silent, and no more is heard"
            if cut
            else "the clip is silent"
        )
    return Sound(line, ears)


def within(value: float, wanted: Sequence[float]) -> Finding:
    """A number held against a range [low, high]."""
    low, high = wanted
    return Finding(value, bool(low <= value <= high))


def _one_channel(frames: Line) -> Line:
    mixed: Line = frames.mean(axis=1)
    energy = (frames**2).mean(axis=0)
    loudest: Line = frames[:, int(energy.argmax())]
    return mixed if np.mean(mixed**2) > 0.05 * energy.max() else loudest


def _at_rate(line: Line, rate_hz: int) -> Line:
    if rate_hz == RATE_HZ:
        return line
    import librosa

    made: Line = librosa.resample(line, orig_sr=rate_hz, target_sr=RATE_HZ, res_type="soxr_hq")
    return made
