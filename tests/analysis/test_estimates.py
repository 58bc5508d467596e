"""Intervals cover what they say, on scores of known truth, and agree with independent
implementations.
"""

from collections.abc import Callable

import numpy as np
import pytest
import statsmodels.api as sm
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from statsmodels.stats.proportion import proportion_confint

from earmark.analysis import estimates
from earmark.analysis.estimates import (
    Estimate,
    cluster_means,
    estimate_mean,
    estimate_share,
    interval_of_mean,
    standard_error,
)
from tests.analysis.shapes import SCORES, SHARES, Draw
from tests.conftest import SHOWN

VALUES = st.lists(st.floats(-1, 1), min_size=2, max_size=30)


def coverage(draw: Draw, truth: float, tasks: int, rounds: int, *, share: bool = False) -> float:
    rng = np.random.default_rng([tasks, rounds])
    names = [f"task{at}" for at in range(tasks) for _ in range(3)]
    covered = 0
    for _ in range(rounds):
        values = draw(rng, tasks, 3).ravel()
        if share:
            found = estimate_share([bool(value) for value in values], names)
        else:
            found = estimate_mean(list(values), names)
        assert found.low is not None
        assert found.high is not None
        covered += found.low <= truth <= found.high
    return covered / rounds


def within(measured: float, low: float, high: float, rounds: int) -> bool:
    """Inside [low, high], give or take three standard errors of the simulation itself."""
    slack = 3 * np.sqrt(0.05 * 0.95 / rounds)
    return bool(low - slack <= measured <= high + slack)


@pytest.mark.parametrize("shape", SCORES)
@pytest.mark.parametrize("tasks", [5, 8, 16, 50])
def test_intervals_of_means_cover(shape: str, tasks: int) -> None:
    draw, truth = SCORES[shape]
    low, high = (0.92, 0.98) if tasks == 5 else (0.93, 0.97)
    assert within(coverage(draw, truth, tasks, rounds=400), low, high, 400)


@pytest.mark.long
@pytest.mark.parametrize("shape", SCORES)
@pytest.mark.parametrize("tasks", [5, 8, 16, 50])
def test_intervals_of_means_cover_in_full(
    shape: str, tasks: int, record_property: Callable[[str, object], None]
) -> None:
    draw, truth = SCORES[shape]
    low, high = (0.92, 0.98) if tasks == 5 else (0.93, 0.97)
    measured = coverage(draw, truth, tasks, rounds=4000)
    record_property(SHOWN, f"mean, {shape}, {tasks} tasks: covers {measured:.3f}")
    assert low <= measured <= high


@pytest.mark.parametrize("tasks", [5, 8, 16, 50])
def test_intervals_of_shares_cover(tasks: int) -> None:
    draw, truth = SHARES
    low, high = (0.92, 0.98) if tasks == 5 else (0.93, 0.97)
    assert within(coverage(draw, truth, tasks, rounds=400, share=True), low, high, 400)


@pytest.mark.long
@pytest.mark.parametrize("tasks", [5, 8, 16, 50])
def test_intervals_of_shares_cover_in_full(
    tasks: int, record_property: Callable[[str, object], None]
) -> None:
    draw, truth = SHARES
    low, high = (0.92, 0.98) if tasks == 5 else (0.93, 0.97)
    measured = coverage(draw, truth, tasks, rounds=4000, share=True)
    record_property(SHOWN, f"share, {tasks} tasks: covers {measured:.3f}")
    assert low <= measured <= high


