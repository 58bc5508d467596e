"""What a search has learnt: right where the truth is known, and as sure as it says."""

import numpy as np
import pytest
import statsmodels.api as sm
from sklearn.gaussian_process import GaussianProcessRegressor
from sklearn.gaussian_process.kernels import ConstantKernel, Matern

from earmark.tuning.parameter import Point, Value
from earmark.tuning.space import Space, read_space
from earmark.tuning.surrogate import FLAT, LENGTH, Surrogate, fit, trial_effects

SPACE = read_space(
    {
        "strategy": ["zero_shot", "repair"],
        "strategy.turns": {"from": 2, "to": 4, "when": {"strategy": "repair"}},
        "strategy.hints": [False, True],
        "temperature": {"from": 0.0, "to": 1.0, "step": 0.1},
    }
)
TASKS = 31


def truth(point: Point) -> float:
    value = 0.03 * (point["strategy"] == "repair") + 0.02 * bool(point["strategy.hints"])
    value += 0.01 * (float(point.get("strategy.turns", 2)) - 2)
    return value - 0.2 * (float(point["temperature"]) - 0.4) ** 2


def searched(
    seed: int, *, trials: int = 30, noise: float = 0.1, flat: bool = False
) -> tuple[list[dict[str, Value]], list[dict[int, float]]]:
    """Trials at random points; every third was stopped after eight tasks."""
    rng = np.random.default_rng(seed)
    points = list(SPACE.points())
    levels = rng.normal(0, 0.08, TASKS)
    chosen = [points[at] for at in rng.choice(len(points), trials, replace=False)]
    tasks = []
    for at, point in enumerate(chosen):
        asked = 8 if at % 3 == 2 else TASKS
        values = (0.0 if flat else truth(point)) + levels + rng.normal(0, noise, TASKS)
        tasks.append({place: float(values[place]) for place in range(asked)})
    return chosen, tasks


def test_effects_are_those_of_least_squares_with_a_column_for_each_trial_and_task() -> None:
    _, tasks = searched(1, trials=6)
    rows = [(at, place, one) for at, row in enumerate(tasks) for place, one in row.items()]
    design = np.zeros((len(rows), 6 + TASKS - 1))
    for at, (trial, place, _) in enumerate(rows):
        design[at, trial] = 1.0
        if place:
            design[at, 6 + place - 1] = 1.0
    solved = sm.OLS([one for _, _, one in rows], design).fit()
    effects = trial_effects(tasks)
    ours = effects.means - effects.means[0]
    assert ours == pytest.approx(solved.params[:6] - solved.params[0], abs=1e-9)
    assert effects.variances[0] * TASKS == pytest.approx(solved.mse_resid)


def test_the_posterior_is_that_of_another_implementation() -> None:
    """With one numeric setting, the process is Matern's with a constant, as scikit-learn has it."""
    space = read_space({"temperature": {"from": 0.0, "to": 1.0, "step": 0.1}})
    rng = np.random.default_rng(2)
    points = [{"temperature": round(0.1 * at, 1)} for at in range(11)]
    tasks = [
        {place: float(-((at / 10 - 0.4) ** 2) + rng.normal(0, 0.05)) for place in range(9)}
        for at in range(11)
    ]
    ours = fit(space, points, tasks)
    effects = trial_effects(tasks)
    each, together = ours.weights
    # One setting alone: all together is half a constant and half the same kernel.
    kernel = ConstantKernel(each + together / 2, "fixed") * Matern(LENGTH, "fixed", nu=2.5)
    kernel += ConstantKernel(FLAT + together / 2, "fixed")
    other = GaussianProcessRegressor(
        kernel, alpha=effects.variances / ours.scale**2 + 1e-9, optimizer=None
    )
    at = np.array([[point["temperature"]] for point in points])
    other.fit(at, (effects.means - ours.centre) / ours.scale)
    mean, error = other.predict(at, return_std=True)
    means, errors = ours.predict(points)
    assert means == pytest.approx(ours.centre + ours.scale * mean, abs=1e-6)
    # What is shared by all points is no part of a comparison: differences count.
    assert errors == pytest.approx(ours.scale * error, rel=1e-3)


@pytest.mark.parametrize("studies", [15, pytest.param(100, marks=pytest.mark.long)])
def test_it_is_nearer_to_the_truth_than_the_means_and_as_sure_as_it_says(studies: int) -> None:
    raw, modelled, covered = [], [], []
    for seed in range(studies):
        points, tasks = searched(seed)
        true = np.array([truth(point) for point in points])
        means, errors = fit(SPACE, points, tasks).predict(points)
        effects = trial_effects(tasks).means
        raw.append(np.mean((effects - effects.mean() - true + true.mean()) ** 2))
        rest = means - means.mean() - true + true.mean()
        modelled.append(np.mean(rest**2))
        covered.append(np.mean(np.abs(rest) < 1.96 * errors))
    assert np.mean(modelled) < 0.5 * np.mean(raw)
    assert np.mean(covered) > 0.85


def test_of_equal_settings_it_expects_next_to_no_gain() -> None:
    leads, apparent = [], []
    for seed in range(15):
        points, tasks = searched(seed, flat=True)
        means, _ = fit(SPACE, points, tasks).predict(points)
        effects = trial_effects(tasks).means
        best = int(np.argmax(effects))
        apparent.append(effects[best] - effects[0])
        leads.append(means[best] - means[0])
    assert np.mean(leads) < np.mean(apparent) / 3


def test_a_setting_that_both_lack_is_no_difference() -> None:
    points, tasks = searched(3)
    fitted: Surrogate = fit(SPACE, points, tasks)
    without: Point = {"strategy": "zero_shot", "strategy.hints": True, "temperature": 0.4}
    again: Point = {"temperature": 0.4, "strategy.hints": True, "strategy": "zero_shot"}
    means, _ = fitted.predict([without, again])
    assert means[0] == means[1]


def test_too_few_trials_say_nothing_of_settings() -> None:
    space: Space = read_space({"strategy.hints": [False, True]})
    with pytest.raises(ValueError, match="at least 4 trials, got 1"):
        fit(space, [{"strategy.hints": True}], [{0: 1.0, 1: 2.0}])
