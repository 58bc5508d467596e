"""Partials: which of the frequencies that fit a sound is its pitch, and where exactly it lies.

A pitch tracker mistakes a high note for one an octave or a twelfth below, since the longer period
repeats as well, and a note with a weak fundamental for the octave above. The spectrum decides: the
partials that one pitch has and the other has not are there, or they are not.
"""

from dataclasses import dataclass

import numpy as np

from earmark.checks.sound import RATE_HZ, Floats

MIN_HZ, MAX_HZ = 27.0, 4400.0  # of a pitch; higher ones are read off the spectrum
# Two thresholds, so that the answer does not flip between neighbours.
ABSENT_DB, PRESENT_DB = -25.0, -22.0
REACH = 0.025  # how far a partial may lie from its place, as a share of its frequency
COUNTED = 5  # strings are stretched: higher partials lie above their places
AUDIBLE_DB = -40.0
BINS = 1 << 17


@dataclass(frozen=True, eq=False)
class Spectrum:
    """Magnitudes, one every `step_hz`."""

    magnitude: Floats
    step_hz: float

    @classmethod
    def of(cls, samples: Floats) -> "Spectrum":
        """The spectrum of (n,) samples at RATE_HZ."""
        size = max(BINS, len(samples))
        windowed = samples * np.hanning(len(samples))
        return cls(np.abs(np.fft.rfft(windowed, n=size)), RATE_HZ / size)

    def strongest(self, low_hz: float, high_hz: float) -> float:
        """The greatest magnitude within a band; 0 where the band is not covered."""
        low, high = max(1, int(low_hz / self.step_hz)), int(high_hz / self.step_hz) + 1
        return float(self.magnitude[low:high].max()) if high < len(self.magnitude) else 0.0

    def peak(self, near_hz: float) -> tuple[float, float]:
        """(Hz, magnitude) of the peak near a frequency, between bins by a parabola.

        (near_hz, 0) where that part of the spectrum is not covered.
        """
        low = int(near_hz * (1 - REACH) / self.step_hz)
        high = int(near_hz * (1 + REACH) / self.step_hz) + 1
        if low < 1 or high >= len(self.magnitude) - 1:
            return near_hz, 0.0
        top = low + int(self.magnitude[low : high + 1].argmax())
        left, centre, right = np.log(np.maximum(self.magnitude[top - 1 : top + 2], 1e-12))
        bend = left - 2 * centre + right
        shift = 0.5 * (left - right) / bend if bend < 0 else 0.0
        return float((top + shift) * self.step_hz), float(self.magnitude[top])


def settled_f0_hz(spectrum: Spectrum, rough_hz: float) -> float:
    """`rough_hz`, an octave below it, or a multiple of it: whichever the partials support."""
    f0_hz = rough_hz
    if f0_hz / 2 >= MIN_HZ and _own_partials_db(spectrum, f0_hz / 2, 2) > PRESENT_DB:
        f0_hz /= 2
    while (factor := _multiple(spectrum, f0_hz)) is not None:
        f0_hz *= factor
    return f0_hz


def _multiple(spectrum: Spectrum, f0_hz: float) -> int | None:
    """The multiple that alone has partials, or None."""
    for k in (2, 3, 5):
        if k * f0_hz < MAX_HZ and _own_partials_db(spectrum, f0_hz, k) < ABSENT_DB:
            return k
    return None


def _own_partials_db(spectrum: Spectrum, f0_hz: float, k: int) -> float:
    """The strongest partial that f0 has and k f0 has not, over the strongest of both, in dB."""
    count = int(min(7500.0, 12 * f0_hz * k) / f0_hz)
    levels = [
        spectrum.strongest((j - 0.08) * f0_hz, (j + 0.08) * f0_hz) for j in range(1, count + 1)
    ]
    shared = max(levels[k - 1 :: k], default=0.0)
    own = max((level for j, level in enumerate(levels, 1) if j % k), default=0.0)
    return float(20 * np.log10(max(own, 1e-12) / max(shared, 1e-12)))


def sharpened_f0_hz(spectrum: Spectrum, rough_hz: float) -> float:
    """`rough_hz` moved to the mean of the first partials, weighted by their strength."""
    peaks = [(k, *spectrum.peak(k * rough_hz)) for k in range(1, COUNTED + 1)]
    top = max(magnitude for _, _, magnitude in peaks)
    votes, weights = [], []
    for k, hz, magnitude in peaks:
        if magnitude > 0 and 20 * np.log10(magnitude / top) > AUDIBLE_DB:
            votes.append(hz / k)
            weights.append(magnitude)
    return float(np.average(votes, weights=weights)) if votes else rough_hz
