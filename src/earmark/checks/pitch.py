"""Facts about the pitch of one voice: f0, glides, vibrato, partials.

f0 is pYIN's in quarters of a semitone, settled and, where the pitch stands still, sharpened
by its partials. Where a clip has no pitch, Unmeasurable is raised.
"""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from earmark.checks.partials import MAX_HZ, MIN_HZ, Spectrum, settled_f0_hz, sharpened_f0_hz
from earmark.checks.pyin import Tracker
from earmark.checks.sound import MAX_HZ as SPECTRUM_MAX_HZ
from earmark.checks.sound import RATE_HZ, Finding, Floats, NotJudged, Sound, Unmeasurable, within
from earmark.checks.swing import strongest_swing
from earmark.tasks.spec import tolerance

HOP = 160
# The time of the search grows with the square of its resolution; partials give the rest of the
# precision.
STEP_SEMITONES = 0.25
MOVING_CENTS = 18.0  # a vibrato has no one spectral peak: its mean stands
# From here up the window is half as long: the other averages a swing of 8 Hz away.
QUICK_MIN_HZ = 60.0
# Of the pitched frames, near the median; some frames of a steady note are an octave off.
STILL_SHARE = 0.6
MIN_SWING_CENTS = 20.0
HIGH_TONE_SHARE = 0.9
AUDIBLE_DB = -30.0  # frames further below the loudest do not count
Spec = Mapping[str, Any]


@lru_cache(maxsize=8)
def track(sound: Sound, min_hz: float = MIN_HZ, max_hz: float = MAX_HZ) -> Floats:
    """f0 in Hz every 10 ms; NaN where there is no pitch or the level is 30 dB below the loudest."""
    size = 1024 if min_hz >= QUICK_MIN_HZ else 2048
    tracker = Tracker(min_hz, max_hz, RATE_HZ, size, HOP, STEP_SEMITONES)
    f0_hz, voiced = tracker.track(sound.samples)
    count = min(len(f0_hz), len(sound.level_db))
    audible = voiced[:count] & (sound.level_db[:count] > AUDIBLE_DB)
    pitched: Floats = np.where(audible, f0_hz[:count], np.nan)
    return pitched


def steady_f0_hz(sound: Sound) -> float:
    """The pitch of a sound that has one.

    Raises:
        Unmeasurable: under a quarter of the audible frames are pitched.
    """
    if (high_hz := high_tone_hz(sound)) is not None:
        return high_hz
    f0_hz = track(sound)
    pitched = f0_hz[np.isfinite(f0_hz)]
    if len(pitched) < max(3, 0.25 * np.count_nonzero(sound.level_db > AUDIBLE_DB)):
        raise Unmeasurable("the clip has no steady pitch")
    steady = pitched[_near_median(pitched)]
    spectrum = Spectrum.of(sound.samples)
    settled_hz = settled_f0_hz(spectrum, float(np.exp(np.mean(np.log(steady)))))
    low, high = np.percentile(1200 * np.log2(steady), [16, 84])
    moves = (high - low) / 2 > MOVING_CENTS
    return settled_hz if moves else sharpened_f0_hz(spectrum, settled_hz)


def high_tone_hz(sound: Sound) -> float | None:
    """The pitch of a tone above the tracker's range, or None.

    Its first partial is above the range and holds nearly all of the power up to 7.2 kHz.
    """
    spectrum = Spectrum.of(sound.samples)
    power = spectrum.magnitude[: round(SPECTRUM_MAX_HZ / spectrum.step_hz)] ** 2
    rough_hz = float(power.argmax() * spectrum.step_hz)
    if rough_hz <= MAX_HZ:
        return None
    low, high = (round(rough_hz * part / spectrum.step_hz) for part in (0.97, 1.03))
    peak_hz, _ = spectrum.peak(rough_hz)
    return peak_hz if power[low:high].sum() > HIGH_TONE_SHARE * power.sum() else None


def _require_measurable(wanted_hz: Sequence[float]) -> None:
    for hz in wanted_hz:
        if not MIN_HZ <= hz <= SPECTRUM_MAX_HZ:
            raise NotJudged(
                f"a pitch is measured within {MIN_HZ:g}..{SPECTRUM_MAX_HZ:g} Hz,"
                f" the spec states {hz:.1f} Hz"
            )


def _near_median(pitched_hz: Floats) -> NDArray[np.bool_]:
    """Which frames lie within a quarter of an octave of the median."""
    return np.abs(np.log2(pitched_hz / np.median(pitched_hz))) < 0.25


def cents_between(measured_hz: float, wanted_hz: float) -> float:
    """How far `measured_hz` lies above `wanted_hz`, in hundredths of a semitone."""
    return float(1200 * np.log2(measured_hz / wanted_hz))


def hz_of(midi: float) -> float:
    """Frequency of a note number, A4 = 69 = 440 Hz."""
    return float(440.0 * 2 ** ((midi - 69) / 12))


def f0(sound: Sound, wanted_hz: float, spec: Spec) -> Finding:
    """Distance in cents from a frequency in Hz, or from an octave below that the spec permits.

    Raises:
        NotJudged: the frequency lies outside 27..7200 Hz.
    """
    _require_measurable([wanted_hz])
    measured_hz = steady_f0_hz(sound)
    error = min(abs(cents_between(measured_hz, hz)) for hz in octaves_below(wanted_hz, spec))
    return Finding(error, error <= tolerance(spec, "cents"))


