"""The calibrated scale: the expert is 1 on any tasks, the floor 0, and no scale has its reason."""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from earmark.analysis.baselines import (
    RECORDINGS,
    TASK_RECORDINGS,
    Baselines,
    from_json,
    to_json,
)
from earmark.analysis.calibration import (
    calibrate,
    calibrated_mean,
    calibrated_values,
    floored_calibrated_values,
    no_scale,
)
from earmark.analysis.conclusion import conclude
from earmark.analysis.summary import summarise
from earmark.analysis.tier_trends import CALIBRATED
from earmark.records import Attempt, Clip, Completion, Failure, Request, Run, Sampling, Task
from earmark.report.table import calibrated_text
from earmark.testing.sweeps import FACTS, HEADLINE, LastValid, config

CLIP = Clip("out.wav", 44100, 1, 44100, 1.0, 0.5, 0.1, 0.0, 0.0, "00")
TASKS = [f"task{number}" for number in range(20)]
RNG = np.random.default_rng(3)
NOISE = dict(zip(TASKS, RNG.beta(1, 20, 20), strict=True))
EXPERT = dict(zip(TASKS, RNG.beta(3, 4, 20), strict=True))
FIRST_THREE = TASKS[:3]


def baselines(tasks: list[str] = TASKS, **others: Mapping[str, float]) -> Baselines:
    scores = {"noise": NOISE, "expert": EXPERT, **others}
    kept = {}
    for name, by_task in scores.items():
        kept[name] = {task: by_task[task] for task in tasks if task in by_task}
    return Baselines("notes", HEADLINE, "drawn-1", scores=kept)


def run(
    scores: Mapping[str, float | None],
    *,
    floor: float | None,
    samples: int = 1,
    tier: str = "notes",
) -> Run:
    """A run with these scores in every sample; None is a failure."""
    attempts = []
    for task_id, score in scores.items():
        task = Task(task_id, tier, "c", "p", 1.0)
        for sample in range(samples):
            request = Request(task_id, 1.0, sample, 0, (), Sampling())
            answer = Completion("", "m", "stop", 1, 1, 2.0, 0.0, Sampling(), Sampling())
            one = Attempt(f"{task_id}-{sample}", "k", task, sample, 0, request, answer)
            if score is None:
                one = replace(one, failure=Failure("execute", "timeout", "30 s are over"))
            else:
                one = replace(one, clip=CLIP, scores={HEADLINE: score})
            attempts.append(one)
    bare = Run(f"k-{tier}", "s", config(tier=tier), tuple(attempts), facts=FACTS)
    return summarise(bare, strategy=LastValid(), headline=HEADLINE, floor=floor, set_metrics=())


def of_baseline(kept: Baselines, name: str, *, samples: int = 1) -> Run:
    return run(kept.scores[name], floor=kept.floor, samples=samples)


SUBSETS = st.lists(st.sampled_from(TASKS), min_size=3, unique=True)


@given(SUBSETS, st.integers(1, 3))
def test_the_expert_calibrates_to_one_on_any_tasks(tasks: list[str], samples: int) -> None:
    kept = baselines(tasks)
    scores = calibrate(of_baseline(kept, "expert", samples=samples), kept).scores
    for name in (f"{HEADLINE}_calibrated", f"{HEADLINE}_floored_calibrated"):
        if no_scale(kept) is None:
            assert scores[name] == pytest.approx(1.0)
            assert scores[f"{name}_low"] == pytest.approx(1.0)
            assert scores[f"{name}_high"] == pytest.approx(1.0)
        else:
            assert name not in scores


@given(SUBSETS)
def test_the_expert_calibrates_to_one_on_the_tasks_that_it_has_a_clip_for(valid: list[str]) -> None:
    kept = baselines()
    scores = {task: EXPERT[task] if task in valid else None for task in TASKS}
    found = calibrated_mean(run(scores, floor=kept.floor), kept, floored=False)
    assert isinstance(found, str) or found.value == pytest.approx(1.0)


