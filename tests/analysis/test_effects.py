"""Effects of settings on grids whose effects are known."""

from itertools import product

import numpy as np
import pytest
import statsmodels.formula.api as smf
from numpy.typing import NDArray
from pandas import DataFrame  # type: ignore[import-untyped]  # pandas ships no types

from earmark.analysis.comparisons import compare
from earmark.analysis.effects import contrasts, interactions, main_effects

GRID = [
    {"model": model, "strategy": strategy, "temperature": temperature}
    for model, strategy, temperature in product("ab", ("few", "zero"), ("0", "1"))
]


def scored(tasks: int, noise: float = 0.02) -> NDArray[np.float64]:
    """Model a is 0.1 better, few-shot 0.05; few-shot helps model a by 0.08 more than b; temperature
    does nothing.
    """
    rng = np.random.default_rng(tasks)
    true = [
        0.1 * (one["model"] == "a")
        + 0.05 * (one["strategy"] == "few")
        + 0.04 * (1 if (one["model"] == "a") == (one["strategy"] == "few") else -1)
        for one in GRID
    ]
    means: NDArray[np.float64] = rng.random((tasks, 1)) + np.array(true)
    return means + rng.normal(0, noise, size=(tasks, len(GRID)))


def test_known_effects_are_found_and_the_absent_one_is_not() -> None:
    effects = main_effects(GRID)
    assert [one.label for one in effects] == [
        "model: a − b",
        "strategy: few − zero",
        "temperature: 0 − 1",
    ]
    assert {one.pairs for one in effects} == {4}
    model, strategy, temperature = compare(scored(20), contrasts(effects))
    assert model.low <= 0.1 <= model.high
    assert strategy.low <= 0.05 <= strategy.high
    assert (model.verdict(0.03), strategy.verdict(0.03)) == ("decisive", "decisive")
    assert temperature.verdict(0.03) == "ruled out"


def test_a_known_interaction_is_found() -> None:
    effects = interactions(GRID)
    at = [one.label for one in effects].index("model: a − b, more at strategy few than at zero")
    found = compare(scored(20), contrasts(effects))
    assert found[at].low <= 0.16 <= found[at].high
    assert [n for n, one in enumerate(found) if one.verdict(0.01) == "decisive"] == [at]


def test_on_a_whole_grid_effects_are_those_of_a_linear_model() -> None:
    means = scored(12)
    rows = [
        {**one, "task": str(task), "score": means[task, run]}
        for task in range(12)
        for run, one in enumerate(GRID)
    ]
    formula = "score ~ C(model) + C(strategy) + C(temperature) + C(task)"
    fit = smf.ols(formula, DataFrame(rows)).fit()
    ours = [one.value for one in compare(means, contrasts(main_effects(GRID)))]
    names = ("C(model)[T.b]", "C(strategy)[T.zero]", "C(temperature)[T.1]")
    theirs = [-fit.params[name] for name in names]
    assert ours == pytest.approx(theirs)


def test_a_grid_with_holes_is_not_confounded() -> None:
    """Model a alone was asked at the strategy that lifts everything: unmatched means would credit
    the model.
    """
    holes = [
        {"model": "a", "strategy": "few"},
        {"model": "a", "strategy": "zero"},
        {"model": "b", "strategy": "zero"},
    ]
    means = np.random.default_rng(1).random((8, 1)) + np.array([0.3, 0.0, 0.0])
    [model, strategy] = main_effects(holes)
    assert model.weights == (0.0, 1.0, -1.0)
    assert means.mean(axis=0) @ model.weights == pytest.approx(0.0)
    assert means.mean(axis=0) @ strategy.weights == pytest.approx(0.3)
    of_a, of_b = means[:, :2].mean(), means[:, 2].mean()
    assert of_a - of_b == pytest.approx(0.15)  # the means of each model's runs are confounded


def test_runs_that_match_nowhere_have_no_effect() -> None:
    assert main_effects([{"model": "a", "tier": "x"}, {"model": "b", "tier": "y"}]) == []
    assert main_effects([{"model": "a"}]) == interactions([]) == []
