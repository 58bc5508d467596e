"""Stops of an organ, strong beats, notes played again, consonants before sung notes."""

import numpy as np
import pytest
from numpy.typing import NDArray

from earmark.checks import check
from earmark.checks.pitch import hz_of
from earmark.checks.rhythm import onset_seconds
from earmark.checks.sound import RATE_HZ, sound
from earmark.tasks.spec import problem

Line = NDArray[np.float64]
SEVENTH = (55, 59, 62, 65)


def tone(hz: float, seconds: float = 1.5, partials: int = 6) -> Line:
    t = np.arange(round(seconds * RATE_HZ)) / RATE_HZ
    return sum((np.sin(2 * np.pi * k * hz * t) / k for k in range(1, partials + 1)), 0 * t)


def organ(notes: tuple[int, ...], octaves_below: int) -> Line:
    """Each note with a stop as strong as itself so many octaves below."""
    stops = [hz_of(note) / 2**below for note in notes for below in (0, octaves_below)]
    return np.asarray(np.sum([tone(hz) for hz in stops], axis=0))


def met(line: Line, **spec: object) -> bool:
    return check(line, RATE_HZ, spec).values["check_ok"] == 1


def test_stops_an_octave_below_are_permitted_only_where_the_spec_says_so() -> None:
    chord = organ(SEVENTH, 1)
    assert not met(chord, chord=SEVENTH)
    assert met(chord, chord=SEVENTH, octaves=1)
    assert not met(chord, chord=(55, 58, 62, 65), octaves=1)
    assert not met(chord, chord=(55, 59, 62), octaves=1)


@pytest.mark.parametrize(("octaves", "is_met"), [(0, False), (1, True), (2, True)])
def test_a_note_may_sound_as_many_octaves_below_as_the_spec_says(
    octaves: int, is_met: bool
) -> None:
    below = tone(hz_of(48))
    assert met(below, midi=60, octaves=octaves) is is_met
    assert not met(below, midi=61, octaves=octaves)
    assert not met(tone(hz_of(72)), midi=60, octaves=octaves)


def test_octaves_are_none_one_or_two() -> None:
    assert problem({"midi": 60, "octaves": 2}) is None
    assert problem({"midi": 60, "octaves": 3}) == "spec.octaves must be 0, 1 or 2, got 3"


def strokes(levels: list[float], gap_seconds: float = 0.5) -> Line:
    gap = round(gap_seconds * RATE_HZ)
    burst = np.random.default_rng(0).standard_normal(gap) * np.exp(-np.arange(gap) / 400)
    return np.concatenate([level * burst for level in levels])


def test_the_period_of_a_waltz_is_its_strong_beat_and_of_equal_beats_one() -> None:
    assert met(strokes([1, 0.35, 0.35] * 4), period_seconds=[1.42, 1.58])
    assert met(strokes([1.0] * 12), period_seconds=[0.48, 0.52])


def test_a_note_played_again_has_an_onset_of_its_own() -> None:
    """Out of silence the first one has by far the most flux."""
    rise = np.minimum(1, np.arange(round(0.45 * RATE_HZ)) / (0.05 * RATE_HZ))
    note = tone(hz_of(60), 0.45) * rise * (0.2 + 0.8 * rise[::-1])
    gap = 0.1 * tone(hz_of(60), 0.05)
    line = np.concatenate([note, gap] * 5)
    assert len(onset_seconds(sound(line, RATE_HZ))) == 5


def test_a_consonant_before_a_sung_note_is_no_note() -> None:
    """Of 60 ms, nearly as loud, at another pitch."""
    notes = (60, 62, 64)
    parts = [part for note in notes for part in (0.5 * tone(180, 0.06), tone(hz_of(note), 0.44))]
    assert met(np.concatenate(parts), melody=notes)


BELLS = (76, 76, 76, 76, 76, 76, 76, 79, 72, 74, 76)


@pytest.mark.parametrize(
    ("played", "is_met"),
    [
        (BELLS, True),
        ((88, 76, 76, 88, 76, 76, 76, 91, 72, 74, 88), True),  # some an octave above
        ((*BELLS[:-1], 77), True),  # one wrong note of eleven
        ((76,) * 11, False),  # no tune
        ((64, 64, 65, 67, 67, 65, 64, 62, 60, 60, 62), False),  # another tune
    ],
)
def test_a_share_of_a_melody_of_bells_in_any_of_two_octaves(
    played: tuple[int, ...], is_met: bool
) -> None:
    line = np.concatenate([np.append(tone(hz_of(note), 0.4), np.zeros(1600)) for note in played])
    spec = {"melody": BELLS, "melody_share": 0.75, "octaves": 1}
    assert met(line, **spec) is is_met
    assert met(line, melody=BELLS) is (played == BELLS)
