"""The tiers of the project: valid, from easy to hard, with an expert program for each task."""

import re
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
import yaml

from earmark.commands.tasks import main
from earmark.config.factory import load_tier
from earmark.errors import ConfigError
from earmark.models.baselines.expert import PROGRAMS
from earmark.paths import CHECKOUT, conf
from earmark.tasks.loading import LEVELS, SPLITS, load
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


@pytest.mark.parametrize("name", TIERS)
def test_the_manual_counts_the_tasks(name: str) -> None:
    page = (CHECKOUT / "docs" / "tasks.md").read_text(encoding="utf-8")
    assert f"`{name}` ({len(load(read(name)))} tasks)" in " ".join(page.split())


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


def test_the_command_names_what_is_wrong() -> None:
    with pytest.raises(ConfigError, match="no_such_tier"):
        main(["no_such_tier"])


def test_programs_stand_in_folders_named_after_tiers() -> None:
    assert {path.name for path in Path(PROGRAMS).iterdir() if path.is_dir()} - {"__pycache__"} == {
        *TIERS,
        "instruments",
    }
