"""Tiers: valid as they are, refused by name when they are not, cut down evenly."""

import re
import shutil
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
import yaml

from earmark import paths
from earmark.commands.check import spec_of
from earmark.commands.tasks import main
from earmark.config.compose import compose
from earmark.config.factory import load_tier
from earmark.config.factory import tasks_of as asked_by
from earmark.errors import ConfigError
from earmark.models.baselines.expert import PROGRAMS
from earmark.paths import CHECKOUT, conf
from earmark.tasks.loading import LEVELS, SPLITS, load, select
from earmark.tasks.spec import FACTS, TOLERANCES, problem, tolerance
from earmark.testing.tasks import TierContract

TIERS = ("notes", "environment", "speech")


def read(name: str) -> dict[str, Any]:
    value: dict[str, Any] = yaml.safe_load(
        (conf() / "tier" / f"{name}.yaml").read_text(encoding="utf-8")
    )
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
def test_a_tier_shows_the_curve_from_easy_to_hard_in_both_splits(name: str) -> None:
    tasks = load(read(name))
    places = Counter((task.difficulty, str(task.split)) for task in tasks)
    assert read(name)["name"] == name
    assert len(tasks) >= 40
    assert [
        level for level in LEVELS if places[level, "tune"] + places[level, "held-out"] < 4
    ] == []
    assert [
        (level, split) for level in LEVELS for split in SPLITS if not places[level, split]
    ] == []


def test_ids_differ_across_tiers_because_programs_are_found_by_id() -> None:
    ids = [task.id for name in TIERS for task in load(read(name))]
    assert len(ids) == len(set(ids))


def test_every_task_has_an_expert_program_and_every_program_a_task() -> None:
    for name in TIERS:
        assert {path.stem for path in (PROGRAMS / name).glob("*.py")} == {
            task.id for task in load(read(name))
        }


def test_the_manual_maps_everyday_classes_to_tasks_that_exist() -> None:
    page = (CHECKOUT / "docs" / "tasks.md").read_text(encoding="utf-8")
    table = page.partition("| family | class → task |")[2].partition("\n\n")[0]
    mapped = re.findall(r"`(\w+)`", table)
    assert len(mapped) == len(set(mapped)) == 50
    assert set(mapped) <= {task.id for task in load(read("environment"))}


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
    ("changed", "said"),
    [
        (
            {"seconds": 0},
            r"tier 'mine' task 'kick': seconds must be within 0\.1\.\.30, got 0; see conf/tier/mine\.yaml",
        ),
        ({"seconds": 31}, r"seconds must be within 0\.1\.\.30, got 31"),
        ({"seconds": "1"}, r"seconds must be within 0\.1\.\.30, got '1'"),
        ({"seconds": float("nan")}, r"seconds must be within 0\.1\.\.30, got nan"),
        ({"seconds": True}, r"seconds must be within 0\.1\.\.30, got True"),
        ({"prompt": " "}, "task 'kick': prompt must be a text that is not empty, got ' '"),
        ({"caption": None}, "caption must be a text that is not empty, got None"),
        ({"paraphrases": "one"}, "paraphrases must be a list of texts, got 'one'"),
        ({"paraphrases": ["one", ""]}, "paraphrases must be a text that is not empty"),
        (
            {"paraphrases": ["Four barks", "short.", "A dog."]},
            r"paraphrases must be two texts or none, got 3: .* comma inside",
        ),
        ({"paraphrases": ["one"]}, "paraphrases must be two texts or none, got 1"),
        ({"difficulty": 6}, r"difficulty must be a whole number within 1\.\.5, got 6"),
        ({"split": "test"}, "split must be one of tune, held-out, got 'test'"),
        ({"id": "Kick drum"}, "id must be a name of a-z, 0-9 and _"),
        ({"id": "../kick"}, "id must be a name of a-z, 0-9 and _"),
        ({"spec": ...}, "spec is missing; a task has id, caption, prompt, seconds, spec"),
        ({"spec": {}}, "spec must state at least one fact"),
        ({"spec": {"cents": 20}}, "spec must state at least one fact"),
        ({"spec": [1]}, "spec must be a mapping of facts"),
        ({"spec": {"f0": 440}}, r"spec\.f0 is no fact that can be checked; nearest are f0_hz"),
        ({"spec": {"xyz": 3}}, r"spec\.xyz is no fact that can be checked; there are f0_hz, midi"),
        (
            {"spec": {"words": "hello", "world": None}},
            r"spec\.world is no fact .*; a text with a comma inside \{\.\.\.\} needs quotes",
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
        ({"loudness": 3}, "loudness is no setting of a task; there are id"),
    ],
)
def test_a_broken_task_is_refused_by_name(changed: dict[str, Any], said: str) -> None:
    with pytest.raises(ConfigError, match=said):
        load({"name": "mine", "tasks": [task(**changed)]})


def test_a_tier_without_tasks_and_a_double_id_are_refused() -> None:
    broken: tuple[object, ...] = (None, [], "kick")
    for tasks in broken:
        with pytest.raises(
            ConfigError, match="tier 'mine': tasks must be a list of at least one task"
        ):
            load({"name": "mine", "tasks": tasks})
    with pytest.raises(
        ConfigError, match="tier 'mine' task 'kick': id must be unique, 'kick' is there twice"
    ):
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
    assert problem({"f0_hz": 440, name: 0.2}) is None
    assert str(problem({"f0_hz": 440, name: -1})).startswith(f"spec.{name} must be ")
    assert (tolerance({name: 0.2}, name), tolerance({}, name)) == (0.2, TOLERANCES[name][2])


