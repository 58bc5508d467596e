"""Families of paired comparisons: the error rate is held, power is there, and numbers agree with
independent implementations.
"""

from collections.abc import Callable
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from statsmodels.stats.multitest import multipletests

from earmark.analysis.comparisons import (
    MIN_TASKS,
    Comparison,
    compare,
    pairwise,
)
from earmark.analysis.rank_sets import RankSet, rank_sets, rank_sets_of
from tests.analysis.shapes import equal_runs
from tests.conftest import SHOWN

SHAPES = ("skewed", "zero-inflated", "shares")


def false_discoveries(runs: int, tasks: int, shape: str, rounds: int) -> tuple[float, float]:
    """Shares of null grids in which some difference is called decisive, and in which all rank sets
    hold.
    """
    rng = np.random.default_rng([runs, tasks, rounds])
    wrong = held = 0
    for seed in range(rounds):
        means = equal_runs(rng, tasks, runs, 2, shape)
        comparisons = compare(means, pairwise(runs), seed=seed)
        wrong += min(one.p_family for one in comparisons) <= 0.05
        sets = rank_sets_of(means, comparisons)
        held += all((one.best, one.worst) == (1, runs) for one in sets)
    return wrong / rounds, held / rounds


@pytest.mark.parametrize("shape", SHAPES)
def test_on_equal_runs_a_false_decision_is_rare(shape: str) -> None:
    wrong, held = false_discoveries(8, 10, shape, rounds=100)
    assert wrong <= 0.05 + 3 * np.sqrt(0.05 * 0.95 / 100)
    assert held >= 0.93 - 3 * np.sqrt(0.07 * 0.93 / 100)


@pytest.mark.long
@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize(("runs", "tasks", "rounds"), [(8, 8, 1000), (8, 50, 1000), (24, 16, 300)])
def test_on_equal_runs_a_false_decision_is_rare_in_full(
    shape: str, runs: int, tasks: int, rounds: int, record_property: Callable[[str, object], None]
) -> None:
    wrong, held = false_discoveries(runs, tasks, shape, rounds)
    shares = f"false decisions {wrong:.3f}, rank sets hold {held:.3f}"
    record_property(SHOWN, f"{runs} equal runs, {tasks} tasks, {shape}: {shares}")
    # At most 5 %, give or take two standard errors of the simulation itself.
    assert wrong <= 0.05 + 2 * np.sqrt(0.05 * 0.95 / rounds)
    assert held >= 0.93


def test_unpaired_error_rates_would_be_seen_to_fail() -> None:
    """The test above can fail: without the family, some pair of eight equal runs is 'decisive' far
    too often.
    """
    rng = np.random.default_rng(1)
    alone = [
        min(one.p for one in compare(equal_runs(rng, 10, 8, 2, "skewed"), pairwise(8)))
        for _ in range(60)
    ]
    assert np.mean(np.array(alone) <= 0.05) > 0.25


def found_and_known(rounds: int) -> tuple[float, float]:
    """How often a difference of 0.03 is found at 50 tasks × 3 samples, and how often it would be
    with the variance known.
    """
    rng, delta, tasks, samples = np.random.default_rng([2, rounds]), 0.03, 50, 3
    error = delta / 2.4  # of the mean difference: a z test finds it in 67 %
    chance = error * np.sqrt(tasks * samples / 2)
    found = 0
    for seed in range(rounds):
        hard = rng.beta(2, 5, size=(tasks, 1))
        means = hard + rng.normal(0, chance, size=(tasks, 2, samples)).mean(axis=2)
        [one] = compare(means + np.array([delta, 0]), pairwise(2), seed=seed)
        found += one.p_family <= 0.05
    return found / rounds, float(stats.norm.sf(1.96 - 2.4) + stats.norm.cdf(-1.96 - 2.4))


def test_a_difference_is_found_as_often_as_with_known_variance() -> None:
    found, known = found_and_known(200)
    assert abs(found - known) <= 0.05 + 2 * np.sqrt(0.25 / 200)


