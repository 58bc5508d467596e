"""The vocabulary of a task's spec: which facts about a clip it can state, and in what form.

The facts are measured in earmark.checks; here is only their form, so that a tier can be validated
without loading an embedder or a recogniser.
"""

import csv
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache
from math import isfinite
from typing import Any, TypeGuard

from earmark.paths import PACKAGE

Accepts = Callable[[object], bool]


@dataclass(frozen=True, slots=True)
class Form:
    """What a value must look like, as a test and in words."""

    accepts: Accepts
    description: str


@dataclass(frozen=True, slots=True)
class Tolerance:
    """A form, and the value where a spec states none."""

    form: Form
    default: float


def _is_number(value: object) -> TypeGuard[int | float]:
    return isinstance(value, int | float) and not isinstance(value, bool) and isfinite(value)


def _is_positive(value: object) -> bool:
    return _is_number(value) and value > 0


def _is_share(value: object) -> bool:
    return _is_number(value) and 0 <= value <= 1


def _is_octaves(value: object) -> bool:
    return _is_number(value) and value in (0, 1, 2)


def _is_note(value: object) -> bool:
    return _is_number(value) and 0 <= value <= 127


def _is_text(value: object) -> bool:
    return isinstance(value, str) and bool(value.strip())


def _is_spoken(value: object) -> bool:
    return isinstance(value, str) and any(character.isalpha() for character in value)


def _is_list(value: object, accepts: Accepts, least: int = 1) -> TypeGuard[Sequence[Any]]:
    return isinstance(value, list | tuple) and len(value) >= least and all(map(accepts, value))


def _is_range(value: object) -> bool:
    return _is_list(value, _is_number, least=2) and len(value) == 2 and value[0] <= value[1]


def _is_frequency_pair(value: object) -> bool:
    return _is_list(value, _is_positive, least=2) and len(value) == 2


def _is_chord(value: object) -> bool:
    return _is_list(value, _is_note, least=2)


def _is_melody(value: object) -> bool:
    return _is_list(value, _is_note)


def _are_seconds(value: object) -> bool:
    return _is_list(value, _is_number)


def _are_frequencies(value: object) -> bool:
    return _is_list(value, _is_positive)


def _are_classes(value: object) -> bool:
    return _is_list(value, _is_text) and set(value) <= _audioset_classes()


@cache
def _audioset_classes() -> frozenset[str]:
    path = PACKAGE / "embedders" / "yamnet_prior.csv"
    with path.open(encoding="utf-8", newline="") as stream:
        rows = csv.DictReader(line for line in stream if not line.startswith("#"))
        return frozenset(row["class"] for row in rows)


RANGE = Form(_is_range, "a range [low, high]")
POSITIVE = Form(_is_positive, "a number above 0")
SHARE = Form(_is_share, "a number within 0..1")
OCTAVES = Form(_is_octaves, "0, 1 or 2")

# A range is met when the measured number lies within it, both ends included.
FACTS: Mapping[str, Form] = {
    # pitch
    "f0_hz": POSITIVE,
    "midi": Form(_is_note, "a note number within 0..127"),
    "chord": Form(_is_chord, "a list of at least two note numbers within 0..127"),
    "melody": Form(_is_melody, "a list of note numbers within 0..127"),
    "glide_hz": Form(_is_frequency_pair, "two frequencies [first, last]"),
    "vibrato_hz": RANGE,
    "harmonics": RANGE,
    "odd_even_db": RANGE,
    # time
    "onsets": Form(_are_seconds, "a list of seconds"),
    "onset_count": RANGE,
    "event_count": RANGE,
    "tempo_bpm": POSITIVE,
    "period_seconds": RANGE,
    # level over time
    "attack_seconds": RANGE,
    "decay_seconds": RANGE,
    "tremolo_hz": RANGE,
    "trend_db": RANGE,
    "level_range_db": RANGE,
    "silence_share": RANGE,
    "loudest_at": RANGE,
    # spectrum, 50 to 7200 Hz
    "centroid_hz": RANGE,
    "centroid_ratio": RANGE,
    "bandwidth_hz": RANGE,
    "flatness": RANGE,
    "low_share": RANGE,
    # kind of sound
    "tags": Form(
        _are_classes, "a list of AudioSet class names, as in src/earmark/embedders/yamnet_prior.csv"
    ),
    # voice
    "words": Form(
        _is_spoken,
        "a text of words in letters (ten, not 10), in quotes where YAML would read a truth value "
        "(yes, no)",
    ),
    "voiced_share": RANGE,
    "voice_f0_hz": RANGE,
    "f0_spread_semitones": RANGE,
    "f0_trend_semitones": RANGE,
    "syllable_count": RANGE,
    "syllable_rate_hz": RANGE,
    "formants_hz": Form(_are_frequencies, "a list of frequencies, the first formant first"),
}

TOLERANCES: Mapping[str, Tolerance] = {
    "cents": Tolerance(POSITIVE, 50.0),  # half a semitone
    # stops of an organ sound so many octaves below the key; a bell's strike note is as unsure
    "octaves": Tolerance(OCTAVES, 0.0),
    "melody_share": Tolerance(SHARE, 1.0),  # of the notes: those of bells ring over the next ones
    "onset_tolerance_seconds": Tolerance(POSITIVE, 0.05),  # as onset evaluation commonly allows
    "formant_tolerance": Tolerance(POSITIVE, 0.15),  # of the frequency
    "tags_within": Tolerance(POSITIVE, 10.0),  # a tagger also names parents and children of a kind
    "word_error_rate": Tolerance(SHARE, 0.34),
}
_FORMS = {**FACTS, **{name: tolerance.form for name, tolerance in TOLERANCES.items()}}


def problem(spec: Mapping[str, object]) -> str | None:
    """The first problem of a spec, to be read after a task's name; None for a valid spec."""
    for name, value in spec.items():
        if name not in _FORMS:
            return f"unknown fact spec.{name}; {_hint(str(name), value, _FORMS)}"
        if not _FORMS[name].accepts(value):
            return f"spec.{name} must be {_FORMS[name].description}, got {value!r}"
    if not FACTS.keys() & spec.keys():
        return f"spec must state at least one fact, got {dict(spec)!r}"
    return None


def _hint(name: str, value: object, known: Collection[str]) -> str:
    if value is None:  # YAML reads {words: hello, world} as two keys, the second without a value
        return "put quotes around a text that holds a comma inside {...}"
    if near := get_close_matches(name, known, n=3, cutoff=0.5):
        return f"did you mean {', '.join(near)}? docs/tasks.md lists all facts"
    return f"choose from {', '.join(known)}"


def tolerance(spec: Mapping[str, Any], name: str) -> float:
    """The tolerance that a valid spec states, or the default."""
    return float(spec.get(name, TOLERANCES[name].default))