def test_few_tasks_spread_over_difficulty_in_the_order_of_the_file() -> None:
    tasks = load(
        {"name": "mine", "tasks": [task(id=f"t{k}", difficulty=1 + k // 4) for k in range(20)]}
    )
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
    with pytest.raises(ConfigError, match=r"tier\.limit=0: must be a whole number of at least 1"):
        select(tasks, limit=0)
    with pytest.raises(
        ConfigError, match=r"tier\.split=held-out: none of the 1 tasks belongs to it"
    ):
        select(tasks, split="held-out")
    with pytest.raises(ConfigError, match=r"tier\.split=test: must be one of all, tune, held-out"):
        select(tasks, split="test")  # type: ignore[arg-type]  # what a command line may hold


def test_the_command_lists_every_task_and_closes_with_the_curve(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["notes", "speech"]) == 0
    printed = capsys.readouterr().out
    assert all(f"  {one.id} " in printed for tier in ("notes", "speech") for one in load_tier(tier))
    assert re.search(
        r"\n  speech +1: \d\+\d.* 5: \d\+\d +\d+ tasks = \d+ tune \+ \d+ held-out\n$", printed
    )
    assert main(["--json", "speech"]) == 0
    assert '"tier": "speech"' in capsys.readouterr().out


MINE = """name: drums
limit: null
split: all
tasks:
  - id: one_snare
    caption: a single snare drum stroke
    prompt: One stroke on a snare drum, sharp and short, at the very start.
    paraphrases: [A snare drum is struck once., One dry snare hit.]
    seconds: 1.0
    difficulty: 2
    split: tune
    spec: {onset_count: [1, 1], attack_seconds: [0, 0.03], flatness: [0.05, 1]}
"""


@pytest.fixture
def mine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of our configuration with room for a tier of one's own."""
    shutil.copytree(conf(), tmp_path / "conf")
    monkeypatch.setattr(paths, "conf", lambda: tmp_path / "conf")
    return tmp_path / "conf" / "tier" / "drums.yaml"


def test_a_tier_of_ones_own_is_one_file(mine: Path, capsys: pytest.CaptureFixture[str]) -> None:
    mine.write_text(MINE, encoding="utf-8")
    assert main(["drums"]) == 0
    assert "drums          1: 0+0    2: 1+0 " in capsys.readouterr().out
    config = compose(["tier=drums", "model=noise"])
    assert [one.id for one in asked_by(config)] == ["one_snare"]
    assert spec_of("drums/one_snare")["onset_count"] == [1, 1]


def test_a_tier_may_be_large_and_its_words_are_taken_as_they_stand(mine: Path) -> None:
    head, _, task = MINE.partition("  - ")
    task = task.replace("very start.", "very start of ${bar}.")
    mine.write_text(
        head + "".join(f"  - {task.replace('one_snare', f'snare_{at}')}" for at in range(600)),
        encoding="utf-8",
    )
    asked = asked_by(compose(["tier=drums", "model=noise"]))
    assert [one.id for one in asked] == [f"snare_{at}" for at in range(600)]
    assert asked[0].prompt.endswith("at the very start of ${bar}.")


def test_an_edited_tier_is_read_again(mine: Path) -> None:
    for word in ("snare", "tabla"):
        mine.write_text(MINE.replace("one_snare", f"one_{word}"), encoding="utf-8")
        assert [one.id for one in asked_by(compose(["tier=drums", "model=noise"]))] == [
            f"one_{word}"
        ]


def test_the_manual_shows_that_file() -> None:
    page = (CHECKOUT / "docs" / "tasks.md").read_text(encoding="utf-8")
    shown = page.partition("Write `conf/tier/drums.yaml`:\n\n```yaml\n")[2].partition("```")[0]
    assert shown == MINE


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            MINE.replace("One stroke on a snare drum,", "One stroke: a snare drum,"),
            r"drums\.yaml line 7 column 23: .* wants quotes",
        ),
        (
            MINE.replace("One dry snare hit.]", "One dry snare hit."),
            r"drums\.yaml line 9 column 12: .*; YAML wants quotes",
        ),
        (
            MINE.replace("    seconds", "\tseconds"),
            r"drums\.yaml line 9 column 1: .* spaces for every indent",
        ),
        (
            MINE.replace("    seconds", "    seconds: 2\n    seconds"),
            r"line 10 column 5: found duplicate key seconds; a key stands",
        ),
        (
            MINE.replace("name: drums", "name: snares"),
            "tier 'drums': name must be that of its file, drums, got 'snares'",
        ),
        (
            MINE.replace("limit: null", "limti: null"),
            "tier 'drums': limti is no setting of a tier; there are name, limit",
        ),
        (MINE.replace("limit: null", "limit: many"), r"tier\.limit=many: must be a whole number"),
        (MINE.replace("split: all", "split: held-out"), "none of the 1 tasks belongs to it"),
        (
            "",
            "tier 'drums': name must be that of its file, drums, got None; see conf/tier/drums.yaml",
        ),
        (MINE.replace("snare drum stroke", "snare \xe9"), "must be text in UTF-8"),
    ],
)
def test_a_broken_file_is_one_line_that_names_it(mine: Path, text: str, said: str) -> None:
    mine.write_bytes(text.encode("latin-1"))
    with pytest.raises(ConfigError, match=said) as caught:
        main(["drums"])
    assert "\n" not in str(caught.value)


def test_the_command_names_what_is_wrong() -> None:
    with pytest.raises(ConfigError, match="no_such_tier"):
        main(["no_such_tier"])


def test_programs_stand_in_folders_named_after_tiers() -> None:
    assert {path.name for path in Path(PROGRAMS).iterdir() if path.is_dir()} - {"__pycache__"} == {
        *TIERS,
        "instruments",
    }
