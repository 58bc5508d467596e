"""The trend over tiers and difficulty: its size, its power, its sentence."""

from collections.abc import Callable

import numpy as np
import pytest
from scipy import stats

from earmark.analysis.trend import (
    Trend,
    difficulty_slope,
    tier_trend,
)
from tests.conftest import SHOWN

TIERS = ("notes", "environment", "speech")


def drawn(
    rng: np.random.Generator, means: tuple[float, ...], tasks: int = 20
) -> dict[str, np.ndarray]:
    return {
        name: rng.beta(2, 5, size=tasks) - 2 / 7 + mean
        for name, mean in zip(TIERS, means, strict=True)
    }


def trend_of(tiers: dict[str, np.ndarray]) -> Trend:
    found = tier_trend(tiers)
    assert isinstance(found, Trend)
    return found


@pytest.mark.long
@pytest.mark.parametrize("tasks", [8, 20, 50])
@pytest.mark.parametrize("means", [(0.3, 0.3, 0.3), (0.3, 0.3, 0.1)])
def test_the_trend_holds_its_size_in_full(
    means: tuple[float, ...], tasks: int, record_property: Callable[[str, object], None]
) -> None:
    rng = np.random.default_rng([tasks, 8000])
    found = [trend_of(drawn(rng, means, tasks)) for _ in range(8000)]
    every = np.mean([one.p_every <= 0.05 for one in found])
    whole = np.mean([one.whole.p <= 0.05 for one in found])
    record_property(SHOWN, f"trend {means}, {tasks} tasks: every step {every:.4f}, all {whole:.4f}")
    slack = 2 * np.sqrt(0.05 * 0.95 / 8000)
    assert every <= 0.05 + slack
    if means[0] == means[-1]:
        assert whole <= 0.05 + slack


@pytest.mark.parametrize("means", [(0.3, 0.3, 0.3), (0.3, 0.3, 0.1)])
def test_a_fall_at_every_step_is_not_shown_where_a_step_is_level(means: tuple[float, ...]) -> None:
    rng = np.random.default_rng(1)
    shown = [trend_of(drawn(rng, means)).p_every <= 0.05 for _ in range(400)]
    assert np.mean(shown) <= 0.05 + 3 * np.sqrt(0.05 * 0.95 / 400)


def test_equal_tiers_fall_over_all_as_rarely_as_promised() -> None:
    rng = np.random.default_rng(2)
    shown = [trend_of(drawn(rng, (0.3, 0.3, 0.3))).whole.p <= 0.05 for _ in range(800)]
    assert abs(np.mean(shown) - 0.05) <= 3 * np.sqrt(0.05 * 0.95 / 800)


def test_a_clear_fall_is_shown() -> None:
    rng = np.random.default_rng(3)
    found = trend_of(drawn(rng, (0.6, 0.4, 0.2), tasks=40))
    assert found.p_every <= 0.05
    assert found.sentence("calibrated score").startswith(
        "calibrated score falls at every step from notes to environment to speech"
    )


def test_a_step_is_welchs_test_of_scipy() -> None:
    tiers = drawn(np.random.default_rng(4), (0.5, 0.4, 0.3), tasks=11)
    theirs = stats.ttest_ind(
        tiers["notes"], tiers["environment"], equal_var=False, alternative="greater"
    )
    both = stats.ttest_ind(tiers["notes"], tiers["environment"], equal_var=False)
    step = trend_of(tiers).steps[0]
    assert step.p == pytest.approx(theirs.pvalue)
    interval = both.confidence_interval(0.95)
    assert (step.low, step.high) == pytest.approx((interval.low, interval.high))


@pytest.mark.parametrize(
    ("means", "sentence"),
    [
        ((0.5, 0.5, 0.2), "falls from notes to speech by"),
        ((0.2, 0.3, 0.6), "rises from notes to speech by"),
        ((0.3, 0.3, 0.3), "cannot tell whether score falls from notes to environment to speech"),
    ],
)
def test_the_sentence_says_what_follows(means: tuple[float, ...], sentence: str) -> None:
    found = trend_of(drawn(np.random.default_rng(5), means, tasks=40))
    assert sentence in found.sentence("score")


def test_too_little_is_said() -> None:
    assert tier_trend({"notes": np.ones(5)}) == "cannot tell: a trend needs at least 2 tiers, got 1"
    found = tier_trend({"notes": np.ones(5), "speech": np.ones(2)})
    assert found == "cannot tell: speech has 2 tasks with a value, at least 3 are needed"


def test_the_slope_over_difficulty_is_that_of_scipy_and_holds_its_size() -> None:
    rng = np.random.default_rng(8)
    difficulty = [1, 1, 2, 2, 3, 3, 4, 4]
    values = 0.5 - 0.1 * np.array(difficulty) + rng.normal(0, 0.01, size=8)
    found = difficulty_slope(values, difficulty)
    assert not isinstance(found, str)
    assert -found.fall == pytest.approx(stats.linregress(difficulty, values).slope)
    assert found.p < 0.01
    level = [difficulty_slope(rng.random(8), difficulty, seed=at) for at in range(150)]
    shown = [not isinstance(one, str) and one.p <= 0.05 for one in level]
    assert np.mean(shown) <= 0.05 + 3 * np.sqrt(0.05 * 0.95 / 150)


def test_without_difficulties_there_is_no_slope() -> None:
    assert difficulty_slope(np.ones(5), [1] * 5) == (
        "cannot tell: a slope needs at least 4 tasks of 2 difficulties, got 5 of 1"
    )
