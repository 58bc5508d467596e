"""The baselines of a tier, run for real, and the order that a listener would expect."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any, NoReturn, cast

import pytest

from earmark.analysis import baseline_clips
from earmark.analysis.baselines import MISMATCHED, RECORDINGS, TASK_RECORDINGS, Baselines, to_json
from earmark.analysis.calibration import no_scale
from earmark.audio import read_clip
from earmark.config.compose import compose
from earmark.config.factory import build_parts, design_of, tasks_of
from earmark.config.preflight import preflight
from earmark.config.schema import RunConfig
from earmark.errors import ConfigError, MetricUnavailable
from earmark.pipeline import Parts
from earmark.records import Execution, Limits, Run
from earmark.run import chosen_model, run_one, score_run, tier_baselines
from earmark.storage.run_folder import RunFolder
from earmark.storage.sweep_folder import SweepFolder


@pytest.fixture
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> RunConfig:
    monkeypatch.setenv("EARMARK_ROOT", str(tmp_path))
    composed = compose(["embedder=yamnet_minilm", "tier=environment"])
    return replace(composed, name="ladder", cache=str(tmp_path / "cache"))


class Refuses:
    """A sandbox that must not be needed."""

    def execute(self, *_: object, **__: object) -> NoReturn:
        raise AssertionError("no program need run")


class Hurried:
    """A sandbox on a machine so busy that every program is out of time."""

    limits = Limits()

    def execute(self, *_: object, **__: object) -> Execution:
        return Execution("timeout", None, "", "", 30.0, 1.0, 0, "process", "missing", None)


def within(config: RunConfig, tier: str, limit: int | None = None) -> RunConfig:
    return replace(config, tier=replace(compose([f"tier={tier}"]).tier, limit=limit))


def parts_of(config: RunConfig, sandbox: object = None) -> Parts:
    return build_parts(config, design_of(config), sandbox=cast(Any, sandbox))


def asked(
    config: RunConfig, tier: str, *, executes: bool = True, limit: int | None = None
) -> Baselines:
    config = within(config, tier, limit)
    return tier_baselines(
        config, tasks_of(config), parts_of(config, None if executes else Refuses())
    )


def test_without_an_embedder_no_program_runs(config: RunConfig) -> None:
    deaf = compose(["embedder=none"]).embedder
    baselines = asked(replace(config, embedder=deaf, fad_embedder=deaf), "notes", executes=False)
    assert baselines.floor is None
    assert set(baselines.unscored) == {
        "silence",
        "noise",
        "sine",
        "random_program",
        "trivial",
        "expert",
        MISMATCHED,
        RECORDINGS,
        TASK_RECORDINGS,
    }
    assert all("embeds nothing" in reason for reason in baselines.unscored.values())


@pytest.mark.parts
def test_baselines_of_a_busy_machine_are_not_kept(config: RunConfig, tmp_path: Path) -> None:
    config = within(config, "speech", limit=2)
    baselines = tier_baselines(config, tasks_of(config), parts_of(config, Hurried()))
    assert "was stopped after 30 s" in baselines.unscored["expert"]
    assert "no program could be chosen" in baselines.unscored["trivial"]
    assert not list((tmp_path / "cache" / "baselines").glob("*.json"))


TIERS = [pytest.param("environment", 12, id="environment-few")]
TIERS += [
    pytest.param(tier, None, id=tier, marks=pytest.mark.long)
    for tier in ("notes", "environment", "speech")
]


@pytest.mark.parts
@pytest.mark.parametrize(("tier", "limit"), TIERS)
def test_the_expert_stands_above_noise_and_random_programs(
    tier: str, limit: int | None, config: RunConfig
) -> None:
    baselines = asked(config, tier, limit=limit)
    means = {name: mean.value for name in baselines.scores if (mean := baselines.mean(name))}
    assert means["expert"] > max(means["noise"], means["sine"], means["random_program"])
    assert baselines.floor == means["noise"]
    tasks = {task.id for task in tasks_of(within(config, tier, limit))}
    for name in ("noise", "sine", "random_program", "trivial", "expert", MISMATCHED):
        assert baselines.scores[name].keys() == tasks
    # The stand-in tells that a person speaks, not what: a wrong caption or syllables do as well.
    assert no_scale(baselines) is None or tier == "speech"
    assert "must rise above" in baselines.unscored["silence"]


@pytest.mark.parts
@pytest.mark.parametrize(("tier", "limit"), TIERS)
def test_a_run_of_the_expert_calibrates_to_one_or_says_why_not(
    tier: str, limit: int | None, config: RunConfig, tmp_path: Path
) -> None:
    settings = within(config, tier, limit)
    settings = replace(settings, model=compose(["model=expert"]).model)
    design, parts = design_of(settings), parts_of(settings)
    folder = RunFolder(tmp_path / "multirun" / "ladder" / "expert")
    run = run_one(settings, folder, design=design, parts=parts)
    for name in ("yamnet_minilm_calibrated", "yamnet_minilm_floored_calibrated"):
        if tier == "speech":
            assert "cannot tell expert from" in run.unscored[name]
        else:
            assert run.scores[name] == pytest.approx(1.0)
            assert run.scores[f"{name}_se"] == pytest.approx(0.0, abs=1e-9)


@pytest.mark.parts
def test_baselines_are_computed_once_for_tasks_and_pipeline(
    config: RunConfig, tmp_path: Path
) -> None:
    first = asked(config, "speech", limit=2)
    again = asked(config, "speech", executes=False, limit=2)
    assert (again, again.id) == (first, first.id)
    few = within(config, "speech", 2)
    tasks = {task.id for task in tasks_of(few)}
    for name in ("noise", "sine", "random_program", "trivial", "expert"):
        assert {one.task for one in again.clips[name]} == tasks
    choice = again.choices["trivial"]
    assert choice.means[choice.program] == max(choice.means.values())
    assert (choice.split, choice.tasks) == ("tune", 32)
    with pytest.raises(AssertionError, match="no program need run"):
        asked(config, "speech", executes=False, limit=3)
    check_kept_in_the_sweep(
        few, tmp_path / "multirun" / "ladder" / "baselines" / f"speech-{first.id}", first
    )
    (entry,) = {*(tmp_path / "cache" / "baselines").glob("*.json")} - {
        *(tmp_path / "cache" / "baselines").glob("choice-*.json")
    }
    stored = json.loads(entry.read_text())
    del stored["clips"]
    entry.write_text(json.dumps(stored))
    old = asked(config, "speech", executes=False, limit=2)
    assert (old.scores, old.unscored, old.id, old.clips) == (
        first.scores,
        first.unscored,
        first.id,
        {},
    )


@pytest.mark.parts
def test_a_run_of_the_trivial_model_answers_with_the_chosen_program(config: RunConfig) -> None:
    few = within(config, "speech", 1)
    few = replace(few, model=compose(["model=trivial"]).model)
    parts = parts_of(few)
    model = chosen_model(few, parts)
    choice = tier_baselines(few, tasks_of(few), parts).choices["trivial"]
    assert model.identity["kind"] == choice.program
    assert chosen_model(few, replace(parts, model=model)) is model


def test_the_trivial_model_needs_something_to_choose_by(config: RunConfig) -> None:
    deaf = compose(["embedder=none"]).embedder
    few = within(config, "speech", 1)
    few = replace(few, model=compose(["model=trivial"]).model, embedder=deaf, fad_embedder=deaf)
    with pytest.raises(ConfigError, match=r"model=trivial: .*; set model\.kind to one of clicks"):
        preflight([few])
    with pytest.raises(MetricUnavailable, match="no program could be chosen: embedder=none"):
        chosen_model(few, parts_of(few, Refuses()))


def check_kept_in_the_sweep(config: RunConfig, place: Path, expected: Baselines) -> None:
    """A run is scored where no program may run: the sweep keeps its baselines and their clips."""
    blank = Run("k", "ladder", config)
    score_run(
        blank,
        SweepFolder(place.parents[1]),
        design=design_of(config),
        parts=parts_of(config, Refuses()),
    )
    assert json.loads(place.with_name(f"{place.name}.json").read_text()) == to_json(expected)
    kept = baseline_clips.linked(place)
    assert kept.keys() == expected.clips.keys()
    for name, clips in kept.items():
        assert tuple(one for one, _ in clips) == expected.clips[name]
        assert all(read_clip(wav).sha256 == one.sha256 for one, wav in clips)
