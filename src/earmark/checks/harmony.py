"""Facts about several notes: which sound together, which follow each other.

In: a Sound and lists of note numbers. Out: Findings, as shares of 1. Together: spectral peaks that are no partials of a lower one. One
after the other: the clip is cut at its onsets and each piece has one pitch. Chords that move, and two melodies at once, are not told apart.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from earmark.checks.partials import Spectrum, settled_f0_hz
from earmark.checks.pitch import AUDIBLE_DB, cents_between, hz_of, track
from earmark.checks.rhythm import onset_seconds
from earmark.checks.sound import FRAME_SECONDS, RATE_HZ, Finding, Sound, Unmeasurable

NEAR_CENTS = 40.0
EXTRA_DB = -20.0  # a note that was not asked for counts when it is this strong
HIGHEST_FUNDAMENTAL_HZ = 2500.0
Spec = Mapping[str, Any]


def spectral_peaks(sound: Sound) -> list[tuple[float, float]]:
    """Frequency in Hz and level in dB below the strongest of each peak within 35 dB, from low to high."""
    from scipy.signal import find_peaks

    size = max(1 << 16, len(sound.line))
    spectrum = np.abs(np.fft.rfft(sound.line * np.blackman(len(sound.line)), n=size))
    step_hz = RATE_HZ / size
    level = 20 * np.log10(np.maximum(spectrum / spectrum.max(), 1e-6))
    at, _ = find_peaks(level, height=-35, prominence=6, distance=max(1, int(8 / step_hz)))
    return [(float(k * step_hz), float(level[k])) for k in at if k * step_hz > 40]


def fundamentals(peaks: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    """The peaks that are no partial of a lower one."""
    kept: list[tuple[float, float]] = []
    for hz, level in peaks:
        if hz < HIGHEST_FUNDAMENTAL_HZ and not any(_partial_of(hz, lower) for lower, _ in kept):
            kept.append((hz, level))
    return kept


def _partial_of(hz: float, lower: float) -> bool:
    nearest = round(hz / lower)
    return nearest >= 2 and abs(cents_between(hz, nearest * lower)) < NEAR_CENTS


def chord(sound: Sound, wanted: Sequence[float], _spec: Spec) -> Finding:
    """F-measure of the notes that sound against the notes asked for; met when all sound and no other does."""
    peaks = spectral_peaks(sound)
    asked = [hz_of(note) for note in wanted]
    hits = sum(any(_same(hz, note) for hz, _ in peaks) for note in asked)
    extras = sum(
        level > EXTRA_DB and not any(_same(hz, note) or _partial_of(hz, note) for note in asked)
        for hz, level in fundamentals(peaks)
    )
    share = 2 * hits / (hits + extras + len(asked))
    return Finding(share, share == 1.0)


def _same(hz: float, other: float) -> bool:
    return abs(cents_between(hz, other)) < NEAR_CENTS


def notes(sound: Sound) -> list[int]:
    """The note number of each piece between onsets that has a pitch."""
    line = track(sound)
    cuts = [round(at / FRAME_SECONDS) for at in onset_seconds(sound)]
    spans = list(zip(cuts, [*cuts[1:], len(line)], strict=True))
    pitched = [piece[np.isfinite(piece)] for piece in (line[a:b] for a, b in spans)]
    return [
        _note(sound, *cut, float(np.median(piece)))
        for cut, piece in zip(spans, pitched, strict=True)
        if len(piece) >= 4
    ]


def _note(sound: Sound, first: int, last: int, rough_hz: float) -> int:
    """The note of the frames first..last: between neighbours an octave apart the tracker stays where it was, the partials do not."""
    line = sound.line[
        round(first * FRAME_SECONDS * RATE_HZ) : round(last * FRAME_SECONDS * RATE_HZ)
    ]
    return round(69 + 12 * float(np.log2(settled_f0_hz(Spectrum.of(line), rough_hz) / 440)))


def melody(sound: Sound, wanted: Sequence[float], _spec: Spec) -> Finding:
    """1 - (edit distance of the heard note numbers from the wanted ones) / the longer length; met when they are equal."""
    heard = notes(sound)
    if not heard:
        raise Unmeasurable(f"no note within {-AUDIBLE_DB:g} dB of the loudest has a pitch")
    share = 1 - edits(heard, list(wanted)) / max(len(heard), len(wanted))
    return Finding(share, share == 1.0)


def edits(one: Sequence[float], other: Sequence[float]) -> int:
    """Levenshtein distance."""
    row = list(range(len(other) + 1))
    for i, a in enumerate(one, 1):
        before, row = row, [i]
        for j, b in enumerate(other, 1):
            row.append(min(before[j] + 1, row[-1] + 1, before[j - 1] + (a != b)))
    return row[-1]
