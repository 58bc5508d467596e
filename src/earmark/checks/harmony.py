"""Facts about several notes: which sound together, which follow each other.

Together: spectral peaks that are no partials of a lower one. One after the other: the clip is cut
at its onsets, and each piece has one pitch. Chords that move, and two melodies at once, are beyond
these checks.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from itertools import pairwise
from operator import eq
from typing import Any

import numpy as np
from numpy.typing import NDArray

from earmark.checks.partials import MAX_HZ, MIN_HZ, Spectrum, settled_f0_hz
from earmark.checks.pitch import AUDIBLE_DB, cents_between, hz_of, octaves_below, track
from earmark.checks.rhythm import onset_seconds
from earmark.checks.sound import (
    FRAME_SECONDS,
    RATE_HZ,
    Finding,
    NotJudged,
    Sound,
    Unmeasurable,
)
from earmark.checks.spectrum import spectral_flatness
from earmark.tasks.spec import tolerance

NEAR_CENTS = 40.0
EXTRA_DB = -20.0  # a note outside the chord counts when it is this strong
MIN_PEAK_HZ, MAX_FUNDAMENTAL_HZ = 40.0, 2500.0
MIN_PITCHED_FRAMES = 4
MIN_NOTE_FRAMES = 8  # a piece that is shorter is a consonant before a sung note, or a pick
STEP_FRAMES = 8
# At both ends of a piece the tracker still holds its neighbour: a note of a legato line must last
# this long.
MIN_LEGATO_FRAMES = 15
STEP_CENTS = 70.0
NOISE_FLATNESS = 0.3  # strummed strings have 0.12 or less, noise 0.5 or more
Spec = Mapping[str, Any]


def spectral_peaks(sound: Sound) -> list[tuple[float, float]]:
    """(Hz, dB below the strongest) of each peak within 35 dB, from low to high."""
    from scipy.signal import find_peaks

    size = max(1 << 16, len(sound.samples))
    spectrum = np.abs(np.fft.rfft(sound.samples * np.blackman(len(sound.samples)), n=size))
    step_hz = RATE_HZ / size
    level = 20 * np.log10(np.maximum(spectrum / spectrum.max(), 1e-6))
    at, _ = find_peaks(level, height=-35, prominence=6, distance=max(1, int(8 / step_hz)))
    return [(float(k * step_hz), float(level[k])) for k in at if k * step_hz > MIN_PEAK_HZ]


def fundamentals(peaks: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    """The peaks that are no partial of a lower one."""
    kept: list[tuple[float, float]] = []
    for hz, level in peaks:
        if hz < MAX_FUNDAMENTAL_HZ and not any(_partial_of(hz, lower) for lower, _ in kept):
            kept.append((hz, level))
    return kept


def chord(sound: Sound, notes: Sequence[float], spec: Spec) -> Finding:
    """F-measure of the notes that sound; met when all notes sound and no other does.

    Octaves below that the spec permits, and their partials, are no other notes.

    Raises:
        NotJudged: a note lies outside 40..2500 Hz.
        Unmeasurable: the clip is noise, which has a peak near every note.
    """
    wanted_hz = [hz_of(note) for note in notes]
    _require_within(wanted_hz, MIN_PEAK_HZ, MAX_FUNDAMENTAL_HZ)
    if (flat := spectral_flatness(sound)) > NOISE_FLATNESS:
        raise Unmeasurable(f"a chord needs tones, the clip is noise of flatness {flat:.2f}")
    peaks = spectral_peaks(sound)
    hits = sum(_sounds(hz, peaks) for hz in wanted_hz)
    strong = [hz for hz, level in fundamentals(peaks) if level > EXTRA_DB]
    known_hz = [hz for note_hz in wanted_hz for hz in octaves_below(note_hz, spec)]
    extras = sum(not _belongs_to(hz, known_hz) for hz in strong)
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
    """The note number of each piece between onsets that has a pitch.

    Within a piece, the pitch may step from note to note: a legato line has few onsets.
    """
    f0_hz = track(sound)
    cuts = [round(at / FRAME_SECONDS) for at in onset_seconds(sound)]
    notes: list[int] = []
    for first, last in pairwise([*cuts, len(f0_hz)]):
        steps = [first, *(first + step for step in pitch_steps(f0_hz[first:last])), last]
        piece = [_piece_note(sound, f0_hz, a, b) for a, b in pairwise(steps)]
        known = [note for note in piece if note is not None]
        notes += [note for k, note in enumerate(known) if k == 0 or note != known[k - 1]]
    return notes


def pitch_steps(f0_hz: NDArray[np.float64]) -> list[int]:
    """Frames at which a pitch track, with NaN where there is none, steps by 70 cents or more."""
    at = np.flatnonzero(np.isfinite(f0_hz))
    cents = 1200 * np.log2(f0_hz[at])
    size = STEP_FRAMES
    jumps = np.zeros(len(at))
    for k in range(MIN_LEGATO_FRAMES, len(at) - MIN_LEGATO_FRAMES + 1):
        jumps[k] = abs(np.median(cents[k : k + size]) - np.median(cents[k - size : k]))
    steps = []
    while len(jumps) and jumps.max() > STEP_CENTS:
        top = int(jumps.argmax())
        steps.append(int(at[top]))
        jumps[max(0, top - MIN_LEGATO_FRAMES + 1) : top + MIN_LEGATO_FRAMES] = 0
    return sorted(steps)


def _piece_note(sound: Sound, f0_hz: NDArray[np.float64], first: int, last: int) -> int | None:
    piece = f0_hz[first:last]
    pitched = piece[np.isfinite(piece)]
    if last - first < MIN_NOTE_FRAMES or len(pitched) < MIN_PITCHED_FRAMES:
        return None
    return _note(_between(sound, first, last), float(np.median(pitched)))


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


def melody(sound: Sound, notes: Sequence[float], spec: Spec) -> Finding:
    """1 - edit distance of the note numbers / the longer length; met from `melody_share` on (1).

    A note may lie up to `octaves` off, above or below: which octave a bell strikes is unsure.

    Raises:
        NotJudged: a note lies outside 27..4400 Hz.
        Unmeasurable: no piece has a pitch.
    """
    _require_within([hz_of(note) for note in notes], MIN_HZ, MAX_HZ)
    measured = note_sequence(sound)
    if not measured:
        raise Unmeasurable(f"no note within {-AUDIBLE_DB:g} dB of the loudest has a pitch")
    octaves = round(tolerance(spec, "octaves"))
    distance = edits(measured, list(notes), partial(_is_note, octaves=octaves))
    share = 1 - distance / max(len(measured), len(notes))
    return Finding(share, share >= tolerance(spec, "melody_share"))


def _is_note(note: float, wanted: float, *, octaves: int) -> bool:
    """Whether two note numbers are equal, or so many octaves apart at most."""
    return abs(note - wanted) in {12 * octave for octave in range(octaves + 1)}


def _require_within(notes_hz: Sequence[float], min_hz: float, max_hz: float) -> None:
    for hz in notes_hz:
        if not min_hz <= hz <= max_hz:
            raise NotJudged(
                f"its notes are measured within {min_hz:g}..{max_hz:g} Hz,"
                f" the spec states {hz:.1f} Hz"
            )


def edits(
    one: Sequence[float], other: Sequence[float], same: Callable[[float, float], bool] = eq
) -> int:
    """Levenshtein distance."""
    row = list(range(len(other) + 1))
    for i, a in enumerate(one, 1):
        before, row = row, [i]
        for j, b in enumerate(other, 1):
            row.append(min(before[j] + 1, row[-1] + 1, before[j - 1] + (not same(a, b))))
    return row[-1]
