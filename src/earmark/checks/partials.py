"""Partials: which of the frequencies that fit a sound is its pitch, and where exactly it lies.

In: a line at 16 kHz and a rough f0 in Hz, which may be wrong by a simple ratio. Out: f0 in Hz. A pitch tracker mistakes a high note for one
an octave or a twelfth below, since the longer period repeats as well, and a note with a weak fundamental for the octave above; the spectrum
tells them apart: partials that one pitch has and the other has not are there, or they are not.
"""

from dataclasses import dataclass

import numpy as np

from earmark.checks.sound import RATE_HZ, Line

LOWEST_HZ, HIGHEST_HZ = 40.0, 4400.0
ABSENT_DB, PRESENT_DB = -25.0, -22.0  # two, so that the answer does not flip between neighbours
REACH = 0.025  # how far a partial may lie from its place, as a share of its frequency
COUNTED = 5  # strings are stretched: higher partials lie above their places
AUDIBLE_DB = -40.0
BINS = 1 << 17


@dataclass(frozen=True, eq=False)
class Spectrum:
    """Magnitudes, one every `step_hz`."""

    magnitude: Line
    step_hz: float

    @classmethod
    def of(cls, line: Line) -> "Spectrum":
        """The spectrum of a whole clip."""
        size = max(BINS, len(line))
        return cls(np.abs(np.fft.rfft(line * np.hanning(len(line)), n=size)), RATE_HZ / size)

    def strongest(self, low_hz: float, high_hz: float) -> float:
        """The greatest magnitude within a band; 0 where the band is not covered."""
        low, high = max(1, int(low_hz / self.step_hz)), int(high_hz / self.step_hz) + 1
        return float(self.magnitude[low:high].max()) if high < len(self.magnitude) else 0.0

    def peak(self, near_hz: float) -> tuple[float, float]:
        """Frequency and magnitude of the peak about a frequency, between bins by a parabola; (near_hz, 0) where none is covered."""
        low, high = (
            int(near_hz * (1 - REACH) / self.step_hz),
            int(near_hz * (1 + REACH) / self.step_hz) + 1,
        )
        if low < 1 or high >= len(self.magnitude) - 1:
            return near_hz, 0.0
        at = low + int(self.magnitude[low : high + 1].argmax())
        before, top, after = np.log(np.maximum(self.magnitude[at - 1 : at + 2], 1e-12))
        bend = before - 2 * top + after
        return float(
            (at + (0.5 * (before - after) / bend if bend < 0 else 0.0)) * self.step_hz
        ), float(self.magnitude[at])


def settled_f0_hz(spectrum: Spectrum, rough_hz: float) -> float:
    """`rough_hz`, or the octave below when that one's own partials are there, or the multiple that alone has partials."""
    f0_hz = rough_hz
    if f0_hz / 2 >= LOWEST_HZ and _own_partials_db(spectrum, f0_hz / 2, 2) > PRESENT_DB:
        f0_hz /= 2
    while (above := _multiple(spectrum, f0_hz)) is not None:
        f0_hz *= above
    return f0_hz


def _multiple(spectrum: Spectrum, f0_hz: float) -> int | None:
    return next(
        (
            k
            for k in (2, 3, 5)
            if k * f0_hz < HIGHEST_HZ and _own_partials_db(spectrum, f0_hz, k) < ABSENT_DB
        ),
        None,
    )


def _own_partials_db(spectrum: Spectrum, f0_hz: float, k: int) -> float:
    """The strongest partial of f0 that k f0 has not, over the strongest that both have, in dB."""
    count = int(min(7500.0, 12 * f0_hz * k) / f0_hz)
    levels = [
        spectrum.strongest((j - 0.08) * f0_hz, (j + 0.08) * f0_hz) for j in range(1, count + 1)
    ]
    both = max(levels[k - 1 :: k], default=0.0)
    own = max((level for j, level in enumerate(levels, 1) if j % k), default=0.0)
    return float(20 * np.log10(max(own, 1e-12) / max(both, 1e-12)))


def sharpened_f0_hz(spectrum: Spectrum, rough_hz: float) -> float:
    """`rough_hz` moved to what the first partials say, weighted by their strength."""
    peaks = [
        (hz / k, magnitude)
        for k in range(1, COUNTED + 1)
        for hz, magnitude in (spectrum.peak(k * rough_hz),)
    ]
    top = max(magnitude for _, magnitude in peaks)
    heard = [
        (hz, magnitude)
        for hz, magnitude in peaks
        if magnitude > 0 and 20 * np.log10(magnitude / top) > AUDIBLE_DB
    ]
    if not heard:
        return rough_hz
    votes, weights = zip(*heard, strict=True)
    return float(np.average(votes, weights=weights))
