"""The vocabulary of a task's spec: which facts about a clip can be stated, and in what form.

In: the spec mapping of a task, as YAML gives it. Out: nothing, or the first thing that is wrong with it. The facts are measured in
earmark.checks; here is only their form, so that a tier can be validated without loading anything that hears.
"""

import csv
from collections.abc import Callable, Iterable, Mapping
from difflib import get_close_matches
from functools import cache
from math import isfinite

from earmark.paths import PACKAGE

Form = Callable[[object], bool]


def _number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and isfinite(value)


def _positive(value: object) -> bool:
    return _number(value) and value > 0  # type: ignore[operator]  # _number has seen to it


def _key_number(value: object) -> bool:
    return _number(value) and 0 <= value <= 127  # type: ignore[operator]  # as above


def _listed(form: Form, *, least: int = 1) -> Form:
    return lambda value: (
        isinstance(value, list | tuple)
        and len(value) >= least
        and all(form(item) for item in value)
    )


def _two_frequencies(value: object) -> bool:
    return _listed(_positive)(value) and len(value) == 2  # type: ignore[arg-type]  # _listed has seen to it


def _share(value: object) -> bool:
    return _number(value) and 0 <= value <= 1  # type: ignore[operator]  # _number has seen to it


def _range(value: object) -> bool:
    return _listed(_number, least=2)(value) and len(value) == 2 and value[0] <= value[1]  # type: ignore[arg-type,index]  # as above


def _text(value: object) -> bool:
    return isinstance(value, str) and bool(value.strip())


def _words(value: object) -> bool:
    return isinstance(value, str) and any(one.isalpha() for one in value)


def _classes(value: object) -> bool:
    return _listed(_text)(value) and set(value) <= _known_classes()  # type: ignore[call-overload]  # as above


@cache
def _known_classes() -> frozenset[str]:
    with (PACKAGE / "embedders" / "yamnet_prior.csv").open(encoding="utf-8", newline="") as stream:
        return frozenset(
            row["class"]
            for row in csv.DictReader(line for line in stream if not line.startswith("#"))
        )


RANGE = (_range, "a range [low, high]")
POSITIVE = (_positive, "a number above 0")

# Fact -> its form and what to call that form. A range is met when the measured number lies within it, both ends included.
FACTS: Mapping[str, tuple[Form, str]] = {
    # pitch
    "f0_hz": POSITIVE,
    "midi": (_key_number, "a note number 0..127"),
    "chord": (_listed(_key_number, least=2), "a list of at least two note numbers 0..127"),
    "melody": (_listed(_key_number), "a list of note numbers 0..127"),
    "glide_hz": (_two_frequencies, "two frequencies [first, last]"),
    "vibrato_hz": RANGE,
    "harmonics": RANGE,
    "odd_even_db": RANGE,
    # time
    "onsets": (_listed(_number), "a list of seconds"),
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
    # spectrum, 50..7200 Hz
    "centroid_hz": RANGE,
    "centroid_ratio": RANGE,
    "bandwidth_hz": RANGE,
    "flatness": RANGE,
    "low_share": RANGE,
    # kind
    "tags": (_classes, "a list of AudioSet class names, as in embedders/yamnet_prior.csv"),
    # voice
    "words": (
        _words,
        "a text of words in letters (ten, not 10), in quotes where YAML reads it otherwise (yes, no)",
    ),
    "voiced_share": RANGE,
    "voice_f0_hz": RANGE,
    "f0_spread_semitones": RANGE,
    "f0_trend_semitones": RANGE,
    "syllable_count": RANGE,
    "syllable_rate_hz": RANGE,
    "formants_hz": (_listed(_positive), "a list of frequencies, the first formant first"),
}

# Tolerance -> (form, its name, value where the spec is silent).
TOLERANCES: Mapping[str, tuple[Form, str, float]] = {
    "cents": (*POSITIVE, 50.0),  # half a semitone
    "onset_tolerance_seconds": (*POSITIVE, 0.05),  # what onset evaluation customarily allows
    "formant_tolerance": (*POSITIVE, 0.15),  # of the frequency
    "tags_within": (
        *POSITIVE,
        10.0,
    ),  # of the tagger's classes, which name parents and children of a sound as well
    "word_error_rate": (_share, "a number within 0..1", 0.34),
}


def problem(spec: Mapping[str, object]) -> str | None:
    """What is wrong with a spec, in words that follow a task's name; None when every key is known and has its form."""
    known: dict[str, tuple[Form, str]] = {
        **FACTS,
        **{name: (form, said) for name, (form, said, _) in TOLERANCES.items()},
    }
    for name, value in spec.items():
        if name not in known:
            return f"spec.{name} is no fact that can be checked; {_instead(name, value, known)}"
        form, said = known[name]
        if not form(value):
            return f"spec.{name} must be {said}, got {value!r}"
    return (
        None
        if FACTS.keys() & spec.keys()
        else f"spec must state at least one fact, got {dict(spec)!r}"
    )


def _instead(name: str, value: object, known: Iterable[str]) -> str:
    if value is None:  # what YAML makes of the second half of {words: hello, world}
        return "a text with a comma inside {...} needs quotes"
    near = get_close_matches(str(name), known, n=3, cutoff=0.5)
    return (
        f"nearest are {', '.join(near)}; docs/tasks.md has them all"
        if near
        else f"there are {', '.join(known)}"
    )


def tolerance(spec: Mapping[str, object], name: str) -> float:
    """The tolerance that a spec states, or the one it gets where it is silent."""
    return float(spec.get(name, TOLERANCES[name][2]))  # type: ignore[arg-type]  # `problem` has seen to it
