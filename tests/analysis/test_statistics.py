"""Laws of means, errors, intervals and paired differences."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from earmark.analysis import statistics

VALUES = st.lists(st.floats(-1, 1), min_size=2, max_size=30)


def tasks_for(values: list[float], clusters: int) -> list[str]:
    return [f"t{at % clusters}" for at in range(len(values))]


@given(VALUES)
def test_with_one_value_per_task_the_error_is_the_textbook_one(values: list[float]) -> None:
    expected = np.std(values, ddof=1) / np.sqrt(len(values))
    assert statistics.standard_error(values, tasks_for(values, len(values))) == pytest.approx(
        expected, abs=1e-12
    )


@given(VALUES, st.integers(2, 5))
def test_saying_everything_twice_does_not_shrink_the_error(
    values: list[float], clusters: int
) -> None:
    tasks = tasks_for(values, clusters)
    once = statistics.standard_error(values, tasks)
    assert statistics.standard_error(values * 2, tasks * 2) == pytest.approx(once, abs=1e-12)


@given(VALUES, st.floats(0.1, 10), st.floats(-5, 5))
def test_the_error_scales_and_does_not_shift(
    values: list[float], scale: float, shift: float
) -> None:
    tasks = tasks_for(values, 4)
    moved = statistics.standard_error([scale * value + shift for value in values], tasks)
    assert moved == pytest.approx((statistics.standard_error(values, tasks) or 0) * scale, abs=1e-9)


@settings(deadline=None)
@given(VALUES)
def test_the_interval_lies_within_the_values_and_is_repeatable(values: list[float]) -> None:
    tasks = tasks_for(values, len(values))
    low, high = statistics.interval(values, tasks, draws=200)
    assert min(values) - 1e-9 <= low <= high <= max(values) + 1e-9
    assert (low, high) == statistics.interval(values, tasks, draws=200)


def test_one_task_has_no_error_and_no_interval() -> None:
    assert statistics.standard_error([0.1, 0.9], ["a", "a"]) is None
    assert statistics.mean([0.1, 0.9], ["a", "a"]) == statistics.Mean(0.5, None, None, None, 2, 1)
    with pytest.raises(ValueError, match="at least 2 tasks, got 1"):
        statistics.interval([0.1, 0.9], ["a", "a"])


@pytest.mark.parametrize("values", [[], [float("nan"), 0.1]])
def test_a_mean_of_what_was_not_scored_is_refused(values: list[float]) -> None:
    with pytest.raises(ValueError, match="needs finite values"):
        statistics.mean(values, ["a"] * len(values))


def test_values_and_tasks_go_together() -> None:
    with pytest.raises(ValueError, match="2 values and 1 tasks"):
        statistics.standard_error([0.1, 0.2], ["a"])


@pytest.mark.parametrize("draws", [60, pytest.param(1000, marks=pytest.mark.long)])
def test_intervals_cover_the_truth_about_as_often_as_they_say(draws: int) -> None:
    rng = np.random.default_rng(7)
    tasks = [f"t{task}" for task in range(24) for _ in range(3)]
    hits = 0
    for _ in range(draws):
        offsets = np.repeat(rng.normal(0.3, 0.1, 24), 3) + rng.normal(0, 0.05, 72)
        low, high = statistics.interval(list(offsets), tasks, draws=300)
        hits += low <= 0.3 <= high
    assert 0.85 <= hits / draws <= 1.0


def test_a_difference_is_paired_and_changes_sign() -> None:
    ours = {(f"t{at}", 0): 0.5 + 0.1 * at for at in range(6)}
    theirs = {pair: value - 0.05 for pair, value in ours.items()} | {("only-theirs", 0): 9.0}
    found = statistics.difference(ours, theirs)
    assert found.value == pytest.approx(0.05)
    assert found.n == 6
    assert found.standard_error == pytest.approx(0.0, abs=1e-12)
    assert statistics.difference(theirs, ours).value == pytest.approx(-0.05)
    with pytest.raises(ValueError, match="share no"):
        statistics.difference(ours, {("other", 0): 1.0})


def test_the_sign_flip_test_tells_a_shift_from_noise() -> None:
    rng = np.random.default_rng(3)
    base = {(f"t{at}", 0): float(value) for at, value in enumerate(rng.normal(0, 0.1, 20))}
    shifted = {pair: value + 0.3 for pair, value in base.items()}
    mixed = {
        pair: value + (0.3 if at % 2 else -0.3) for at, (pair, value) in enumerate(base.items())
    }
    assert statistics.sign_flip_p(shifted, base) < 0.001
    assert statistics.sign_flip_p(mixed, base) > 0.5
    assert statistics.sign_flip_p(base, base) == 1.0
