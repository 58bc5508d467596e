"""The Fréchet distance against the library's formula, theory, and simulated statistics."""

from typing import Any

import numpy as np
import pytest
from frechet_audio_distance import FrechetAudioDistance
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import kstest

from earmark.errors import ConfigError
from earmark.metrics.frechet import Pool, frechet
from earmark.metrics.intervals import student

LIBRARY = FrechetAudioDistance.__new__(
    FrechetAudioDistance
)  # its formula alone: the constructor would load a model


def library(a: Any, b: Any) -> float:
    return float(
        LIBRARY.calculate_frechet_distance(
            *LIBRARY.calculate_embd_statistics(a), *LIBRARY.calculate_embd_statistics(b)
        )
    )


@pytest.mark.parametrize(("n", "m", "k"), [(60, 80, 8), (300, 500, 64), (700, 900, 128)])
def test_it_equals_the_library_where_the_library_is_stable(n, m, k):
    rng = np.random.default_rng(n)
    mixing = rng.normal(size=(k, k)) / np.sqrt(k)
    a, b = rng.normal(size=(n, k)) @ mixing + 0.2, 1.3 * rng.normal(size=(m, k))
    assert frechet(a, b) == pytest.approx(library(a, b), rel=1e-6)


def test_it_equals_theory_for_diagonal_gaussians():
    rng = np.random.default_rng(0)
    a, b = rng.normal(size=(200_000, 3)), 2 * rng.normal(size=(200_000, 3)) + [1, 0, 0]
    assert frechet(a, b) == pytest.approx(1 + 3 * (2 - 1) ** 2, rel=0.02)


@settings(max_examples=60, deadline=None)
@given(
    st.integers(2, 12),
    st.integers(2, 12),
    st.integers(1, 20),
    st.integers(0, 10**6),
    st.sampled_from([1e-6, 1.0, 1e6]),
)
def test_it_is_a_finite_symmetric_distance_that_no_turn_changes(n, m, k, seed, scale):
    rng = np.random.default_rng(seed)
    a, b = scale * rng.normal(size=(n, k)), scale * rng.normal(size=(m, k))
    turn = np.linalg.qr(rng.normal(size=(k, k)))[0]
    value = frechet(a, b)
    assert 0 <= value < np.inf
    assert frechet(b, a) == pytest.approx(value, rel=1e-6, abs=1e-9 * scale**2)
    assert frechet(a @ turn, b @ turn) == pytest.approx(value, rel=1e-5, abs=1e-8 * scale**2)
    assert frechet(a, a) == pytest.approx(0, abs=1e-6 * scale**2 * k)
    assert frechet(a, a + scale) >= 0.99 * k * scale**2


def test_the_pool_agrees_with_the_direct_form():
    rng = np.random.default_rng(1)
    for n, m, k in ((9, 40, 200), (100, 150, 32)):
        a, b = rng.normal(size=(n, k)), rng.normal(size=(m, k)) * 1.5 + 0.3
        pool = Pool.of(a, b)
        assert pool.distance() == pytest.approx(frechet(a, b), rel=1e-5)
        order = rng.permutation(n + m)
        both = np.concatenate([a, b])
        assert pool.between(order[:n], order[n:]) == pytest.approx(
            frechet(both[order[:n]], both[order[n:]]), rel=1e-5
        )


def test_resampling_every_cluster_once_gives_the_distance_itself():
    rng = np.random.default_rng(2)
    a, b = rng.normal(size=(20, 30)), rng.normal(size=(50, 30))

    once: Any = type("Once", (), {"integers": lambda _, high, size: np.arange(size)})()
    assert Pool.of(a, b).bootstrap([f"{k % 5}" for k in range(20)], 1, once) == pytest.approx(
        [frechet(a, b)], rel=1e-6
    )


@pytest.mark.parametrize(
    ("a", "b", "said"),
    [
        (np.ones((1, 3)), np.ones((5, 3)), r"a must hold at least 2 rows.*\(1, 3\)"),
        (np.ones((5, 3)), np.ones((5, 4)), "rows of one length, got 3 and 4"),
        (np.ones((5, 3)), np.full((5, 3), np.nan), "b must be finite, 5 rows are not"),
    ],
)
def test_sets_that_have_no_distance_are_refused(a, b, said):
    with pytest.raises(ConfigError, match=said):
        frechet(a, b)


def test_a_resample_is_as_far_as_the_rows_it_drew():
    rng = np.random.default_rng(3)
    a, b = rng.normal(size=(30, 64)), rng.normal(size=(90, 64)) + 0.1
    drawn = Pool.of(a, b).bootstrap([str(k) for k in range(30)], 5, np.random.default_rng(4))
    again = np.random.default_rng(4)
    assert drawn == pytest.approx(
        [frechet(a[again.integers(30, size=30)], b) for _ in range(5)], rel=1e-6
    )


def null_p(seed: int, rounds: int = 99) -> float:
    rng = np.random.default_rng(seed)
    pool = Pool.of(rng.normal(size=(12, 16)), rng.normal(size=(40, 16)))
    shuffled = np.fromiter(pool.permuted(rounds, rng), float)
    return float((1 + (shuffled >= pool.distance()).sum()) / (1 + rounds))


def test_null_p_values_are_uniform():
    assert kstest([null_p(seed) for seed in range(60)], "uniform").pvalue > 0.01


@pytest.mark.long
def test_null_p_values_are_uniform_in_full():
    assert kstest([null_p(seed, 199) for seed in range(600)], "uniform").pvalue > 0.01


def test_p_is_small_when_the_sets_differ():
    rng = np.random.default_rng(5)
    pool = Pool.of(rng.normal(size=(12, 16)) + 1, rng.normal(size=(40, 16)))
    assert (np.fromiter(pool.permuted(99, rng), float) < pool.distance()).all()


def coverage(rounds: int, n: int = 30, m: int = 120, k: int = 32) -> float:
    """Share of intervals that hold the expected FAD at this n and this reference."""
    reference = np.random.default_rng(0).normal(size=(m, k))

    def draw(seed: int) -> Any:
        return np.random.default_rng(seed).normal(size=(n, k)) * 1.2 + 0.3

    truth = np.mean([frechet(draw(10_000 + seed), reference) for seed in range(400)])
    held = 0.0
    for seed in range(rounds):
        pool = Pool.of(draw(seed), reference)
        spread = pool.jackknife_error([str(c) for c in range(n)])
        low, high = student(pool.distance(), spread, n)
        held += low <= truth <= high
    return held / rounds


def test_intervals_cover_the_expected_distance():
    assert 0.85 <= coverage(60) <= 1.0


@pytest.mark.long
def test_intervals_cover_the_expected_distance_in_full():
    assert 0.90 <= coverage(500) <= 0.98