@pytest.mark.long
def test_a_difference_is_found_as_often_as_with_known_variance_in_full(
    record_property: Callable[[str, object], None],
) -> None:
    found, known = found_and_known(3000)
    record_property(SHOWN, f"0.03 at 50 × 3: found in {found:.3f}, known variance {known:.3f}")
    assert abs(found - known) <= 0.05


def ranks_hold(shape: str, tasks: int, rounds: int) -> float:
    """How often all rank sets hold the true ranks of eight runs of which some are equal."""
    rng = np.random.default_rng([tasks, rounds])
    lifts = np.array([0, 0, 0, 0.05, 0.05, 0.1, 0.2, 0.2])
    best = np.array([1 + np.sum(lifts > lift) for lift in lifts])
    worst = np.array([np.sum(lifts >= lift) for lift in lifts])
    held = 0
    for seed in range(rounds):
        sets = rank_sets(equal_runs(rng, tasks, 8, 2, shape) + lifts, seed=seed)
        # Equal runs share every place between them: a set must reach over all of these.
        places = zip(sets, best, worst, strict=True)
        held += all(one.best <= first and one.worst >= last for one, first, last in places)
    return held / rounds


def test_rank_sets_hold_the_true_places() -> None:
    assert ranks_hold("skewed", 10, 100) >= 0.93 - 3 * np.sqrt(0.07 * 0.93 / 100)


@pytest.mark.long
@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize(("tasks", "rounds"), [(8, 2000), (50, 800)])
def test_rank_sets_hold_the_true_places_in_full(
    shape: str, tasks: int, rounds: int, record_property: Callable[[str, object], None]
) -> None:
    held = ranks_hold(shape, tasks, rounds)
    record_property(SHOWN, f"8 runs in 4 places, {tasks} tasks, {shape}: rank sets hold {held:.3f}")
    assert held >= 0.93


def test_p_alone_is_the_exact_permutation_test_of_scipy() -> None:
    means = np.random.default_rng(4).normal(0.3, 1, size=(9, 2))
    [one] = compare(means, pairwise(2))
    theirs = stats.permutation_test(
        (means[:, 0], means[:, 1]),
        lambda x, y, axis: np.abs(stats.ttest_rel(x, y, axis=axis).statistic),
        permutation_type="samples",
        alternative="greater",
        n_resamples=np.inf,
        vectorized=True,
    )
    assert one.p == pytest.approx(theirs.pvalue)


def test_holm_is_that_of_statsmodels_and_the_step_down_is_no_weaker() -> None:
    rng = np.random.default_rng(5)
    means = rng.normal(size=(20, 6)) * 0.2 + rng.normal(size=(20, 1)) + np.arange(6) * 0.05
    comparisons = compare(means, pairwise(6))
    rows = pairwise(6) @ means.T
    p = [stats.ttest_1samp(row, 0).pvalue for row in rows]
    assert [one.p_holm for one in comparisons] == pytest.approx(multipletests(p, method="holm")[1])
    assert np.mean([one.p_family for one in comparisons]) < np.mean(
        [one.p_holm for one in comparisons]
    )


def test_the_step_down_is_romano_and_wolfs_by_hand() -> None:
    """On six tasks and two contrasts: the stronger against the maximum of both, the weaker against
    itself, in order.
    """
    means = np.random.default_rng(6).normal(size=(6, 3))
    contrasts = pairwise(3)[:2]
    rows = means @ contrasts.T
    observed = np.abs(stats.ttest_1samp(rows, 0).statistic)
    patterns = np.array(list(product([1.0, -1.0], repeat=6)))
    flipped = np.abs([stats.ttest_1samp(signs[:, None] * rows, 0).statistic for signs in patterns])
    strong, weak = np.argsort(-observed)
    p_strong = np.mean(flipped.max(axis=1) >= observed[strong] - 1e-9)
    p_weak = np.mean(flipped[:, weak] >= observed[weak] - 1e-9)
    comparisons = compare(means, contrasts)
    assert comparisons[strong].p_family == pytest.approx(p_strong)
    assert comparisons[weak].p_family == pytest.approx(max(p_strong, p_weak))


