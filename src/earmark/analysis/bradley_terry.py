"""Strengths from paired comparisons with ties.

Conventions: `first` and `second` are (N,) numbers of items 0..R-1, `outcome` (N,) is 1 where the
first is preferred, -1 where the second is, 0 for no difference. Strengths are log-odds about their
mean: of two items that are 1 apart, the stronger is preferred in 73 % of the votes that decide.

Sources: Bradley and Terry (1952, Biometrika 39); ties as in Davidson (1970, JASA 65), a third
outcome whose log-odds against the geometric mean of the others is one more parameter. Where no vote
is a tie, that is Bradley and Terry's model. Whether finite strengths exist is decided by linear
programming (Albert and Anderson 1984, Biometrika 71). Votes on one task are alike, and so are those
of one rater: the variance is the one-step cluster jackknife (CR3: Bell and McCaffrey 2002), two-way
where there are enough raters (Cameron, Gelbach and Miller 2011), with t of the fewer clusters.
"""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtrit

Floats = NDArray[np.float64]
Numbers = NDArray[np.int64]
LEVEL = 0.95
MIN_CLUSTERS = 3  # fewer tasks give no interval; fewer raters are no clusters of their own
MAX_STEPS = 100


@dataclass(frozen=True, slots=True)
class Strength:
    """One item's strength with its interval; None where there are too few tasks for one."""

    value: float
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True, eq=False)
class Votes:
    """Comparisons of R items as arrays; `tasks` and `raters` are (N,) labels of clusters."""

    items: int
    first: Numbers
    second: Numbers
    outcome: Numbers
    tasks: tuple[Hashable, ...]
    raters: tuple[Hashable, ...]

    @property
    def design(self) -> Floats:
        """(N, R) with 1 for the first and -1 for the second."""
        rows = np.zeros((len(self.first), self.items))
        at = np.arange(len(self.first))
        rows[at, self.first], rows[at, self.second] = 1.0, -1.0
        return rows


def separation(votes: Votes) -> Floats | None:
    """(R,) a direction in which the likelihood never falls, None where strengths are finite.

    Items that are higher in it are never beaten by lower ones, as far as the votes go.
    """
    design, outcome = votes.design, votes.outcome
    ties = bool((outcome == 0).any())
    rise = np.zeros((len(design), 2, votes.items + 1))
    half = design / 2
    decided = outcome != 0
    signed = half[decided] * outcome[decided, None]
    rise[decided, 0, :-1] = 2 * signed  # the preferred one above the other
    rise[decided, 1, :-1], rise[decided, 1, -1] = signed, -1.0  # and above a tie
    rise[~decided, 0, :-1], rise[~decided, 0, -1] = half[~decided], 1.0
    rise[~decided, 1, :-1], rise[~decided, 1, -1] = -half[~decided], 1.0
    rows = np.unique(rise.reshape(-1, votes.items + 1), axis=0)
    tie_bounds = (-1, 1) if ties else (-1, -1)  # without ties nothing is known of them
    bounds = [(-1, 1)] * votes.items + [tie_bounds]
    from scipy.optimize import linprog  # takes half a second to import, and few sweeps have votes

    solved = linprog(-rows.sum(axis=0), A_ub=-rows, b_ub=np.zeros(len(rows)), bounds=bounds)
    gain = rows[:, :-1] @ solved.x[:-1] if not ties else rows @ solved.x
    if gain.max() <= 1e-7:
        return None
    direction: Floats = solved.x[:-1]
    return direction


def strengths(votes: Votes, *, level: float = LEVEL) -> tuple[list[Strength], float | None]:
    """The strength of every item, and the log-odds of a tie between equals (None without ties).

    Raises:
        ValueError: there are no finite strengths: see `separation`.
    """
    if separation(votes) is not None:
        raise ValueError("the votes are separated: no finite strengths exist")
    estimate = _maximum(votes)
    values = estimate[: votes.items]
    centred = values - values.mean()
    tie = float(estimate[-1]) if (votes.outcome == 0).any() else None
    tasks = len(set(votes.tasks))
    if tasks < MIN_CLUSTERS:
        return [Strength(float(value), None, None) for value in centred], tie
    raters = len(set(votes.raters))
    clusters = min(tasks, raters) if raters >= MIN_CLUSTERS else tasks
    quantile = float(stdtrit(clusters - 1, (1 + level) / 2))
    errors = _errors(votes, estimate, two_way=raters >= MIN_CLUSTERS)
    return [
        Strength(float(value), float(value - quantile * error), float(value + quantile * error))
        for value, error in zip(centred, errors, strict=True)
    ], tie


