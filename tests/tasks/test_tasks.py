"""Tiers: valid as they are, refused by name when they are not, cut down evenly."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from earmark.commands.tasks import main, tasks_of
from earmark.errors import ConfigError
from earmark.models.expert import PROGRAMS
from earmark.paths import conf
from earmark.spec import FACTS, TOLERANCES, problem, tolerance
from earmark.tasks import load, select
from earmark.testing.tasks import TierContract

TIERS = ("notes", "environment", "speech")


def read(name: str) -> dict[str, Any]:
    value: dict[str, Any] = yaml.safe_load((conf() / "tier" / f"{name}.yaml").read_text(encoding="utf-8"))
    return value


class TestNotes(TierContract):
    def tier(self):
        return read("notes")


class TestEnvironment(TierContract):
    def tier(self):
        return read("environment")


class TestSpeech(TierContract):
    def tier(self):
        return read("speech")


@pytest.mark.parametrize("name", TIERS)
def test_a_tier_spreads_from_easy_to_hard_over_both_splits(name: str) -> None:
    tasks = load(read(name))
    assert read(name)["name"] == name
    assert len({task.difficulty for task in tasks}) >= 4
    assert {task.split for task in tasks} == {"tune", "held-out"}


def test_ids_differ_across_tiers_because_programs_are_found_by_id() -> None:
    ids = [task.id for name in TIERS for task in load(read(name))]
    assert len(ids) == len(set(ids))


def test_every_program_belongs_to_a_task_of_its_tier() -> None:
    for name in TIERS:
        assert {path.stem for path in (PROGRAMS / name).glob("*.py")} <= {task.id for task in load(read(name))}


def task(**changed: Any) -> dict[str, Any]:
    whole = {"id": "kick", "caption": "a kick", "prompt": "A kick.", "seconds": 1, "spec": {"onset_count": [1, 1]}}
    return {key: value for key, value in {**whole, **changed}.items() if value is not ...}


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"seconds": 0}, r"tier 'mine' task 'kick': seconds must be within 0\.1\.\.30, got 0; see conf/tier/mine\.yaml"),
        ({"seconds": 31}, r"seconds must be within 0\.1\.\.30, got 31"),
        ({"seconds": "1"}, r"seconds must be within 0\.1\.\.30, got '1'"),
        ({"seconds": float("nan")}, r"seconds must be within 0\.1\.\.30, got nan"),
        ({"seconds": True}, r"seconds must be within 0\.1\.\.30, got True"),
        ({"prompt": " "}, "task 'kick': prompt must be a text that is not empty, got ' '"),
        ({"caption": None}, "caption must be a text that is not empty, got None"),
        ({"paraphrases": "one"}, "paraphrases must be a list of texts, got 'one'"),
        ({"paraphrases": ["one", ""]}, "paraphrases must be a text that is not empty"),
        ({"difficulty": 6}, r"difficulty must be a whole number within 1\.\.5, got 6"),
        ({"split": "test"}, "split must be one of tune, held-out, got 'test'"),
        ({"id": "Kick drum"}, "id must be a name of a-z, 0-9 and _"),
        ({"id": "../kick"}, "id must be a name of a-z, 0-9 and _"),
        ({"spec": ...}, "spec is missing; a task has id, caption, prompt, seconds, spec"),
        ({"spec": {}}, "spec must state at least one fact"),
        ({"spec": {"cents": 20}}, "spec must state at least one fact"),
        ({"spec": [1]}, "spec must be a mapping of facts"),
        ({"spec": {"f0": 440}}, r"spec\.f0 is no fact that can be checked; there are f0_hz"),
        ({"spec": {"f0_hz": -1}}, r"spec\.f0_hz must be a number above 0, got -1"),
        ({"spec": {"event_count": [3, 1]}}, r"spec\.event_count must be a range \[low, high\], got \[3, 1\]"),
        ({"loudness": 3}, "loudness is no setting of a task; there are id"),
    ],
)
def test_a_broken_task_is_refused_by_name(changed: dict[str, Any], said: str) -> None:
    with pytest.raises(ConfigError, match=said):
        load({"name": "mine", "tasks": [task(**changed)]})


def test_a_tier_without_tasks_and_a_double_id_are_refused() -> None:
    broken: tuple[object, ...] = (None, [], "kick")
    for tasks in broken:
        with pytest.raises(ConfigError, match="tier 'mine': tasks must be a list of at least one task"):
            load({"name": "mine", "tasks": tasks})
    with pytest.raises(ConfigError, match="tier 'mine' task 'kick': id must be unique, 'kick' is there twice"):
        load({"name": "mine", "tasks": [task(), task()]})
    with pytest.raises(ConfigError, match="entry 0 must be a mapping"):
        load({"name": "mine", "tasks": ["kick"]})


EXAMPLES: dict[str, tuple[object, object]] = {
    "midi": (60, 128),
    "chord": ([60, 64], [60]),
    "melody": ([60], []),
    "glide_hz": ([200, 400], [200]),
    "onsets": ([0, 1], "now"),
    "tempo_bpm": (120, 0),
    "words": ("hello", ""),
    "formants_hz": ([700], [-1]),
    "f0_hz": (440, "A4"),
}


@pytest.mark.parametrize("fact", FACTS)
def test_every_fact_has_a_form_that_takes_and_refuses(fact: str) -> None:
    good, wrong = EXAMPLES.get(fact, ([0, 1], [1, 0]))
    assert problem({fact: good}) is None
    assert str(problem({fact: wrong})).startswith(f"spec.{fact} must be ")


@pytest.mark.parametrize("name", TOLERANCES)
def test_a_tolerance_is_stated_or_has_its_default(name: str) -> None:
    assert problem({"f0_hz": 440, name: 0.2}) is None
    assert str(problem({"f0_hz": 440, name: -1})).startswith(f"spec.{name} must be ")
    assert (tolerance({name: 0.2}, name), tolerance({}, name)) == (0.2, TOLERANCES[name][2])


def test_few_tasks_spread_over_difficulty_in_the_order_of_the_file() -> None:
    tasks = load({"name": "mine", "tasks": [task(id=f"t{k}", difficulty=1 + k // 4) for k in range(20)]})
    assert [one.id for one in select(tasks, first=5)] == ["t0", "t4", "t8", "t12", "t16"]
    assert [one.id for one in select(tasks, first=7)] == ["t0", "t1", "t4", "t5", "t8", "t12", "t16"]
    assert select(tasks) == select(tasks, first=99) == tasks


def test_a_selection_of_nothing_is_refused() -> None:
    tasks = load({"name": "mine", "tasks": [task()]})
    with pytest.raises(ConfigError, match=r"tier\.first=0: must be a whole number of at least 1"):
        select(tasks, first=0)
    with pytest.raises(ConfigError, match=r"tier\.split=held-out: none of the 1 tasks belongs to it"):
        select(tasks, split="held-out")
    with pytest.raises(ConfigError, match=r"tier\.split=test: must be one of all, tune, held-out"):
        select(tasks, split="test")  # type: ignore[arg-type]  # what a command line may hold


def test_the_command_lists_every_task(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["notes"]) == 0
    printed = capsys.readouterr().out
    assert all(f"  {one.id} " in printed for one in tasks_of("notes"))
    assert main(["--json", "speech"]) == 0
    assert '"tier": "speech"' in capsys.readouterr().out


def test_the_command_names_what_is_wrong() -> None:
    with pytest.raises(ConfigError, match="no_such_tier"):
        main(["no_such_tier"])


def test_programs_stand_in_folders_named_after_tiers() -> None:
    assert {path.name for path in Path(PROGRAMS).iterdir() if path.is_dir()} - {"__pycache__"} == {*TIERS, "instruments"}