def test_five_tasks_decide_nothing_and_say_so() -> None:
    with pytest.raises(ValueError, match=f"at least {MIN_TASKS} tasks, got 5: ask more tasks"):
        compare(np.eye(5)[:, :2], pairwise(2))
    assert rank_sets(np.eye(5)[:, :3]) == [RankSet(1, 1, 3)] * 3


def test_a_missing_score_is_refused() -> None:
    means = np.ones((8, 2))
    means[3, 1] = np.nan
    with pytest.raises(ValueError, match="every run must have a score on every task"):
        compare(means, pairwise(2))


def test_runs_that_never_differ_are_not_decided_and_ruled_out() -> None:
    means = np.repeat(np.random.default_rng(7).random((8, 1)), 2, axis=1)
    [one] = compare(means, pairwise(2))
    assert (one.value, one.low, one.high, one.p_family) == (0, 0, 0, 1)
    assert one.verdict(0.01) == "ruled out"


def test_a_constant_difference_is_decisive() -> None:
    base = np.random.default_rng(8).random((8, 1))
    [one] = compare(base + np.array([0.1, 0.0]), pairwise(2))
    assert one.verdict(0.01) == "decisive"
    assert one.p_family == pytest.approx(2 / 2**8)


@pytest.mark.parametrize(
    ("p_family", "low", "high", "verdict"),
    [
        (0.05, 0.01, 0.09, "decisive"),
        (0.2, -0.02, 0.03, "ruled out"),
        (0.2, -0.02, 0.031, "not decided"),
    ],
)
def test_verdicts(p_family: float, low: float, high: float, verdict: str) -> None:
    one = Comparison(0.0, 0.01, low, high, p=p_family, p_family=p_family, p_holm=1.0)
    assert one.verdict(0.03) == verdict


def test_clear_ranks_are_sure() -> None:
    rng = np.random.default_rng(9)
    means = rng.random((20, 1)) + np.array([0.2, 0.0, 0.1]) + rng.normal(0, 0.01, size=(20, 3))
    assert rank_sets(means) == [RankSet(1, 1, 1), RankSet(3, 3, 3), RankSet(2, 2, 2)]


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 2**32 - 1), st.floats(-1, 1), st.floats(0.1, 10))
def test_a_common_shift_and_a_unit_change_nothing(seed: int, shift: float, scale: float) -> None:
    means = np.random.default_rng(seed).random((7, 3))
    before = compare(means, pairwise(3))
    after = compare(shift + scale * means, pairwise(3))
    assert [one.p_family for one in after] == pytest.approx([one.p_family for one in before])
    assert [one.value for one in after] == pytest.approx([scale * one.value for one in before])


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_a_run_is_within_its_own_rank_set(seed: int) -> None:
    means = np.random.default_rng(seed).random((8, 4)) + np.array([0.0, 0.1, 0.3, 0.9])
    assert all(one.best <= one.rank <= one.worst for one in rank_sets(means))


@pytest.mark.parametrize("tasks", [6, 7])
def test_a_run_that_is_first_alone_is_decisively_better_than_each_other(tasks: int) -> None:
    rng = np.random.default_rng(tasks)
    alone = 0
    for _ in range(60):
        means = rng.exponential(0.1, (tasks, 3)) + np.array([0.15, 0.0, 0.0])
        comparisons = compare(means, pairwise(3))
        if [one.best for one in rank_sets_of(means, comparisons)].count(1) == 1:
            alone += 1
            first = int(np.argmax(means.mean(axis=0)))
            pairs = [(0, 1), (0, 2), (1, 2)]
            with_first = [c for pair, c in zip(pairs, comparisons, strict=True) if first in pair]
            assert {c.verdict(0.0) for c in with_first} == {"decisive"}
    assert alone >= 5