def _columns(votes: Votes) -> Floats:
    """(N, 2, R + 1) the gradient of each vote's two logits: of the difference, and of a tie."""
    ties = 1.0 if (votes.outcome == 0).any() else 0.0
    columns = np.zeros((len(votes.first), 2, votes.items + 1))
    columns[:, 0, :-1] = votes.design
    columns[:, 1, -1] = ties
    return columns


def _scores(votes: Votes, estimate: Floats) -> tuple[Floats, Floats]:
    """(N, 2) residuals of the two logits of each vote, and (N, 2, 2) their spread."""
    difference = votes.design @ estimate[:-1]
    ties = (votes.outcome == 0).any()
    tie = estimate[-1] if ties else -np.inf
    logits = np.stack([difference / 2, -difference / 2, np.full_like(difference, tie)])
    weights = np.exp(logits - logits.max(axis=0))
    first, second, even = weights / weights.sum(axis=0)
    lead = (first - second) / 2
    residual = np.stack([votes.outcome / 2 - lead, (votes.outcome == 0) - even], axis=1)
    spread = np.empty((len(difference), 2, 2))
    spread[:, 0, 0] = (first + second) / 4 - lead**2
    spread[:, 0, 1] = spread[:, 1, 0] = -lead * even
    spread[:, 1, 1] = even * (1 - even)
    return residual, spread


def _information(columns: Floats, spread: Floats) -> Floats:
    """(P, P) the information of these votes together."""
    weighted = np.matmul(spread, columns)
    information: Floats = np.tensordot(columns, weighted, axes=([0, 1], [0, 1]))
    return information


def _maximum(votes: Votes) -> Floats:
    """(R + 1,) the strengths and the tie's log-odds of the highest likelihood, by Newton's steps.

    The information has no inverse along a shift of all strengths; the pseudo-inverse stays put.
    """
    estimate = np.zeros(votes.items + 1)
    columns = _columns(votes)
    for _ in range(MAX_STEPS):
        residual, spread = _scores(votes, estimate)
        inverse = np.linalg.pinv(_information(columns, spread), hermitian=True)
        step = inverse @ np.einsum("nk,nkp->p", residual, columns)
        size = float(np.abs(step).max())
        estimate = estimate + step * min(1.0, 1.0 / max(size, 1e-12))
        if size < 1e-10:
            break
    return estimate


def _errors(votes: Votes, estimate: Floats, *, two_way: bool) -> Floats:
    """(R,) standard errors of the strengths about their mean."""
    by_task = _variance(votes, estimate, votes.tasks)
    if not two_way:
        return np.sqrt(by_task)
    by_rater = _variance(votes, estimate, votes.raters)
    pairs = tuple(zip(votes.tasks, votes.raters, strict=True))
    both = by_task + by_rater - _variance(votes, estimate, pairs)
    errors: Floats = np.sqrt(np.maximum(both, np.maximum(by_task, by_rater)))
    return errors


def _variance(votes: Votes, estimate: Floats, labels: Sequence[Hashable]) -> Floats:
    """(R,) the jackknife variance when one cluster after the other is left out, in one step."""
    columns = _columns(votes)
    residual, spread = _scores(votes, estimate)
    numbers = {label: at for at, label in enumerate(dict.fromkeys(labels))}
    cluster = np.array([numbers[label] for label in labels])
    whole = _information(columns, spread)
    total = np.zeros(votes.items)
    for at in range(len(numbers)):
        own = cluster == at
        left = np.linalg.pinv(whole - _information(columns[own], spread[own]), hermitian=True)
        gradient = np.einsum("nk,nkp->p", residual[own], columns[own])
        move = (left @ gradient)[: votes.items]
        total += (move - move.mean()) ** 2
    count = len(numbers)
    return total * (count - 1) / count if count > 1 else total
