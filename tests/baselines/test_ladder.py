"""The baselines of a tier: calibration, and the order that a listener would expect."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any, NoReturn, cast

import pytest

from earmark.analysis import baseline_clips
from earmark.analysis.baselines import MISMATCHED, RECORDINGS, Baselines, to_json
from earmark.analysis.calibration import calibrate, no_scale, scale_of
from earmark.audio import read_clip
from earmark.config.compose import compose
from earmark.config.factory import build_parts, design_of, tasks_of
from earmark.config.schema import RunConfig
from earmark.pipeline import Parts
from earmark.records import Execution, Limits, Run
from earmark.run import score_run, tier_baselines
from earmark.storage.sweep_folder import SweepFolder
from earmark.testing.sweeps import config as blank_config

NOISE = {"a": 0.0, "b": 0.02, "c": 0.01}
EXPERT = {"a": 0.4, "b": 0.5, "c": 0.6}


def made(noise: dict[str, float] = NOISE, expert: dict[str, float] = EXPERT) -> Baselines:
    return Baselines(
        "notes",
        "clap",
        "clap 1",
        scores={"noise": noise, "expert": expert},
        unscored={"silence": "no valid clip"},
    )


def run(**scores: float) -> Run:
    return Run(
        "k",
        "s",
        blank_config(),
        scores=scores,
        unscored={} if scores else {"clap": "no valid clip in this run"},
    )


def test_noise_is_zero_and_the_expert_is_one() -> None:
    scores = calibrate(run(clap=0.5, clap_floored=0.01), made()).scores
    assert scores["clap_calibrated"] == pytest.approx(1.0)
    assert scores["clap_floored_calibrated"] == pytest.approx(0.0)
    assert scores["ceiling"] == pytest.approx(0.5)


def test_an_error_is_stretched_like_its_score() -> None:
    scores = calibrate(run(clap=0.5, clap_floored=0.01, clap_se=0.049), made()).scores
    assert scores["clap_calibrated_se"] == pytest.approx(0.1)
    assert "clap_floored_calibrated_se" not in scores


def test_a_score_beyond_the_ends_is_not_cut() -> None:
    assert scale_of(made()).calibrated(0.99) == pytest.approx(2.0)
    assert scale_of(made()).calibrated(-0.48) == pytest.approx(-1.0)


@pytest.mark.parametrize(
    ("baselines", "reason"),
    [
        (made(expert={}), "baseline expert has no score"),
        (made(noise={}), "baseline noise has no score"),
        (
            made(noise={"a": 0.0}, expert={"a": 0.4}),
            "1 tasks; a scale between noise and expert needs at least 3",
        ),
        (
            made(expert={"a": -0.4, "b": 0.5, "c": 0.0}),
            "clap cannot tell expert from noise on these tasks",
        ),
    ],
)
def test_without_a_scale_there_is_a_reason_and_no_number(baselines: Baselines, reason: str) -> None:
    calibrated = calibrate(run(clap=0.5, clap_floored=0.5), baselines)
    assert not {"clap_calibrated", "clap_floored_calibrated"} & set(calibrated.scores)
    assert reason in calibrated.unscored["clap_calibrated"]
    with pytest.raises(ValueError, match="no scale"):
        scale_of(baselines)


def test_a_run_without_a_score_says_so() -> None:
    assert (
        calibrate(run(), made()).unscored["clap_calibrated"]
        == "there is no clap: no valid clip in this run"
    )


def test_the_id_follows_what_is_inside() -> None:
    assert made().id == made().id
    assert (
        len(
            {
                made().id,
                made(noise={**NOISE, "a": 0.001}).id,
                replace(made(), pipeline_id="clap 2").id,
            }
        )
        == 3
    )


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


def within(config: RunConfig, tier: str, **rules: int) -> RunConfig:
    baselines = replace(config.baselines, **cast(Any, rules))
    return replace(config, tier=compose([f"tier={tier}"]).tier, baselines=baselines)


def parts_of(config: RunConfig, sandbox: object = None) -> Parts:
    return build_parts(config, design_of(config), sandbox=cast(Any, sandbox))


def asked(config: RunConfig, tier: str, *, executes: bool = True, **rules: int) -> Baselines:
    config = within(config, tier, **rules)
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
        "expert",
        MISMATCHED,
        RECORDINGS,
    }
    assert all("embeds nothing" in reason for reason in baselines.unscored.values())


@pytest.mark.parts
def test_baselines_of_a_busy_machine_are_not_kept(config: RunConfig, tmp_path: Path) -> None:
    config = within(config, "speech", max_tasks=2, other_tasks=1)
    baselines = tier_baselines(config, tasks_of(config), parts_of(config, Hurried()))
    assert "was stopped after 30 s" in baselines.unscored["expert"]
    assert not list((tmp_path / "cache" / "baselines").glob("*.json"))


TIERS = [pytest.param("environment", {"max_tasks": 6, "other_tasks": 1}, id="environment-few")]
TIERS += [
    pytest.param(tier, {}, id=tier, marks=pytest.mark.long)
    for tier in ("notes", "environment", "speech")
]


@pytest.mark.parts
@pytest.mark.parametrize(("tier", "rules"), TIERS)
def test_the_expert_stands_above_noise_task_by_task(
    tier: str, rules: dict[str, int], config: RunConfig
) -> None:
    baselines = asked(config, tier, executes=True, **rules)
    expert, noise, random_program = (
        baselines.mean(name) for name in ("expert", "noise", "random_program")
    )
    assert expert is not None
    assert noise is not None
    assert random_program is not None
    assert no_scale(baselines) is None
    assert expert.value > random_program.value
    wrong = baselines.mean(MISMATCHED)
    assert wrong is not None
    # The stand-in detects speech but not its words: there a wrong caption does nearly as well.
    assert expert.value > wrong.value or tier == "speech"
    assert (
        "silent" in baselines.unscored["silence"]
        or "must rise above" in baselines.unscored["silence"]
    )
    assert baselines.floor == noise.value


@pytest.mark.parts
def test_baselines_are_computed_once_for_tier_and_pipeline(
    config: RunConfig, tmp_path: Path
) -> None:
    few = {"max_tasks": 2, "other_tasks": 1}
    first = asked(config, "speech", executes=True, **few)
    again = asked(config, "speech", executes=False, **few)
    assert (again, again.id) == (first, first.id)
    first_task = tasks_of(within(config, "speech"))[0].id
    for name in ("noise", "sine", "random_program", "expert"):
        assert [one.task for one in again.clips[name]] == [first_task]
    assert again.clips.keys() <= {"noise", "sine", "random_program", "expert", RECORDINGS}
    with pytest.raises(AssertionError, match="no program need run"):
        asked(config, "speech", executes=False, max_tasks=3, other_tasks=1)
    check_kept_in_the_sweep(
        within(config, "speech", **few),
        tmp_path / "multirun" / "ladder" / "baselines" / f"speech-{first.id}",
        first,
    )
    (entry,) = (tmp_path / "cache" / "baselines").glob("*.json")
    stored = json.loads(entry.read_text())
    del stored["clips"]
    entry.write_text(json.dumps(stored))
    old = asked(config, "speech", executes=False, **few)
    assert (old.scores, old.unscored, old.id, old.clips) == (
        first.scores,
        first.unscored,
        first.id,
        {},
    )


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
