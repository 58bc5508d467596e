"""What a search has learnt: a Gaussian process over the settings, from every task that was asked.

The model is value[r, t] = mean + f(settings[r]) + task[t] + error[r, t], where f is a sum of one
function of each setting and a smaller one of all together. A trial then learns from every other
that shares a value with it, which is what tells the best of many trials from the luckiest. Trials
that were stopped count with the tasks that they have: why they were stopped is in their values.

Sources: additive processes (Duvenaud, Nickisch and Rasmussen 2011, NIPS 24), Matern's kernel 5/2
(Snoek, Larochelle and Adams 2012, NIPS 25), variances by marginal likelihood (Rasmussen and
Williams 2006, section 5.4.1), the best by posterior mean where values are noisy (Frazier 2018,
arXiv 1807.02811). A setting that two points lack is alike in both; one that only one has is not.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from earmark.tuning.parameter import Parameter, Point, Value
from earmark.tuning.space import Space

Floats = NDArray[np.float64]
LENGTH = 0.5  # of the kernel, in shares of a setting's range
FLAT = 10.0  # variance of the mean, which is then all but free
LOG_BOUNDS = (-7.0, 2.0)  # of a component's variance, in units of that of the effects
MIN_TRIALS = 4  # fewer say nothing of settings


@dataclass(frozen=True, slots=True, eq=False)
class Effects:
    """The mean of each trial, corrected for the tasks that it had, and its error's variance."""

    means: Floats
    variances: Floats


@dataclass(frozen=True, slots=True, eq=False)
class Surrogate:
    """The posterior of f; `predict` takes any points of the space."""

    space: Space
    points: tuple[Point, ...]
    centre: float
    scale: float
    weights: Floats  # variances of the components: a setting each, then all together
    precision: Floats  # inverse covariance of the effects
    pull: Floats  # precision times the effects

    def predict(self, points: Sequence[Point]) -> tuple[Floats, Floats]:
        """The posterior mean of each point, and its standard error."""
        kernel = np.tensordot(self.weights, _grams(self.space, points, self.points), axes=1) + FLAT
        prior = self.weights.sum() + FLAT
        variance = prior - np.einsum("ij,jk,ik->i", kernel, self.precision, kernel)
        means = self.centre + self.scale * (kernel @ self.pull)
        return means, self.scale * np.sqrt(np.maximum(variance, 0.0))


def fit(space: Space, points: Sequence[Point], tasks: Sequence[Mapping[int, float]]) -> Surrogate:
    """Learn from trials.

    Args:
        space: what is searched.
        points: the settings of each trial.
        tasks: for each trial its value on each task that it answered, at least one.

    Raises:
        ValueError: fewer than MIN_TRIALS trials.
    """
    if len(points) < MIN_TRIALS:
        raise ValueError(f"a surrogate needs at least {MIN_TRIALS} trials, got {len(points)}")
    effects = trial_effects(tasks)
    centre = float(np.average(effects.means, weights=1 / effects.variances))
    spread = float(np.average((effects.means - centre) ** 2, weights=1 / effects.variances))
    scale = max(np.sqrt(spread), 1e-9)
    values, noise = (effects.means - centre) / scale, effects.variances / scale**2
    grams = _grams(space, points, points)
    weights = _weights(grams, values, noise)
    inverse = np.linalg.inv(_covariance(grams, weights, noise))
    precision = np.asarray(inverse, np.float64)
    return Surrogate(space, tuple(points), centre, scale, weights, precision, precision @ values)


def trial_effects(tasks: Sequence[Mapping[int, float]]) -> Effects:
    """The means of an additive two-way layout, trials by tasks, which need not be complete."""
    places = sorted(set().union(*tasks))
    column = {place: at for at, place in enumerate(places)}
    rows = [(at, column[place], one) for at, row in enumerate(tasks) for place, one in row.items()]
    design = np.zeros((len(rows), len(tasks) + len(places)))
    for at, (trial, place, _) in enumerate(rows):
        design[at, trial] = design[at, len(tasks) + place] = 1.0
    values = np.array([one for _, _, one in rows])
    solved, _, rank, _ = np.linalg.lstsq(design, values, rcond=None)
    rest = values - design @ solved
    error_variance = float(rest @ rest) / max(1, len(rows) - rank)
    means = solved[: len(tasks)] + solved[len(tasks) :].mean()
    counts = np.array([len(row) for row in tasks])
    return Effects(means, np.maximum(error_variance, 1e-12) / counts)


def _weights(grams: Floats, values: Floats, noise: Floats) -> Floats:
    """The variances of the components, those of the highest marginal likelihood."""

    def loss(logs: Floats) -> tuple[float, Floats]:
        covariance = _covariance(grams, np.exp(logs), noise)
        factor = np.linalg.cholesky(covariance)
        inverse = np.linalg.inv(covariance)
        pull = inverse @ values
        likelihood = 0.5 * values @ pull + np.log(np.diag(factor)).sum()
        slope = np.outer(pull, pull) - inverse
        return float(likelihood), -0.5 * np.exp(logs) * np.tensordot(grams, slope, axes=2)

    start = np.full(len(grams), np.log(0.1))
    solved = minimize(loss, start, jac=True, method="L-BFGS-B", bounds=[LOG_BOUNDS] * len(grams))
    weights: Floats = np.exp(solved.x)
    return weights


def _covariance(grams: Floats, weights: Floats, noise: Floats) -> Floats:
    covariance: Floats = np.tensordot(weights, grams, axes=1) + FLAT + np.diag(noise + 1e-9)
    return covariance


def _grams(space: Space, first: Sequence[Point], second: Sequence[Point]) -> Floats:
    """(K, N, M) the kernel of each component: a setting each, then all together."""
    each = [_kernel(one, first, second) for one in space.parameters]
    together = np.prod([(1 + gram) / 2 for gram in each], axis=0)
    return np.array([*each, together])


def _kernel(one: Parameter, first: Sequence[Point], second: Sequence[Point]) -> Floats:
    """(N, M) how alike points are in one setting: 1 for the same value, or where both lack it."""
    rows, columns = _places(one, first), _places(one, second)
    lack = np.isnan(rows)[:, None], np.isnan(columns)[None, :]
    apart = rows[:, None] - columns[None, :]
    if one.ordered:
        distance = np.sqrt(5) * np.abs(apart) / LENGTH
        alike = (1 + distance + distance**2 / 3) * np.exp(-distance)
    else:
        alike = (apart == 0).astype(np.float64)
    kernel: Floats = np.where(lack[0] & lack[1], 1.0, np.where(lack[0] ^ lack[1], 0.0, alike))
    return kernel


def _places(one: Parameter, points: Sequence[Point]) -> Floats:
    """Where each point stands in a setting, 0..1 for numbers; NaN where it lacks it."""
    values = [point.get(one.name) for point in points]
    return np.array([np.nan if value is None else _place(one, value) for value in values])


def _place(one: Parameter, value: Value) -> float:
    return one.share(float(value)) if one.ordered else float(one.values.index(value))
