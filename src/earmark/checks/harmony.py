"""Facts about several notes: which sound together, which follow each other.

Together: spectral peaks that are no partials of a lower one. One after the other: the clip is cut
at its onsets, and each piece has one pitch. Chords that move, and two melodies at once, are beyond
these checks.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from earmark.checks.partials import Spectrum, settled_f0_hz
from earmark.checks.pitch import AUDIBLE_DB, cents_between, hz_of, track
from earmark.checks.rhythm import onset_seconds
from earmark.checks.sound import FRAME_SECONDS, RATE_HZ, Finding, Sound, Unmeasurable

NEAR_CENTS = 40.0
EXTRA_DB = -20.0  # a note outside the chord counts when it is this strong
MAX_FUNDAMENTAL_HZ = 2500.0
MIN_PITCHED_FRAMES = 4
Spec = Mapping[str, Any]


def spectral_peaks(sound: Sound) -> list[tuple[float, float]]:
    """(Hz, dB below the strongest) of each peak within 35 dB, from low to high."""
    from scipy.signal import find_peaks

    size = max(1 << 16, len(sound.samples))
    spectrum = np.abs(np.fft.rfft(sound.samples * np.blackman(len(sound.samples)), n=size))
    step_hz = RATE_HZ / size
    level = 20 * np.log10(np.maximum(spectrum / spectrum.max(), 1e-6))
    at, _ = find_peaks(level, height=-35, prominence=6, distance=max(1, int(8 / step_hz)))
    return [(float(k * step_hz), float(level[k])) for k in at if k * step_hz > 40]


def fundamentals(peaks: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    """The peaks that are no partial of a lower one."""
    kept: list[tuple[float, float]] = []
    for hz, level in peaks:
        if hz < MAX_FUNDAMENTAL_HZ and not any(_partial_of(hz, lower) for lower, _ in kept):
            kept.append((hz, level))
    return kept


def chord(sound: Sound, notes: Sequence[float], _spec: Spec) -> Finding:
    """F-measure of the notes that sound; met when all notes sound and no other does."""
    peaks = spectral_peaks(sound)
    wanted_hz = [hz_of(note) for note in notes]
    hits = sum(_sounds(hz, peaks) for hz in wanted_hz)
    strong = [hz for hz, level in fundamentals(peaks) if level > EXTRA_DB]
    extras = sum(not _belongs_to(hz, wanted_hz) for hz in strong)
    share = 2 * hits / (hits + extras + len(notes))
    return Finding(share, share == 1.0)


def _sounds(note_hz: float, peaks: Sequence[tuple[float, float]]) -> bool:
    return any(_same(hz, note_hz) for hz, _ in peaks)


def _belongs_to(hz: float, notes_hz: Sequence[float]) -> bool:
    """Whether a frequency is one of the notes or a partial of one."""
    return any(_same(hz, note_hz) or _partial_of(hz, note_hz) for note_hz in notes_hz)


def _partial_of(hz: float, lower_hz: float) -> bool:
    nearest = round(hz / lower_hz)
    return nearest >= 2 and abs(cents_between(hz, nearest * lower_hz)) < NEAR_CENTS


def _same(hz: float, other_hz: float) -> bool:
    return abs(cents_between(hz, other_hz)) < NEAR_CENTS


def note_sequence(sound: Sound) -> list[int]:
    """The note number of each piece between onsets that has a pitch."""
    f0_hz = track(sound)
    cuts = [round(at / FRAME_SECONDS) for at in onset_seconds(sound)]
    notes = []
    for first, last in zip(cuts, [*cuts[1:], len(f0_hz)], strict=True):
        piece = f0_hz[first:last]
        pitched = piece[np.isfinite(piece)]
        if len(pitched) >= MIN_PITCHED_FRAMES:
            notes.append(_note(_between(sound, first, last), float(np.median(pitched))))
    return notes


def _between(sound: Sound, first: int, last: int) -> NDArray[np.float64]:
    """The samples of the frames first..last."""
    return sound.samples[
        round(first * FRAME_SECONDS * RATE_HZ) : round(last * FRAME_SECONDS * RATE_HZ)
    ]


def _note(samples: NDArray[np.float64], rough_hz: float) -> int:
    """The note number of one piece.

    Between neighbours an octave apart the tracker stays where it was; the partials do not.
    """
    f0_hz = settled_f0_hz(Spectrum.of(samples), rough_hz)
    return round(69 + 12 * float(np.log2(f0_hz / 440)))


def melody(sound: Sound, notes: Sequence[float], _spec: Spec) -> Finding:
    """1 - edit distance of the note numbers / the longer length; met when they are equal.

    Raises:
        Unmeasurable: no piece has a pitch.
    """
    measured = note_sequence(sound)
    if not measured:
        raise Unmeasurable(f"no note within {-AUDIBLE_DB:g} dB of the loudest has a pitch")
    share = 1 - edits(measured, list(notes)) / max(len(measured), len(notes))
    return Finding(share, share == 1.0)


def edits(one: Sequence[float], other: Sequence[float]) -> int:
    """Levenshtein distance."""
    row = list(range(len(other) + 1))
    for i, a in enumerate(one, 1):
        before, row = row, [i]
        for j, b in enumerate(other, 1):
            row.append(min(before[j] + 1, row[-1] + 1, before[j - 1] + (a != b)))
    return row[-1]
