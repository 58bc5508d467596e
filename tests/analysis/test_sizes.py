"""Variance components, power and best-of-k against known truth and independent implementations."""

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from statsmodels.stats.power import TTestPower

from earmark.analysis.best_of import best_of_k, pass_at_k
from earmark.analysis.planning import detectable, power, samples_needed, tasks_needed
from earmark.analysis.variance import Components, components


def drawn(rng: np.random.Generator, truth: Components, runs: int, tasks: int, samples: int):
    assert truth.chance is not None
    total = np.sqrt(truth.chance) * rng.normal(size=(runs, tasks, samples))
    total += np.sqrt(truth.run) * rng.normal(size=(runs, 1, 1))
    total += np.sqrt(truth.task) * rng.normal(size=(1, tasks, 1))
    return total + np.sqrt(truth.interaction) * rng.normal(size=(runs, tasks, 1))


TRUTH = Components(run=0.01, task=0.04, interaction=0.02, chance=0.03)


def test_components_are_unbiased() -> None:
    rng = np.random.default_rng(1)
    found = [components(drawn(rng, TRUTH, 12, 40, 3)) for _ in range(60)]
    for name in ("run", "task", "interaction", "chance"):
        values = [getattr(one, name) for one in found]
        error = np.std(values) / np.sqrt(len(values))
        assert abs(np.mean(values) - getattr(TRUTH, name)) < 4 * error


def test_components_are_those_of_the_anova_table() -> None:
    """Against expected mean squares computed from sums over a table, entry by entry."""
    scores = np.random.default_rng(2).random((3, 5, 2))
    runs, tasks, samples = scores.shape
    grand = scores.mean()
    residual = sum(
        (scores[r, t, s] - scores[r, t].mean()) ** 2
        for r in range(runs)
        for t in range(tasks)
        for s in range(samples)
    ) / (runs * tasks * (samples - 1))
    mixed = (
        samples
        * sum(
            (scores[r, t].mean() - scores[r].mean() - scores[:, t].mean() + grand) ** 2
            for r in range(runs)
            for t in range(tasks)
        )
        / ((runs - 1) * (tasks - 1))
    )
    by_task = runs * samples * sum((scores[:, t].mean() - grand) ** 2 for t in range(tasks))
    found = components(scores)
    assert found.chance == pytest.approx(residual)
    assert found.interaction == pytest.approx(max(0, (mixed - residual) / samples))
    assert found.task == pytest.approx(max(0, (by_task / (tasks - 1) - mixed) / (runs * samples)))


def test_with_one_sample_chance_is_not_known() -> None:
    found = components(np.random.default_rng(3).random((3, 8, 1)))
    assert found.chance is None
    assert found.share(found.chance) is None
    assert found.retest_error(tasks=8, samples=1) is None


def test_the_retest_error_is_that_of_a_repeated_run() -> None:
    rng, truth = np.random.default_rng(4), Components(0.0, 0.04, 0.0, 0.03)
    apart = []
    for _ in range(2000):
        task = np.sqrt(truth.task) * rng.normal(size=(10, 1))
        twice = [task + np.sqrt(0.03) * rng.normal(size=(10, 3)) for _ in range(2)]
        apart.append(twice[0].mean() - twice[1].mean())
    assert np.std(apart) == pytest.approx(truth.retest_error(tasks=10, samples=3), rel=0.06)


@pytest.mark.parametrize(
    ("shape", "message"), [((2, 1, 3), "at least 2 tasks"), ((1, 5, 1), "nothing to compare")]
)
def test_too_little_has_no_components(shape: tuple[int, int, int], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        components(np.zeros(shape))


@pytest.mark.parametrize("tasks", [5, 20, 60])
@pytest.mark.parametrize("delta", [0.02, 0.1, 0.3])
def test_power_is_that_of_statsmodels(delta: float, tasks: int) -> None:
    variance = TRUTH.paired_variance(3)
    theirs = TTestPower().power(delta / np.sqrt(variance), nobs=tasks, alpha=0.05)
    assert power(delta, TRUTH, tasks=tasks, samples=3) == pytest.approx(theirs, abs=1e-6)


@pytest.mark.parametrize("alpha", [0.05, 1e-5])
@pytest.mark.parametrize("tasks", [2, 3, 12, 500, 5000])
def test_power_never_falls_with_the_difference(tasks: int, alpha: float) -> None:
    spread = Components(0.0, 0.0, 0.01, None)
    deltas = np.geomspace(1e-3, 30, 60)
    powers = [power(delta, spread, tasks=tasks, samples=1, alpha=alpha) for delta in deltas]
    assert np.diff(powers).min() >= -1e-9
    assert powers[0] >= alpha * 0.99
    assert powers[-1] > 0.99 or tasks < 4


def test_the_planned_size_is_the_smallest_that_does() -> None:
    size = tasks_needed(0.05, TRUTH, samples=3)
    assert size is not None
    assert size.power >= 0.8
    assert power(0.05, TRUTH, tasks=size.tasks - 1, samples=3) < 0.8
    more = samples_needed(0.1, TRUTH, tasks=60)
    assert more is not None
    assert more.power >= 0.8


def test_where_tasks_are_too_few_more_samples_do_not_help() -> None:
    assert samples_needed(0.01, TRUTH, tasks=10) is None


def test_what_can_be_detected_is_detected_with_the_target_power() -> None:
    delta = detectable(TRUTH, tasks=50, samples=3)
    assert power(delta, TRUTH, tasks=50, samples=3) == pytest.approx(0.8, abs=1e-6)


@pytest.mark.parametrize(("delta", "tasks", "samples"), [(0, 5, 1), (0.1, 1, 1), (0.1, 5, 0)])
def test_an_impossible_plan_is_refused(delta: float, tasks: int, samples: int) -> None:
    with pytest.raises(ValueError, match="power needs delta > 0, tasks >= 2 and samples >= 1"):
        power(delta, TRUTH, tasks=tasks, samples=samples)


@given(st.lists(st.booleans(), min_size=1, max_size=7), st.data())
def test_pass_at_k_is_the_share_of_all_subsets(passes: list[bool], data: st.DataObject) -> None:
    k = data.draw(st.integers(1, len(passes)))
    subsets = [any(subset) for subset in combinations(passes, k)]
    assert pass_at_k(len(passes), sum(passes), k) == pytest.approx(np.mean(subsets))


@given(st.lists(st.tuples(st.integers(0, 3), st.floats(0, 1)), min_size=1, max_size=7), st.data())
def test_best_of_k_is_the_mean_over_all_subsets(
    samples: list[tuple[int, float]], data: st.DataObject
) -> None:
    k = data.draw(st.integers(1, len(samples)))
    expected = []
    for subset in combinations(samples, k):
        top = max(selected for selected, _ in subset)
        expected.append(np.mean([score for selected, score in subset if selected == top]))
    ours = best_of_k([one[0] for one in samples], [one[1] for one in samples], k)
    assert ours == pytest.approx(np.mean(expected), abs=1e-9)


@pytest.mark.parametrize("k", [0, 4])
def test_k_must_be_possible(k: int) -> None:
    with pytest.raises(ValueError, match=r"k must be within 1\.\.3"):
        pass_at_k(3, 1, k)
