"""Tasks of a tier: broken ones are refused by name, and the ones to run are chosen."""

from typing import Any

import pytest

from earmark.analysis.labels import pipeline_id
from earmark.config.compose import compose
from earmark.config.factory import tasks_of
from earmark.errors import ConfigError
from earmark.identity import run_key
from earmark.records import Run, Task
from earmark.tasks.loading import load, select
from earmark.tasks.spec import FACTS, TOLERANCES, problem, tolerance


def task(**changed: Any) -> dict[str, Any]:
    whole = {
        "id": "kick",
        "caption": "a kick",
        "prompt": "A kick.",
        "seconds": 1,
        "spec": {"onset_count": [1, 1]},
    }
    return {key: value for key, value in {**whole, **changed}.items() if value is not ...}


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        (
            {"seconds": 0},
            r"tier 'mine' task 'kick': seconds must be within 0\.1\.\.30, got 0; "
            r"see conf/tier/mine\.yaml",
        ),
        ({"seconds": 31}, r"seconds must be within 0\.1\.\.30, got 31"),
        ({"seconds": "1"}, r"seconds must be within 0\.1\.\.30, got '1'"),
        ({"seconds": float("nan")}, r"seconds must be within 0\.1\.\.30, got nan"),
        ({"seconds": True}, r"seconds must be within 0\.1\.\.30, got True"),
        ({"prompt": " "}, "task 'kick': prompt must be a text that is not empty, got ' '"),
        ({"caption": None}, "caption must be a text that is not empty, got None"),
        ({"paraphrases": "one"}, "paraphrases must be a list of texts, got 'one'"),
        ({"paraphrases": ["one", ""]}, "paraphrases must be texts that are not empty, got ''"),
        (
            {"paraphrases": ["Four barks", "short.", "A dog."]},
            r"paraphrases must be two texts or none, got 3: .* comma inside \[\.\.\.\]",
        ),
        ({"paraphrases": ["one"]}, "paraphrases must be two texts or none, got 1"),
        ({"difficulty": 6}, r"difficulty must be a whole number within 1\.\.5, got 6"),
        ({"split": "test"}, "split must be one of tune, held-out, got 'test'"),
        ({"id": "Kick drum"}, "id must be at most 60 characters of a-z, 0-9 and _"),
        ({"id": "../kick"}, "id must be at most 60 characters of a-z, 0-9 and _"),
        ({"spec": ...}, "spec is missing; a task needs id, caption, prompt, seconds, spec"),
        ({"spec": {}}, "spec must state at least one fact"),
        ({"spec": {"cents": 20}}, "spec must state at least one fact"),
        ({"spec": [1]}, "spec must be a mapping of facts"),
        ({"spec": {"f0": 440}}, r"unknown fact spec\.f0; did you mean f0_hz"),
        ({"spec": {"xyz": 3}}, r"unknown fact spec\.xyz; choose from f0_hz, midi"),
        (
            {"spec": {"words": "hello", "world": None}},
            r"unknown fact spec\.world; put quotes around a text that holds a comma",
        ),
        (
            {"spec": {"words": True}},
            r"spec\.words must be a text of words in letters .*, in quotes where YAML .*, got True",
        ),
        (
            {"spec": {"words": "10"}},
            r"spec\.words must be a text of words in letters \(ten, not 10\), .*, got '10'",
        ),
        (
            {"spec": {"onsets": [0, 1.5]}},
            r"spec\.onsets must lie within the clip, 0\.\.1 s, got 1\.5",
        ),
        ({"spec": {"f0_hz": -1}}, r"spec\.f0_hz must be a number above 0, got -1"),
        ({"spec": {"f0_hz": float("inf")}}, r"spec\.f0_hz must be a number above 0, got inf"),
        (
            {"spec": {"onsets": [float("nan")]}},
            r"spec\.onsets must be a list of seconds, got \[nan\]",
        ),
        (
            {"spec": {"event_count": [3, 1]}},
            r"spec\.event_count must be a range \[low, high\], got \[3, 1\]",
        ),
        ({"loudness": 3}, "unknown setting 'loudness'; choose from id"),
    ],
)
def test_a_broken_task_is_refused_by_name(changed: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        load({"name": "mine", "tasks": [task(**changed)]})


def test_a_tier_without_tasks_and_a_double_id_are_refused() -> None:
    broken: tuple[object, ...] = (None, [], "kick")
    for tasks in broken:
        with pytest.raises(
            ConfigError, match="tier 'mine': tasks must be a list of at least one task"
        ):
            load({"name": "mine", "tasks": tasks})
    with pytest.raises(
        ConfigError, match="tier 'mine' task 'kick': id must be unique, got 'kick' twice"
    ):
        load({"name": "mine", "tasks": [task(), task()]})
    with pytest.raises(ConfigError, match="tier 'mine': task number 1 must be a mapping"):
        load({"name": "mine", "tasks": ["kick"]})


EXAMPLES: dict[str, tuple[object, object]] = {
    "midi": (60, 128),
    "chord": ([60, 64], [60]),
    "melody": ([60], []),
    "glide_hz": ([200, 400], [200]),
    "onsets": ([0, 1], "now"),
    "tempo_bpm": (120, 0),
    "words": ("hello", ""),
    "tags": (["Dog"], ["Dogg"]),
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
    stated = 1 if name == "octaves" else 0.2
    assert problem({"f0_hz": 440, name: stated}) is None
    assert str(problem({"f0_hz": 440, name: -1})).startswith(f"spec.{name} must be ")
    assert (tolerance({name: stated}, name), tolerance({}, name)) == (
        stated,
        TOLERANCES[name].default,
    )


def twenty() -> tuple[Task, ...]:
    """Twenty tasks, four of each difficulty."""
    entries = [task(id=f"t{k}", difficulty=1 + k // 4) for k in range(20)]
    return load({"name": "mine", "tasks": entries})


def test_few_tasks_spread_over_difficulty_in_the_order_of_the_file() -> None:
    tasks = twenty()
    assert [one.id for one in select(tasks, limit=5)] == ["t0", "t4", "t8", "t12", "t16"]
    assert [one.id for one in select(tasks, limit=7)] == [
        "t0",
        "t1",
        "t4",
        "t5",
        "t8",
        "t12",
        "t16",
    ]
    assert select(tasks) == select(tasks, limit=99) == tasks


def test_a_selection_of_nothing_is_refused() -> None:
    tasks = load({"name": "mine", "tasks": [task()]})
    with pytest.raises(
        ConfigError, match=r"tier\.limit must be a whole number of at least 1, got 0; set"
    ):
        select(tasks, limit=0)
    with pytest.raises(
        ConfigError, match=r"tier\.split=held-out must leave at least one task, got none of 1; set"
    ):
        select(tasks, split="held-out")
    with pytest.raises(
        ConfigError, match=r"tier\.split must be one of all, tune, held-out, got 'test'"
    ):
        select(tasks, split="test")  # type: ignore[arg-type]  # what a command line may hold


@pytest.mark.parametrize("only", [["t12", "t3"], ("t3", "t12", "t3")])
def test_only_the_named_tasks_are_kept_in_the_order_of_the_file(only: list[str]) -> None:
    tasks = twenty()
    assert [one.id for one in select(tasks, only=only)] == ["t3", "t12"]
    assert [one.id for one in select(tasks, only=only, limit=1)] == ["t3"]


def test_split_and_limit_choose_among_the_named_tasks() -> None:
    entries = [task(id="a"), task(id="b", split="held-out"), task(id="c")]
    tasks = load({"name": "mine", "tasks": entries})
    assert [one.id for one in select(tasks, only=["b", "c"], split="tune")] == ["c"]
    with pytest.raises(ConfigError, match=r"tier\.split=tune must leave .*, got none of 1; set"):
        select(tasks, only=["b"], split="tune")


@pytest.mark.parametrize(
    ("only", "message"),
    [
        (["t1", "t99x"], r"tier\.only: unknown task 't99x'; did you mean t9"),
        (["piano"], r"tier\.only: unknown task 'piano'; choose from t0, t1, "),
        ([], r"tier\.only must be a list of at least one task id, got \[\]; set tier\.only=\[t0\]"),
        ("t4", r"tier\.only must be a list .*, got 't4'; set tier\.only=\[t4\], or null for all"),
        ([True], r"tier\.only: unknown task True"),
    ],
)
def test_a_task_that_the_tier_does_not_have_is_refused(only: Any, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        select(twenty(), only=only)


def test_named_tasks_are_part_of_what_was_asked() -> None:
    words = ["tier=notes", "model=noise"]
    all_tasks, some = compose(words), compose([*words, "tier.only=[piano_c4,saw_a2]"])
    assert [one.id for one in tasks_of(some)] == ["saw_a2", "piano_c4"]
    assert run_key(some) != run_key(all_tasks)
    groups = {pipeline_id(Run(key="", sweep="", config=config)) for config in (all_tasks, some)}
    assert len(groups) == 2
