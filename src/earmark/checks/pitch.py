"""Facts about pitch: f0, chords, melodies, glides, vibrato, partials.

In: a Sound and what the spec wants. Out: Findings. f0 is librosa's pYIN in quarters of a semitone, settled and, where the pitch stands
still, sharpened by its partials. It raises Unmeasurable where no pitch can be heard.
"""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from earmark.audio.warm_up import librosa_ready
from earmark.checks.partials import HIGHEST_HZ, LOWEST_HZ, Spectrum, settled_f0_hz, sharpened_f0_hz
from earmark.checks.sound import RATE_HZ, Finding, Line, Sound, Unmeasurable, within
from earmark.tasks.spec import tolerance

HOP = 160
STEP_SEMITONES = (
    0.25  # the time of the search grows with its square; partials give the rest of the precision
)
MOVING_CENTS = 18.0  # a vibrato has no one spectral peak: its mean stands
QUICK_LOWEST_HZ = (
    60.0  # the window is half as long from here up: the other averages a swing of 8 Hz away
)
STILL_SHARE = (
    0.6  # of the pitched frames, near the median; some frames of a steady note are an octave off
)
AUDIBLE_DB = -30.0  # frames further below the loudest do not count
Spec = Mapping[str, Any]


@lru_cache(maxsize=8)
def track(sound: Sound, lowest_hz: float = LOWEST_HZ, highest_hz: float = HIGHEST_HZ) -> Line:
    """f0 in Hz every 10 ms, NaN where the clip has none or is 30 dB below its loudest."""
    import librosa

    frame = 1024 if lowest_hz >= 60 else 2048
    librosa_ready()
    f0, voiced, _ = librosa.pyin(
        sound.line,
        fmin=lowest_hz,
        fmax=highest_hz,
        sr=RATE_HZ,
        frame_length=frame,
        hop_length=HOP,
        resolution=STEP_SEMITONES,
    )
    count = min(len(f0), len(sound.level_db))
    heard = voiced[:count] & (sound.level_db[:count] > AUDIBLE_DB)
    line: Line = np.where(heard, f0[:count], np.nan)
    return line


def steady_f0_hz(sound: Sound) -> float:
    """The pitch of a sound that has one. Raises Unmeasurable where under a quarter of what is heard is pitched."""
    f0 = track(sound)
    pitched = f0[np.isfinite(f0)]
    if len(pitched) < max(3, 0.25 * np.count_nonzero(sound.level_db > AUDIBLE_DB)):
        raise Unmeasurable("no steady pitch can be heard")
    steady = pitched[np.abs(np.log2(pitched / np.median(pitched))) < 0.25]
    spectrum = Spectrum.of(sound.line)
    settled_hz = settled_f0_hz(spectrum, float(np.exp(np.mean(np.log(steady)))))
    low, high = np.percentile(1200 * np.log2(steady), [16, 84])
    return settled_hz if (high - low) / 2 > MOVING_CENTS else sharpened_f0_hz(spectrum, settled_hz)


def cents_between(heard_hz: float, wanted_hz: float) -> float:
    """How far `heard_hz` lies above `wanted_hz`, in hundredths of a semitone."""
    return float(1200 * np.log2(heard_hz / wanted_hz))


def hz_of(midi: float) -> float:
    """Frequency of a note number, A4 = 69 = 440 Hz."""
    return float(440.0 * 2 ** ((midi - 69) / 12))


def f0(sound: Sound, wanted: float, spec: Spec) -> Finding:
    """Distance in cents from a frequency in Hz."""
    error = abs(cents_between(steady_f0_hz(sound), wanted))
    return Finding(error, error <= tolerance(spec, "cents"))


def midi(sound: Sound, wanted: float, spec: Spec) -> Finding:
    """Distance in cents from a note number."""
    return f0(sound, hz_of(wanted), spec)


