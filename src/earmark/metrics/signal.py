"""Facts of the signal itself: what can be said of a clip without asking anyone what it sounds like.

In: a Clip. Out: level_dbfs, peak_dbfs, clipped_fraction, dc_offset, silence_share in 0..1, centroid_hz, bandwidth_hz, onset_count.
Facts, not judgements: none of them is better when it is larger.
"""

import numpy as np
from numpy.typing import NDArray

from earmark.audio import samples
from earmark.audio.warm_up import librosa_ready
from earmark.errors import AudioError
from earmark.records import Clip, Scores, Task

FRAME_SECONDS = 0.025
SILENCE_DBFS = -60.0
MAX_SECONDS = 600.0
NAMES = (
    "level_dbfs",
    "peak_dbfs",
    "clipped_fraction",
    "dc_offset",
    "silence_share",
    "centroid_hz",
    "bandwidth_hz",
    "onset_count",
)


class Signal:
    """Signal facts of one clip."""

    def score(self, clip: Clip, task: Task) -> Scores:  # facts do not depend on what was asked
        """The facts, or for each the reason why it cannot be given."""
        try:
            whole, rate_hz = samples(clip)
        except AudioError as error:
            return Scores(unscored=dict.fromkeys(NAMES, str(error)))
        mono = whole.mean(axis=1, dtype=np.float64)[: int(MAX_SECONDS * rate_hz)]
        levels = {
            "level_dbfs": decibels(clip.rms),
            "peak_dbfs": decibels(clip.peak),
            "clipped_fraction": clip.clipped_fraction,
            "dc_offset": clip.dc_offset,
        }
        if not np.abs(mono - mono.mean()).max() > 0:
            reason = "its channels cancel each other: the mix of them holds no movement"
            return Scores(values=levels, unscored=dict.fromkeys(NAMES[4:], reason))
        centroid_hz, bandwidth_hz = spectrum_facts(mono, rate_hz)
        shape = {
            "silence_share": silence_share(mono, rate_hz),
            "centroid_hz": centroid_hz,
            "bandwidth_hz": bandwidth_hz,
        }
        return Scores(values={**levels, **shape, "onset_count": float(onset_count(mono, rate_hz))})


def decibels(amplitude: float) -> float:
    """20 log10 of an amplitude where full scale is 1; -200 for anything below."""
    return float(20 * np.log10(max(amplitude, 1e-10)))


def silence_share(mono: NDArray[np.float64], rate_hz: int) -> float:
    """Share of 25 ms frames of (n,) samples whose RMS about the clip's mean is below -60 dBFS."""
    size = max(1, int(FRAME_SECONDS * rate_hz))
    whole = np.pad(mono - mono.mean(), (0, -len(mono) % size)).reshape(-1, size)
    return float((np.sqrt((whole**2).mean(axis=1)) < 10 ** (SILENCE_DBFS / 20)).mean())


def spectrum_facts(mono: NDArray[np.float64], rate_hz: int) -> tuple[float, float]:
    """Power-weighted mean frequency and standard deviation about it, in Hz, of the whole clip less its mean."""
    power = np.abs(np.fft.rfft(mono - mono.mean())) ** 2
    frequencies = np.fft.rfftfreq(len(mono), 1 / rate_hz)
    if not power.sum() > 0:
        return 0.0, 0.0
    centroid = float((frequencies * power).sum() / power.sum())
    return centroid, float(np.sqrt((((frequencies - centroid) ** 2) * power).sum() / power.sum()))


def onset_count(mono: NDArray[np.float64], rate_hz: int) -> int:
    """Onsets that librosa's spectral-flux detector finds."""
    from librosa.onset import onset_detect

    librosa_ready()
    return len(
        onset_detect(y=np.pad(mono, (0, max(0, 2048 - len(mono)))).astype(np.float32), sr=rate_hz)
    )
