"""Scores of known truth, in the shapes that occur: bounded, skewed, zero-inflated, shares."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Draw = Callable[[np.random.Generator, int, int], Floats]


def bounded(rng: np.random.Generator, tasks: int, samples: int) -> Floats:
    means = rng.beta(2, 5, size=(tasks, 1))
    return means + rng.normal(0, 0.05, size=(tasks, samples))


def skewed(rng: np.random.Generator, tasks: int, samples: int) -> Floats:
    means = rng.beta(0.8, 4, size=(tasks, 1))
    return means + rng.normal(0, 0.03, size=(tasks, samples))


def zero_inflated(rng: np.random.Generator, tasks: int, samples: int) -> Floats:
    means = np.where(rng.random((tasks, 1)) < 0.3, 0.0, rng.beta(2, 5, size=(tasks, 1)))
    return means * (rng.random((tasks, samples)) < 0.8)


def shares(rng: np.random.Generator, tasks: int, samples: int) -> Floats:
    chances = rng.beta(2, 1, size=(tasks, 1))
    return (rng.random((tasks, samples)) < chances).astype(float)


SCORES: dict[str, tuple[Draw, float]] = {
    "bounded": (bounded, 2 / 7),
    "skewed": (skewed, 0.8 / 4.8),
    "zero-inflated": (zero_inflated, 0.7 * 2 / 7 * 0.8),
}
SHARES: tuple[Draw, float] = (shares, 2 / 3)


def equal_runs(rng: np.random.Generator, tasks: int, runs: int, samples: int, shape: str) -> Floats:
    """(T, R) task means of runs that do not differ: the same distribution on each task for all."""
    if shape == "shares":
        chances = rng.beta(2, 1, size=(tasks, 1, 1))
        drawn = (rng.random((tasks, runs, samples)) < chances).astype(float)
    elif shape == "zero-inflated":
        hard = rng.random((tasks, 1, 1)) < 0.3
        quality = np.where(hard, 0.0, rng.beta(2, 5, size=(tasks, 1, 1)))
        spread = rng.beta(5, 2, size=(tasks, runs, samples))
        drawn = quality * spread * (rng.random((tasks, runs, samples)) < 0.7)
    else:
        own = rng.beta(0.8, 4, size=(tasks, runs, 1))
        drawn = own + rng.normal(0, 0.05, size=(tasks, runs, samples))
    means: Floats = drawn.mean(axis=2)
    return means