@given(SUBSETS)
def test_who_always_fails_calibrates_to_zero(tasks: list[str]) -> None:
    kept = baselines(tasks)
    failing = calibrate(run(dict.fromkeys(tasks), floor=kept.floor), kept)
    name = f"{HEADLINE}_floored_calibrated"
    assert name in failing.unscored or failing.scores[name] == pytest.approx(0.0)
    assert f"there is no {HEADLINE}" in failing.unscored[f"{HEADLINE}_calibrated"]


def test_noise_is_zero_and_what_lies_beyond_the_ends_is_not_cut() -> None:
    kept = baselines()
    noise = calibrate(of_baseline(kept, "noise"), kept).scores
    assert noise[f"{HEADLINE}_calibrated"] == pytest.approx(0.0)
    twice = {task: NOISE[task] + 2 * (EXPERT[task] - NOISE[task]) for task in TASKS}
    better = calibrate(run(twice, floor=kept.floor), kept).scores
    assert better[f"{HEADLINE}_calibrated"] == pytest.approx(2.0)
    assert better["expert"] == pytest.approx(np.mean(list(EXPERT.values())))


def test_one_more_valid_clip_never_lowers_a_calibrated_score() -> None:
    kept = baselines()
    low = dict.fromkeys(TASKS, -0.2)
    name = f"{HEADLINE}_floored_calibrated"
    before = calibrate(run({**low, TASKS[0]: None}, floor=kept.floor), kept).scores[name]
    assert calibrate(run(low, floor=kept.floor), kept).scores[name] >= before


def test_the_expert_is_one_in_table_and_trend() -> None:
    """MLflow shows a run's scores, page and report the table's texts: these are all the places."""
    runs, kept_by_id = [], {}
    for tier, count in (("notes", 9), ("environment", 14), ("speech", 20)):
        kept = replace(baselines(TASKS[:count]), tier=tier)
        expert = calibrate(run(kept.scores["expert"], floor=kept.floor, tier=tier), kept)
        runs.append(expert)
        kept_by_id[kept.id] = kept
        assert calibrated_text(expert) == "1.00 (1.00 to 1.00)"
    trends = conclude("s", runs, kept_by_id).trends
    [trend] = [one for one in trends if one.quantity == CALIBRATED]
    assert {tier: round(mean.value, 9) for tier, mean in trend.tiers.items()} == dict.fromkeys(
        ("notes", "environment", "speech"), 1.0
    )
    assert calibrated_text(run(EXPERT, floor=0.0)) == ""


