"""The kernel distance: against its definition, unbiased by simulation, and its interval."""

from typing import Any

import numpy as np
import pytest

from earmark.errors import ConfigError
from earmark.metrics.intervals import clustered_error, student
from earmark.metrics.kernel import bandwidth, kad


def by_definition(x: Any, y: Any, sigma: float) -> float:
    def k(a: Any, b: Any) -> Any:
        return np.exp(-((a - b) ** 2).sum() / (2 * sigma**2))

    n, m = len(x), len(y)
    within = sum(k(x[i], x[j]) for i in range(n) for j in range(n) if i != j) / (n * (n - 1))
    other = sum(k(y[i], y[j]) for i in range(m) for j in range(m) if i != j) / (m * (m - 1))
    return float(within + other - 2 * sum(k(a, b) for a in x for b in y) / (n * m))


def test_it_equals_its_definition():
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(7, 3)), rng.normal(size=(9, 3)) + 1
    assert kad(x, y, sigma=1.3)[0] == pytest.approx(by_definition(x, y, 1.3), rel=1e-9)


def unbiased(rounds: int) -> tuple[float, float]:
    values = []
    for seed in range(rounds):
        rng = np.random.default_rng(seed)
        values.append(kad(rng.normal(size=(10, 8)), rng.normal(size=(30, 8)), sigma=3.0)[0])
    return float(np.mean(values)), float(np.std(values) / np.sqrt(rounds))


def test_its_mean_over_equal_distributions_is_zero():
    mean, error = unbiased(300)
    assert abs(mean) < 3.5 * error


@pytest.mark.long
def test_its_mean_over_equal_distributions_is_zero_in_full():
    mean, error = unbiased(5000)
    assert abs(mean) < 3.5 * error


def coverage(rounds: int) -> float:
    reference = np.random.default_rng(1).normal(size=(60, 8))

    def draw(seed: int) -> Any:
        return np.random.default_rng(seed).normal(size=(24, 8)) + 0.5

    truth = np.mean([kad(draw(50_000 + seed), reference, sigma=3.0)[0] for seed in range(2000)])
    held = 0.0
    for seed in range(rounds):
        value, influences = kad(draw(seed), reference, sigma=3.0)
        low, high = student(value, clustered_error(influences, [str(k) for k in range(24)]), 24)
        held += low <= truth <= high
    return held / rounds


def test_intervals_cover():
    assert 0.86 <= coverage(150) <= 1.0


@pytest.mark.long
def test_intervals_cover_in_full():
    assert 0.90 <= coverage(2000) <= 0.98


def test_clips_of_one_task_widen_the_interval():
    values = np.repeat(np.random.default_rng(0).normal(size=8), 5)
    assert clustered_error(values, [str(k // 5) for k in range(40)]) > 2 * clustered_error(
        values, [str(k) for k in range(40)]
    )


def test_the_bandwidth_is_the_median_distance():
    assert bandwidth(np.array([[0.0], [1.0], [3.0]])) == pytest.approx(2.0)


def test_a_reference_of_equal_clips_has_no_bandwidth():
    with pytest.raises(ConfigError, match="5 rows must differ"):
        bandwidth(np.ones((5, 3)))


def test_one_clip_has_no_distance():
    with pytest.raises(ConfigError, match="at least 2 rows, got 1 and 5"):
        kad(np.ones((1, 3)), np.ones((5, 3)), sigma=1.0)
