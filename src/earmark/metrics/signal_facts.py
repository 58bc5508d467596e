"""Facts of the signal itself, which depend on the clip alone.

They are facts, not judgements: none of them is better when it is larger.
"""

import numpy as np
from numpy.typing import NDArray

from earmark.audio import samples
from earmark.audio.mixing import one_channel
from earmark.audio.onsets import onset_frames
from earmark.errors import AudioError
from earmark.records import Clip, Scores, Task

FRAME_SECONDS = 0.025
SILENCE_DBFS = -60.0
MAX_SECONDS = 600.0
LEVELS = ("level_dbfs", "peak_dbfs", "clipped_fraction", "dc_offset")
SHAPE = ("silence_share", "centroid_hz", "bandwidth_hz", "onset_count")
NAMES = LEVELS + SHAPE


class Signal:
    """Signal facts of one clip."""

    def score(self, clip: Clip, task: Task) -> Scores:  # noqa: ARG002  # facts depend on the clip alone
        """Each of NAMES, or the reason why it is unscored.

        level_dbfs, peak_dbfs: dB, full scale is 0; clipped_fraction, silence_share: in 0..1;
        dc_offset: in -1..1; centroid_hz, bandwidth_hz: Hz; onset_count: 0 or more.
        """
        try:
            frames, rate_hz = samples(clip)
        except AudioError as error:
            return Scores(unscored=dict.fromkeys(NAMES, str(error)))
        whole = frames[: int(MAX_SECONDS * rate_hz)].astype(np.float64)
        mono = np.asarray(one_channel(whole), np.float64)
        levels = {
            "level_dbfs": decibels(clip.rms),
            "peak_dbfs": decibels(clip.peak),
            "clipped_fraction": clip.clipped_fraction,
            "dc_offset": clip.dc_offset,
        }
        if not np.abs(mono - mono.mean()).max() > 0:
            reason = "its samples must move, they do not"
            return Scores(values=levels, unscored=dict.fromkeys(SHAPE, reason))
        centroid_hz, bandwidth_hz = spectrum_facts(mono, rate_hz)
        shape = {
            "silence_share": silence_share(mono, rate_hz),
            "centroid_hz": centroid_hz,
            "bandwidth_hz": bandwidth_hz,
            "onset_count": float(onset_count(mono, rate_hz)),
        }
        return Scores(values={**levels, **shape})


def decibels(amplitude: float) -> float:
    """20 log10 of an amplitude where full scale is 1; -200 for anything below 1e-10."""
    return float(20 * np.log10(max(amplitude, 1e-10)))


def silence_share(mono: NDArray[np.float64], rate_hz: int) -> float:
    """Share of 25 ms frames of (n,) samples whose RMS about the clip's mean is below -60 dBFS."""
    size = max(1, int(FRAME_SECONDS * rate_hz))
    frames = np.pad(mono - mono.mean(), (0, -len(mono) % size)).reshape(-1, size)
    rms = np.sqrt((frames**2).mean(axis=1))
    return float((rms < 10 ** (SILENCE_DBFS / 20)).mean())


def spectrum_facts(mono: NDArray[np.float64], rate_hz: int) -> tuple[float, float]:
    """Power-weighted mean frequency of (n,) samples less their mean, and its spread, in Hz."""
    power = np.abs(np.fft.rfft(mono - mono.mean())) ** 2
    frequencies = np.fft.rfftfreq(len(mono), 1 / rate_hz)
    if not power.sum() > 0:
        return 0.0, 0.0
    centroid = float((frequencies * power).sum() / power.sum())
    variance = (((frequencies - centroid) ** 2) * power).sum() / power.sum()
    return centroid, float(np.sqrt(variance))


def onset_count(mono: NDArray[np.float64], rate_hz: int) -> int:
    """Onsets of (n,) samples by spectral flux."""
    padded = np.pad(mono, (0, max(0, 2048 - len(mono)))).astype(np.float32)
    return len(onset_frames(padded, rate_hz))
