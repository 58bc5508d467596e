"""Laws of the grid: what may stand in it, what a missing score does, and that pairs are paired."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from earmark.analysis.comparisons import compare, pairwise
from earmark.analysis.grid import CHECKS, VALID, ScoreGrid, score_grid
from earmark.errors import ConfigError
from earmark.records import Attempt, Clip, Failure, Request, Run, Sampling, Task
from earmark.testing.sweeps import HEADLINE, config, make_sweep

CLIP = Clip("out.wav", 44100, 1, 44100, 1.0, 0.5, 0.1, 0.0, 0.0, "00")
Scored = Mapping[tuple[str, int], float | None]  # None: the episode failed


def run_of(name: str, scored: Scored, *, metric: str = HEADLINE, spec: bool = False) -> Run:
    """A run of single attempts with a floor of 0.1."""
    attempts = []
    for (task, sample), score in scored.items():
        asked = Task(task, "notes", "c", "p", 1.0, spec={"f0_hz": 440} if spec else {})
        request = Request(task, 1.0, sample, 0, (), Sampling())
        one = Attempt(f"{name}{task}{sample}", name, asked, sample, 0, request)
        if score is None:
            one = replace(one, failure=Failure("execute", "timeout", "30 s are over"))
        else:
            one = replace(one, clip=CLIP, scores={metric: score})
        attempts.append(one)
    picked = tuple(one.key for one in attempts)
    settings = config(model=name)
    return Run(name, "s", settings, tuple(attempts), picked, scores={"floor": 0.1})


def scored(values: list[list[float | None]]) -> Scored:
    """Rows are tasks a, b, …; columns are samples."""
    return {
        (chr(ord("a") + row), column): value
        for row, several in enumerate(values)
        for column, value in enumerate(several)
    }


def test_values_are_by_run_task_and_sample_with_failures_at_the_floor() -> None:
    one = run_of("one", scored([[0.2, 0.4], [None, 0.05]]))
    other = run_of("other", scored([[0.3, 0.3], [0.3, None]]))
    grid = score_grid([one, other], HEADLINE)
    assert (grid.tasks, grid.samples, grid.missing) == (("a", "b"), (0, 1), 0)
    assert grid.values.tolist() == [[[0.2, 0.4], [0.1, 0.1]], [[0.3, 0.3], [0.3, 0.1]]]
    assert grid.means.tolist() == pytest.approx(np.array([[0.3, 0.3], [0.1, 0.2]]))
    assert grid.estimate(0).value == pytest.approx(0.2)
    assert score_grid([one, other], VALID).values.mean(axis=(1, 2)).tolist() == [0.75, 0.75]


def test_a_missing_score_leaves_its_task_to_those_that_all_runs_have() -> None:
    """Runs without a sample keep the mean of their others; a task that one run lacks is dropped."""
    three = scored([[0.2, 0.4], [0.5, 0.6], [0.7, 0.8]])
    whole = run_of("whole", three, metric=CHECKS, spec=True)
    holes = run_of("holes", three, metric=CHECKS, spec=True)
    gone = {("b", 0), ("b", 1), ("c", 1)}
    attempts = tuple(
        replace(one, scores={}) if (one.task.id, one.sample) in gone else one
        for one in holes.attempts
    )
    grid = score_grid([whole, replace(holes, attempts=attempts)], CHECKS)
    assert grid.shared_tasks == ("a", "c")
    assert grid.missing == 3
    assert grid.means.tolist() == pytest.approx(np.array([[0.3, 0.3], [0.75, 0.7]]))
    assert grid.estimate(1).n == 3
    assert grid.balanced.shape == (2, 1, 2)


def test_tasks_without_a_spec_have_no_checks_and_their_failures_no_zero() -> None:
    plain = run_of("plain", scored([[0.5, None]]))
    grid = score_grid([plain], CHECKS)
    assert grid.runs == ()
    assert grid.left_out == {"plain": "no episode has a check_ok score"}
    judged = run_of("judged", scored([[0.5, None]]), metric=CHECKS, spec=True)
    assert score_grid([judged], CHECKS).values.tolist() == [[[0.5, 0.0]]]


def test_runs_of_other_tasks_or_pipelines_are_refused(tmp_path: Path) -> None:
    one, other = run_of("one", scored([[0.1]])), run_of("other", scored([[0.1], [0.2]]))
    with pytest.raises(ConfigError, match=r"must have asked the same tasks, but .* differ in 1"):
        score_grid([one, other], HEADLINE)
    tiers = [folder.run() for folder in make_sweep(tmp_path, tiers=("notes", "speech")).runs()]
    with pytest.raises(ConfigError, match=r"2 pipelines .* cannot be ranked together"):
        score_grid(tiers, HEADLINE)
    with pytest.raises(ConfigError, match="must be a run to compare, got none"):
        score_grid([], HEADLINE)


def test_a_run_without_a_score_leaves_with_its_reason() -> None:
    one = run_of("one", scored([[0.2], [0.3]]))
    empty, floorless = replace(one, key="e", attempts=()), replace(one, key="f", scores={})
    grid = score_grid([one, empty, floorless], HEADLINE)
    assert [run.key for run in grid.runs] == ["one"]
    assert grid.left_out["e"] == "no attempts"
    assert "the floor of this tier is not known" in grid.left_out["f"]
    nothing = score_grid([empty], HEADLINE)
    assert nothing.values.shape == (0, 0, 0)
    assert nothing.balanced.size == 0


def pair_of(shift: list[float]) -> ScoreGrid:
    rng = np.random.default_rng(3)
    base = [float(value) for value in rng.uniform(0.3, 0.5, len(shift))]
    ours = scored([[value + more] for value, more in zip(base, shift, strict=True)])
    return score_grid([run_of("ours", ours), run_of("base", scored([[v] for v in base]))], HEADLINE)


def test_a_difference_is_paired_and_changes_sign() -> None:
    means = pair_of([0.05] * 8).means
    [one], [other] = compare(means, pairwise(2)), compare(means, -pairwise(2))
    assert one.value == pytest.approx(0.05)
    assert one.standard_error == pytest.approx(0.0, abs=1e-12)
    assert other.value == pytest.approx(-0.05)


def test_a_shift_is_distinguished_from_noise() -> None:
    [shifted] = compare(pair_of([0.3] * 20).means, pairwise(2))
    [mixed] = compare(pair_of([0.3, -0.15] * 10).means, pairwise(2))
    [equal] = compare(pair_of([0.0] * 20).means, pairwise(2))
    assert shifted.p < 0.001
    assert mixed.p > 0.1
    assert equal.p == 1.0
