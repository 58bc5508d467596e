"""Facts about voices, short of words: voicing, range of pitch, syllables, formants.

In: a Sound and ranges. Out: Findings. f0 by pYIN within 60..600 Hz, formants by linear prediction, syllables by humps of the level of the
band that vowels fill. It raises Unmeasurable where nothing is voiced.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from earmark.audio.warm_up import librosa_ready
from earmark.checks.pitch import AUDIBLE_DB, track
from earmark.checks.rhythm import smooth_level_db
from earmark.checks.sound import RATE_HZ, Finding, Line, Sound, Unmeasurable, within
from earmark.tasks.spec import tolerance

LOWEST_HZ, HIGHEST_HZ = 60.0, 600.0
FORMANT_RATE_HZ = 10000
Spec = Mapping[str, Any]


def voiced_f0_hz(sound: Sound) -> Line:
    """f0 in Hz of the voiced frames, 10 ms apart, in order. Raises Unmeasurable for fewer than five."""
    line = track(sound, LOWEST_HZ, HIGHEST_HZ)
    voiced: Line = line[np.isfinite(line)]
    if len(voiced) < 5:
        raise Unmeasurable("nothing voiced is heard")
    return voiced


def share_voiced(sound: Sound) -> float:
    """Share of the frames within 30 dB of the loudest that are voiced."""
    heard = int(np.count_nonzero(sound.level_db > AUDIBLE_DB))
    return int(np.count_nonzero(np.isfinite(track(sound, LOWEST_HZ, HIGHEST_HZ)))) / max(1, heard)


def voiced_share(sound: Sound, wanted: Sequence[float], _spec: Spec) -> Finding:
    """Share of the frames within 30 dB of the loudest that are voiced."""
    return within(share_voiced(sound), wanted)


def f0_range(sound: Sound, wanted: Sequence[float], _spec: Spec) -> Finding:
    """Median f0 of what is voiced, in Hz."""
    return within(float(np.median(voiced_f0_hz(sound))), wanted)


def f0_spread(sound: Sound, wanted: Sequence[float], _spec: Spec) -> Finding:
    """Semitones between the tenth and the ninetieth percentile of f0: how lively the voice is."""
    low, high = np.percentile(voiced_f0_hz(sound), [10, 90])
    return within(float(12 * np.log2(high / low)), wanted)


def f0_trend(sound: Sound, wanted: Sequence[float], _spec: Spec) -> Finding:
    """Semitones by which the last fifth of what is voiced lies above the rest: questions rise."""
    voiced = voiced_f0_hz(sound)
    cut = max(1, len(voiced) // 5)
    return within(float(12 * np.log2(np.median(voiced[-cut:]) / np.median(voiced[:-cut]))), wanted)


def syllables(sound: Sound) -> int:
    """Humps of the level between 250 and 2500 Hz that rise 3 dB above the valleys around them."""
    from scipy.signal import butter, find_peaks, sosfiltfilt

    band = sosfiltfilt(butter(2, [250, 2500], "band", fs=RATE_HZ, output="sos"), sound.line)
    level = np.concatenate([[-60.0], smooth_level_db(Sound(band), 0.1), [-60.0]])
    at, _ = find_peaks(level, height=-20, prominence=3, distance=8)
    return len(at)


def syllable_count(sound: Sound, wanted: Sequence[float], _spec: Spec) -> Finding:
    """How many syllables."""
    return within(float(syllables(sound)), wanted)


def syllable_rate(sound: Sound, wanted: Sequence[float], _spec: Spec) -> Finding:
    """Syllables per second of the time from the first sound to the last."""
    heard = np.flatnonzero(sound.level_db > AUDIBLE_DB)
    return within(syllables(sound) / max(0.1, (heard[-1] - heard[0]) / 100), wanted)


def formant_hz(sound: Sound, count: int) -> Line:
    """Medians of the first `count` formants over the loud half of the voiced frames."""
    import librosa

    line = librosa.resample(
        sound.line, orig_sr=RATE_HZ, target_sr=FORMANT_RATE_HZ, res_type="soxr_hq"
    )
    line = np.append(line[0], line[1:] - 0.97 * line[:-1])
    size, hop = round(0.04 * FORMANT_RATE_HZ), round(0.01 * FORMANT_RATE_HZ)
    frames = np.lib.stride_tricks.sliding_window_view(line, size)[::hop]
    voiced = np.isfinite(track(sound, LOWEST_HZ, HIGHEST_HZ))
    many = min(len(frames), len(voiced), len(sound.level_db))
    chosen = [frames[k] for k in range(many) if voiced[k] and sound.level_db[k] > -12]
    found = [row[:count] for row in map(_resonances_hz, chosen) if len(row) >= count]
    if not found:
        raise Unmeasurable("nothing voiced is heard that has formants")
    medians: Line = np.median(np.asarray(found), axis=0)
    return medians


def _resonances_hz(frame: Line) -> list[float]:
    """Frequencies of the poles of a linear prediction of order 10 that are narrower than 500 Hz."""
    import librosa

    librosa_ready()
    poles = np.roots(
        librosa.lpc(
            frame * np.hamming(len(frame)) + 1e-9 * np.sin(np.arange(len(frame)) ** 2), order=10
        )
    )
    poles = poles[np.imag(poles) > 0]
    hz = np.angle(poles) * FORMANT_RATE_HZ / (2 * np.pi)
    width = -np.log(np.maximum(np.abs(poles), 1e-9)) * FORMANT_RATE_HZ / np.pi
    return sorted(float(f) for f, w in zip(hz, width, strict=True) if 150 < f < 4500 and w < 500)


def formants(sound: Sound, wanted: Sequence[float], spec: Spec) -> Finding:
    """The greatest distance of a formant from the one asked for, as a share of its frequency."""
    heard = formant_hz(sound, len(wanted))
    error = float(np.max(np.abs(heard / np.asarray(wanted) - 1)))
    return Finding(error, error <= tolerance(spec, "formant_tolerance"))