def test_the_plain_t_interval_covers_less_on_skewed_scores(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The coverage test can fail: what the correction for skewness adds is seen."""
    draw, truth = SCORES["skewed"]
    corrected = coverage(draw, truth, 8, rounds=1000)
    monkeypatch.setattr(estimates, "_skewness", lambda _: 0.0)
    assert coverage(draw, truth, 8, rounds=1000) < corrected - 0.01


def test_the_error_is_the_clustered_one_of_statsmodels() -> None:
    rng = np.random.default_rng(3)
    tasks = np.repeat(np.arange(9), [1, 2, 3, 4, 5, 3, 2, 6, 1])
    values = rng.normal(size=9)[tasks] + rng.normal(size=len(tasks))
    fit = sm.OLS(values, np.ones(len(values))).fit(
        cov_type="cluster", cov_kwds={"groups": tasks, "use_correction": False}
    )
    ours = estimate_mean(list(values), [str(task) for task in tasks]).standard_error
    assert ours == pytest.approx(fit.bse[0] * np.sqrt(9 / 8), rel=1e-9)


def test_without_skewness_it_is_students_interval() -> None:
    values = np.array([0.1, 0.2, 0.3, 0.4, 0.5])
    theirs = stats.t.interval(0.95, 4, loc=values.mean(), scale=stats.sem(values))
    assert interval_of_mean(values) == pytest.approx(theirs, abs=1e-9)


def test_one_sample_per_task_is_wilsons_interval(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """With the binomial variance it is the textbook's interval."""
    monkeypatch.setattr(estimates, "standard_error", lambda _: np.sqrt(0.7 * 0.3 / 20))
    outcomes = [True] * 14 + [False] * 6
    found = estimate_share(outcomes, [str(at) for at in range(20)])
    assert (found.low, found.high) == pytest.approx(proportion_confint(14, 20, method="wilson"))


@pytest.mark.parametrize("all_pass", [True, False])
def test_a_share_of_all_or_none_has_an_interval(all_pass: bool) -> None:
    found = estimate_share([all_pass] * 8, [str(at) for at in range(8)])
    assert found.low is not None
    assert found.high is not None
    assert found.high - found.low > 0.3
    assert found.value in (found.low, found.high)


def test_few_tasks_have_no_interval_and_one_has_no_error() -> None:
    found = estimate_mean([0.1, 0.2, 0.3, 0.4], ["a", "a", "b", "b"])
    assert (found.value, found.standard_error) == pytest.approx((0.25, 0.1))
    assert (found.low, found.high) == (None, None)
    assert (found.n, found.tasks) == (4, 2)
    assert estimate_mean([0.1, 0.9], ["a", "a"]) == Estimate(0.5, None, None, None, 2, 1)
    assert estimate_share([True, False], ["a", "a"]) == Estimate(0.5, None, None, None, 2, 1)
    two = estimate_share([True, False], ["a", "b"])
    assert (two.standard_error, two.low, two.high) == (0.5, None, None)


@given(VALUES, st.integers(2, 5))
def test_saying_everything_twice_does_not_shrink_the_error(
    values: list[float], clusters: int
) -> None:
    tasks = [f"t{at % clusters}" for at in range(len(values))]
    once, twice = estimate_mean(values, tasks), estimate_mean(values * 2, tasks * 2)
    assert once.standard_error is not None
    assert twice.standard_error == pytest.approx(once.standard_error, abs=1e-12)


@given(VALUES, st.floats(0.1, 10), st.floats(-5, 5))
def test_the_error_scales_and_does_not_shift(
    values: list[float], scale: float, shift: float
) -> None:
    tasks = [f"t{at % 4}" for at in range(len(values))]
    moved = estimate_mean([scale * value + shift for value in values], tasks)
    once = estimate_mean(values, tasks).standard_error
    assert moved.standard_error == pytest.approx((once or 0) * scale, abs=1e-9)


@given(VALUES)
def test_with_one_value_per_task_the_error_is_the_textbook_one(values: list[float]) -> None:
    expected = np.std(values, ddof=1) / np.sqrt(len(values))
    found = estimate_mean(values, [str(at) for at in range(len(values))])
    assert found.standard_error == pytest.approx(expected, abs=1e-12)


def test_equal_values_are_a_point() -> None:
    found = estimate_mean([0.5] * 6, list("aabbcc"))
    assert (found.low, found.high, found.standard_error) == (0.5, 0.5, 0.0)


@given(
    st.lists(st.floats(0, 1), min_size=3, max_size=12),
    st.floats(-2, 2),
    st.floats(0.01, 3),
)
def test_an_interval_moves_and_stretches_with_the_values(
    values: list[float], shift: float, scale: float
) -> None:
    array = np.array(values)
    low, high = interval_of_mean(array)
    moved = interval_of_mean(shift + scale * array)
    if standard_error(array) < 1e-6:  # rounding decides what is left
        return
    assert moved == pytest.approx((shift + scale * low, shift + scale * high), abs=1e-6)


@given(st.lists(st.floats(0, 1), min_size=1, max_size=20))
def test_cluster_means_keep_the_mean(values: list[float]) -> None:
    tasks = [str(hash((at, 3)) % 4) for at in range(len(values))]
    assert cluster_means(values, tasks).mean() == pytest.approx(np.mean(values))


@pytest.mark.parametrize(
    ("values", "tasks", "message"),
    [
        ([], [], "needs finite values, got"),
        ([0.1, float("nan")], ["a", "b"], "needs finite values, got"),
        ([0.1, 0.2], ["a"], "one task for each value, got 2 values and 1 task"),
    ],
)
def test_what_is_no_set_of_scores_is_refused(
    values: list[float], tasks: list[str], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        estimate_mean(values, tasks)


def test_the_interval_of_a_bounded_mean_ends_at_its_bounds() -> None:
    shares = [0.0, 0.0, 0.05, 0.0, 0.9, 0.1]
    free = estimate_mean(shares, list("abcdef"))
    held = estimate_mean(shares, list("abcdef"), bounds=(0.0, 1.0))
    assert free.high is not None
    assert free.high > 1
    assert (held.value, held.high) == (free.value, 1.0)


@pytest.mark.parametrize("end", [0.0, 1.0])
def test_values_that_all_lie_at_a_bound_are_as_sure_as_a_share(end: float) -> None:
    held = estimate_mean([end] * 4, list("abcd"), bounds=(0.0, 1.0))
    share = estimate_share([bool(end)] * 4, list("abcd"))
    assert (held.value, held.low, held.high) == (end, share.low, share.high)
    assert held.low is not None
    assert held.high is not None
    assert held.high - held.low > 0.4