def drawn(rng: np.random.Generator, tasks: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Score, noise and expert: the score half-way, some clips below the floor, some failures."""
    expert, noise = rng.beta(3, 4, size=tasks), rng.beta(1, 20, size=tasks)
    score = noise + 0.5 * (expert - noise) + rng.normal(0, 0.1, size=tasks)
    return np.where(rng.random(tasks) < 0.2, -1.0, score), noise, expert


def test_the_error_of_both_ends_is_carried_into_the_error_of_the_score() -> None:
    """Over repeated draws of tasks the linearised standard error is the true one."""
    rng = np.random.default_rng(7)
    ratios, errors, naive = [], [], []
    for _ in range(1500):
        score, noise, expert = drawn(rng, 25)
        floor = float(noise.mean())
        counted = np.maximum(score, floor)
        values = floored_calibrated_values(counted, noise, expert, floor=floor)
        span = np.maximum(expert, floor).mean() - floor
        assert values.mean() == pytest.approx((counted.mean() - floor) / span)
        ratios.append(values.mean())
        errors.append(stats.sem(values))
        naive.append(stats.sem(counted) / span)
    assert np.mean(errors) == pytest.approx(np.std(ratios), rel=0.06)
    assert abs(np.mean(naive) / np.std(ratios) - 1) > 0.15


def test_an_interval_covers_the_true_ratio() -> None:
    rng = np.random.default_rng(8)
    score, noise, expert = drawn(rng, 400_000)
    floor = noise.mean()
    truth = (np.maximum(score, floor).mean() - floor) / (np.maximum(expert, floor).mean() - floor)
    inside = 0
    for _ in range(600):
        score, noise, expert = drawn(rng, 25)
        floor = float(noise.mean())
        values = floored_calibrated_values(np.maximum(score, floor), noise, expert, floor=floor)
        half = stats.sem(values) * stats.t.ppf(0.975, 24)
        inside += abs(values.mean() - truth) <= half
    assert 0.92 <= inside / 600 <= 0.98


def test_values_of_other_tasks_or_without_a_span_are_refused() -> None:
    with pytest.raises(
        ValueError, match=r"the expert's mean must be above the floor's, is -0\.1000"
    ):
        calibrated_values(np.ones(3), np.full(3, 0.2), np.full(3, 0.1))
    with pytest.raises(ValueError, match="of the same tasks, got 3, 2 and 3"):
        calibrated_values(np.ones(3), np.ones(2), np.ones(3))


NEAR = {task: score + 0.01 * (-1) ** at for at, (task, score) in enumerate(EXPERT.items())}


@pytest.mark.parametrize(
    ("kept", "reason"),
    [
        (replace(baselines(), scores={"noise": NOISE}), "baseline expert has no score"),
        (replace(baselines(), scores={"expert": EXPERT}), "baseline noise has no score"),
        (
            replace(
                baselines(), scores={"noise": NOISE, "expert": dict(list(EXPERT.items())[:-2])}
            ),
            "the baseline expert has no score on 2 tasks, first task18",
        ),
        (baselines(TASKS[:1]), "1 task; a scale between noise and expert needs at least 3"),
        (baselines(noise=EXPERT), "expert from noise on these tasks: +0 (+0 to +0, p 1)"),
        (baselines(mismatched_caption=NEAR), "cannot tell expert from mismatched_caption"),
        (baselines(trivial=NEAR), "cannot tell expert from trivial"),
        (baselines(sine=NEAR), "cannot tell expert from sine"),
        (baselines(FIRST_THREE, sine=NEAR), "cannot tell expert from sine"),
        (baselines(sine={"task0": 0.0}), "the baseline sine has a score on only 1 task"),
    ],
)
def test_without_a_scale_there_is_a_reason_and_no_number(kept: Baselines, reason: str) -> None:
    asked = run(kept.scores.get("noise", NOISE), floor=0.01)
    found = calibrate(asked, kept)
    name = f"{HEADLINE}_calibrated"
    assert not {name, f"{HEADLINE}_floored_calibrated"} & set(found.scores)
    assert reason in found.unscored[name]
    assert reason in str(no_scale(kept))


def test_recordings_of_what_the_tasks_ask_for_are_a_second_mark_above_the_expert() -> None:
    own = {RECORDINGS: {"0" * 16: 0.9, "1" * 16: 0.8}}
    half = {task: NOISE[task] + 1.5 * (EXPERT[task] - NOISE[task]) for task in TASKS[::2]}
    kept = replace(baselines(), scores={**baselines().scores, **own, TASK_RECORDINGS: half})
    assert no_scale(kept) is None
    scores = calibrate(of_baseline(kept, "expert"), kept).scores
    assert scores["recordings_calibrated"] == pytest.approx(1.5)
    assert scores[f"{HEADLINE}_calibrated"] == pytest.approx(1.0)
    without = calibrate(of_baseline(kept, "expert"), baselines())
    assert "no recording" in without.unscored["recordings_calibrated"]


def test_a_run_without_a_score_says_so() -> None:
    failing = calibrate(run(dict.fromkeys(TASKS), floor=None), baselines())
    assert failing.unscored[f"{HEADLINE}_calibrated"] == (
        f"there is no {HEADLINE}: no valid clip in this run"
    )
    assert (
        "the floor of this tier is not known"
        in calibrate(
            run(dict.fromkeys(TASKS), floor=None), replace(baselines(), scores={})
        ).unscored[f"{HEADLINE}_floored_calibrated"]
    )


def test_the_id_follows_what_is_inside_and_a_record_comes_back_as_it_was() -> None:
    kept = baselines()
    other = replace(kept, pipeline_id="drawn-2")
    assert kept.id == baselines().id
    assert len({kept.id, other.id, baselines(noise=EXPERT).id}) == 3
    assert from_json(to_json(kept)) == kept