def glide(sound: Sound, wanted: tuple[float, float], spec: Spec) -> Finding:
    """The greater distance, in cents, of the two ends of the pitch track from two frequencies."""
    line = track(sound, QUICK_LOWEST_HZ if min(wanted) > QUICK_LOWEST_HZ else LOWEST_HZ)
    at = np.flatnonzero(np.isfinite(line))
    if len(at) < 15:
        raise Unmeasurable("too little pitch is heard to tell where it goes")
    heard_at = np.flatnonzero(sound.level_db > AUDIBLE_DB)
    at, many = at[5:-5], max(5, round(0.1 * len(at)))
    heard = (
        _carried_on(line, at[:many], int(heard_at[0])),
        _carried_on(line, at[-many:], int(heard_at[-1])),
    )
    error = max(abs(cents_between(a, b)) for a, b in zip(heard, wanted, strict=True))
    return Finding(error, error <= tolerance(spec, "cents"))


def _carried_on(line: Line, at: NDArray[np.intp], to: int) -> float:
    """The frequency at the frame `to`, on the straight line in semitones through what is pitched near it: the windows of the tracker
    reach beyond both ends of a clip and tell little there. No further than 100 ms.
    """
    to = int(np.clip(to, at[0] - 10, at[-1] + 10))
    _, level = np.polyfit(at - to, np.log2(line[at]), 1)
    return float(2**level)


def vibrato(sound: Sound, wanted: Sequence[float], _spec: Spec) -> Finding:
    """Rate in Hz at which the pitch swings around its mean, by at least 10 cents."""
    line = track(sound, QUICK_LOWEST_HZ)
    at = np.flatnonzero(np.isfinite(line))
    if len(at) < 40:
        raise Unmeasurable("too little pitch is heard to tell a vibrato")
    cents = 1200 * np.log2(np.interp(np.arange(at[0], at[-1] + 1), at, line[at]))
    swing = cents - np.convolve(np.pad(cents, 25, mode="edge"), np.ones(51) / 51, mode="valid")
    if np.std(swing) < 7:
        raise Unmeasurable("the pitch does not swing")
    spectrum = np.abs(np.fft.rfft(swing * np.hanning(len(swing)), n=4096))
    return within(float(spectrum.argmax() * 100 / 4096), wanted)


def partial_levels(sound: Sound, f0_hz: float) -> Line:
    """Level in dB, below the strongest, of each partial of `f0_hz` under 8 kHz."""
    size = max(1 << 15, len(sound.line))
    spectrum = np.abs(np.fft.rfft(sound.line * np.hanning(len(sound.line)), n=size))
    step_hz = RATE_HZ / size
    count = int((RATE_HZ / 2 - f0_hz / 2) / f0_hz)
    peaks = [
        spectrum[int((k - 0.3) * f0_hz / step_hz) : int((k + 0.3) * f0_hz / step_hz) + 1].max()
        for k in range(1, count + 1)
    ]
    levels = np.asarray(peaks)
    decibels: Line = 20 * np.log10(np.maximum(levels / levels.max(), 1e-6))
    return decibels


def _still_f0_hz(sound: Sound) -> float:
    """The pitch of a sound whose spectrum tells its partials. Raises Unmeasurable where the pitch wanders over half an octave."""
    f0_hz, line = steady_f0_hz(sound), track(sound)
    pitched = line[np.isfinite(line)]
    if np.mean(np.abs(np.log2(pitched / np.median(pitched))) < 0.25) < STILL_SHARE:
        raise Unmeasurable("the pitch moves too far for its partials to be told apart")
    return f0_hz


def harmonics(sound: Sound, wanted: Sequence[float], _spec: Spec) -> Finding:
    """How many partials under 8 kHz lie within 40 dB of the strongest."""
    return within(float(np.count_nonzero(partial_levels(sound, _still_f0_hz(sound)) > -40)), wanted)


def odd_even(sound: Sound, wanted: Sequence[float], _spec: Spec) -> Finding:
    """Level of the odd partials over the even ones, in dB: a square or a clarinet is high, a sawtooth about 2."""
    power = 10 ** (partial_levels(sound, _still_f0_hz(sound)) / 10)
    if len(power) < 4:
        raise Unmeasurable("fewer than four partials lie under 8 kHz")
    return within(float(10 * np.log10(power[0::2].sum() / max(power[1::2].sum(), 1e-9))), wanted)
