"""Facts about voices other than words: voicing, range of pitch, syllables, formants.

f0 by pYIN within 60..600 Hz, formants by linear prediction, syllables by humps of the level of the
band that vowels fill. Where nothing is voiced, Unmeasurable is raised.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from earmark.audio.resampling import resampled
from earmark.checks.pitch import AUDIBLE_DB, track
from earmark.checks.rhythm import smooth_level_db, without_ties
from earmark.checks.sound import (
    FRAME_SECONDS,
    RATE_HZ,
    Finding,
    Floats,
    NotJudged,
    Sound,
    Unmeasurable,
    within,
)
from earmark.tasks.spec import tolerance

MIN_HZ, MAX_HZ = 60.0, 600.0
MIN_VOICED_FRAMES = 5
FORMANT_RATE_HZ = 10000
Spec = Mapping[str, Any]


def voiced_f0_hz(sound: Sound) -> Floats:
    """f0 in Hz of the voiced frames, 10 ms apart, in order.

    Raises:
        Unmeasurable: fewer than five frames are voiced.
    """
    f0_hz = track(sound, MIN_HZ, MAX_HZ)
    voiced: Floats = f0_hz[np.isfinite(f0_hz)]
    if len(voiced) < MIN_VOICED_FRAMES:
        raise Unmeasurable("nothing in the clip is voiced")
    return voiced


def voiced_share(sound: Sound, limits: Sequence[float], _spec: Spec) -> Finding:
    """Share of the frames within 30 dB of the loudest that are voiced."""
    audible = int(np.count_nonzero(sound.level_db > AUDIBLE_DB))
    voiced = int(np.count_nonzero(np.isfinite(track(sound, MIN_HZ, MAX_HZ))))
    return within(voiced / max(1, audible), limits)


def f0_range(sound: Sound, limits: Sequence[float], _spec: Spec) -> Finding:
    """Median f0 of what is voiced, in Hz.

    Raises:
        NotJudged: the range lies outside 60..600 Hz.
    """
    if limits[1] < MIN_HZ or limits[0] > MAX_HZ:
        raise NotJudged(
            f"a voice is measured within {MIN_HZ:g}..{MAX_HZ:g} Hz,"
            f" the spec states {limits[0]:g}..{limits[1]:g} Hz"
        )
    return within(float(np.median(voiced_f0_hz(sound))), limits)


def f0_spread(sound: Sound, limits: Sequence[float], _spec: Spec) -> Finding:
    """Semitones between the tenth and the ninetieth percentile of f0: how lively the voice is."""
    low, high = np.percentile(voiced_f0_hz(sound), [10, 90])
    return within(float(12 * np.log2(high / low)), limits)


def f0_trend(sound: Sound, limits: Sequence[float], _spec: Spec) -> Finding:
    """Semitones by which the last fifth of what is voiced lies above the rest: questions rise."""
    voiced = voiced_f0_hz(sound)
    cut = max(1, len(voiced) // 5)
    return within(float(12 * np.log2(np.median(voiced[-cut:]) / np.median(voiced[:-cut]))), limits)


def syllables(sound: Sound) -> int:
    """Humps of the level between 250 and 2500 Hz that rise 3 dB above the valleys around them."""
    from scipy.signal import butter, find_peaks, sosfiltfilt

    band = sosfiltfilt(butter(2, [250, 2500], "band", fs=RATE_HZ, output="sos"), sound.samples)
    level = np.concatenate([[-60.0], smooth_level_db(Sound(band), 0.1), [-60.0]])
    at, _ = find_peaks(without_ties(level), height=-20, prominence=3, distance=8)
    return len(at)


def syllable_count(sound: Sound, limits: Sequence[float], _spec: Spec) -> Finding:
    """How many syllables."""
    return within(float(syllables(sound)), limits)


def syllable_rate(sound: Sound, limits: Sequence[float], _spec: Spec) -> Finding:
    """Syllables per second of the time from the first sound to the last."""
    audible = np.flatnonzero(sound.level_db > AUDIBLE_DB)
    seconds = (audible[-1] - audible[0]) * FRAME_SECONDS
    return within(syllables(sound) / max(0.1, seconds), limits)


def formant_hz(sound: Sound, count: int) -> Floats:
    """(count,) medians of the first formants over the loud half of the voiced frames.

    Raises:
        Unmeasurable: no voiced frame has that many formants.
    """
    samples = resampled(sound.samples, RATE_HZ, FORMANT_RATE_HZ)
    samples = np.append(samples[0], samples[1:] - 0.97 * samples[:-1])
    size, hop = round(0.04 * FORMANT_RATE_HZ), round(FRAME_SECONDS * FORMANT_RATE_HZ)
    frames = np.lib.stride_tricks.sliding_window_view(samples, size)[::hop]
    voiced = np.isfinite(track(sound, MIN_HZ, MAX_HZ))
    total = min(len(frames), len(voiced), len(sound.level_db))
    chosen = [frames[k] for k in range(total) if voiced[k] and sound.level_db[k] > -12]
    resonances = [row[:count] for row in map(_resonances_hz, chosen) if len(row) >= count]
    if not resonances:
        raise Unmeasurable("nothing voiced in the clip has formants")
    medians: Floats = np.median(np.asarray(resonances), axis=0)
    return medians


def _resonances_hz(frame: Floats) -> list[float]:
    """Frequencies of the poles of a linear prediction of order 10 that are narrower than 500 Hz."""
    dither = 1e-9 * np.sin(np.arange(len(frame)) ** 2)  # linear prediction fails on exact zeros
    poles = np.roots(linear_prediction(frame * np.hamming(len(frame)) + dither, order=10))
    poles = poles[np.imag(poles) > 0]
    hz = np.angle(poles) * FORMANT_RATE_HZ / (2 * np.pi)
    width = -np.log(np.maximum(np.abs(poles), 1e-9)) * FORMANT_RATE_HZ / np.pi
    return sorted(float(f) for f, w in zip(hz, width, strict=True) if 150 < f < 4500 and w < 500)


def linear_prediction(frame: Floats, *, order: int) -> Floats:
    """(order + 1,) coefficients, the first 1, that predict each sample from those before it.

    Source: Burg's method as in Marple 1980; the numbers are librosa's (librosa.lpc).
    """
    coefficients = np.zeros(order + 1)
    coefficients[0] = 1.0
    forward, backward = frame[1:], frame[:-1]
    power = _sum(forward * forward + backward * backward)
    for k in range(order):
        reflection = -2 * _sum(backward * forward) / (power + np.finfo(np.float64).tiny)
        inner = coefficients[1 : k + 2] + reflection * coefficients[k::-1][: k + 1]
        coefficients[1 : k + 2] = inner
        forward, backward = forward + reflection * backward, backward + reflection * forward
        power = (1.0 - reflection**2) * power - backward[-1] ** 2 - forward[0] ** 2
        forward, backward = forward[1:], backward[:-1]
    return coefficients


def _sum(values: Floats) -> float:
    """The sum, with terms added one by one."""
    return float(np.add.accumulate(values)[-1])


def formants(sound: Sound, wanted_hz: Sequence[float], spec: Spec) -> Finding:
    """The greatest distance of a formant from the one wanted, as a share of its frequency."""
    measured = formant_hz(sound, len(wanted_hz))
    error = float(np.max(np.abs(measured / np.asarray(wanted_hz) - 1)))
    return Finding(error, error <= tolerance(spec, "formant_tolerance"))