def octaves_below(hz: float, spec: Spec) -> list[float]:
    """A frequency, and the octaves below it that the spec permits."""
    return [hz / 2**octave for octave in range(1 + round(tolerance(spec, "octaves")))]


def midi(sound: Sound, note: float, spec: Spec) -> Finding:
    """Distance in cents from a note number."""
    return f0(sound, hz_of(note), spec)


def glide(sound: Sound, ends_hz: tuple[float, float], spec: Spec) -> Finding:
    """The greater distance, in cents, of the two ends of the pitch track from two frequencies."""
    if not MIN_HZ <= min(ends_hz) <= max(ends_hz) <= MAX_HZ:
        raise NotJudged(
            f"a glide is measured within {MIN_HZ:g}..{MAX_HZ:g} Hz, the spec states"
            f" {min(ends_hz):.1f}..{max(ends_hz):.1f} Hz"
        )
    f0_hz = track(sound, QUICK_MIN_HZ if min(ends_hz) > QUICK_MIN_HZ else MIN_HZ)
    at = np.flatnonzero(np.isfinite(f0_hz))
    if len(at) < 15:
        raise Unmeasurable("the clip has too little pitch to measure a glide")
    audible = np.flatnonzero(sound.level_db > AUDIBLE_DB)
    at, count = at[5:-5], max(5, round(0.1 * len(at)))
    first = _extrapolated(f0_hz, at[:count], int(audible[0]))
    last = _extrapolated(f0_hz, at[-count:], int(audible[-1]))
    error = max(abs(cents_between(first, ends_hz[0])), abs(cents_between(last, ends_hz[1])))
    return Finding(error, error <= tolerance(spec, "cents"))


def _extrapolated(f0_hz: Floats, at: NDArray[np.intp], to: int) -> float:
    """The frequency at the frame `to`, on a straight line in semitones through the frames `at`.

    The tracker's windows reach beyond both ends of a clip and tell little there. No further than
    100 ms.
    """
    to = int(np.clip(to, at[0] - 10, at[-1] + 10))
    _, level = np.polyfit(at - to, np.log2(f0_hz[at]), 1)
    return float(2**level)


def vibrato(sound: Sound, limits: Sequence[float], _spec: Spec) -> Finding:
    """Rate in Hz at which the pitch swings around its mean, by 20 cents, at 1 Hz or faster."""
    f0_hz = track(sound, QUICK_MIN_HZ)
    at = np.flatnonzero(np.isfinite(f0_hz))
    if len(at) < 40:
        raise Unmeasurable("the clip has too little pitch to measure a vibrato")
    cents = 1200 * np.log2(np.interp(np.arange(at[0], at[-1] + 1), at, f0_hz[at]))
    rate_hz, swing_cents = strongest_swing(cents, course_seconds=0.5)
    if swing_cents < MIN_SWING_CENTS:
        raise Unmeasurable(
            f"the pitch must swing by at least {MIN_SWING_CENTS:g} cents,"
            f" it swings by {swing_cents:.0f} cents"
        )
    return within(rate_hz, limits)


def partial_levels(sound: Sound, f0_hz: float) -> Floats:
    """Level in dB, below the strongest, of each partial of `f0_hz` up to 7.2 kHz."""
    size = max(1 << 15, len(sound.samples))
    spectrum = np.abs(np.fft.rfft(sound.samples * np.hanning(len(sound.samples)), n=size))
    step_hz = RATE_HZ / size
    count = max(1, int(SPECTRUM_MAX_HZ / f0_hz))
    peaks = [
        spectrum[int((k - 0.3) * f0_hz / step_hz) : int((k + 0.3) * f0_hz / step_hz) + 1].max()
        for k in range(1, count + 1)
    ]
    levels = np.asarray(peaks)
    decibels: Floats = 20 * np.log10(np.maximum(levels / levels.max(), 1e-6))
    return decibels


def _still_f0_hz(sound: Sound) -> float:
    """The pitch of a sound whose partials can be measured.

    Raises:
        Unmeasurable: the pitch wanders over half an octave.
    """
    if (high_hz := high_tone_hz(sound)) is not None:
        return high_hz
    still_hz, f0_hz = steady_f0_hz(sound), track(sound)
    if np.mean(_near_median(f0_hz[np.isfinite(f0_hz)])) < STILL_SHARE:
        raise Unmeasurable("the pitch moves too far to measure its partials")
    return still_hz


def harmonics(sound: Sound, limits: Sequence[float], _spec: Spec) -> Finding:
    """How many partials up to 7.2 kHz lie within 40 dB of the strongest."""
    levels = partial_levels(sound, _still_f0_hz(sound))
    return within(float(np.count_nonzero(levels > -40)), limits)


def odd_even(sound: Sound, limits: Sequence[float], _spec: Spec) -> Finding:
    """Level of the odd partials over the even ones, in dB.

    A square wave or a clarinet is high, a sawtooth about 2.
    """
    power = 10 ** (partial_levels(sound, _still_f0_hz(sound)) / 10)
    if len(power) < 4:
        raise Unmeasurable("at least four partials must lie under 7.2 kHz")
    return within(float(10 * np.log10(power[0::2].sum() / max(power[1::2].sum(), 1e-9))), limits)
