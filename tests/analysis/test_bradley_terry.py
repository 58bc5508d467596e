"""Strengths agree with other implementations, and their intervals cover known truths."""

import numpy as np
import pytest
import statsmodels.api as sm
from scipy.optimize import minimize

from earmark.analysis.bradley_terry import Votes, separation, strengths

TRUE = np.array([0.8, 0.2, -0.3, -0.7])


def drawn(
    rng: np.random.Generator,
    *,
    true: np.ndarray = TRUE,
    tasks: int = 12,
    raters: int = 1,
    tie: float | None = None,
    taste: float = 0.0,
) -> Votes:
    """Every rater compares every pair on every task; a task favours runs of its own by `taste`."""
    first, second, outcome, of_task, of_rater = [], [], [], [], []
    for task in range(tasks):
        own = true + rng.normal(0, taste, len(true))
        for rater in range(raters):
            for i in range(len(true)):
                for j in range(i + 1, len(true)):
                    d = own[i] - own[j]
                    even = np.exp(tie) if tie is not None else 0.0
                    weights = np.array([np.exp(d / 2), np.exp(-d / 2), even])
                    result = rng.choice([1, -1, 0], p=weights / weights.sum())
                    first.append(i)
                    second.append(j)
                    outcome.append(result)
                    of_task.append(f"task{task}")
                    of_rater.append(f"rater{rater}")
    arrays = (np.array(first), np.array(second), np.array(outcome))
    return Votes(len(true), *arrays, tuple(of_task), tuple(of_rater))


def test_without_ties_they_are_those_of_a_logistic_regression() -> None:
    votes = drawn(np.random.default_rng(1))
    design = votes.design[:, 1:]  # the first run is the reference
    fit = sm.GLM((votes.outcome == 1).astype(float), design, family=sm.families.Binomial()).fit()
    theirs = np.concatenate([[0.0], fit.params])
    ours, tie = strengths(votes)
    assert [one.value for one in ours] == pytest.approx(theirs - theirs.mean(), abs=1e-6)
    assert tie is None


def test_with_ties_they_have_the_highest_likelihood() -> None:
    votes = drawn(np.random.default_rng(2), tie=-0.5)

    def lost(theta: np.ndarray) -> float:
        d = votes.design @ np.concatenate([[0.0], theta[:3]])
        logits = np.stack([d / 2, -d / 2, np.full_like(d, theta[3])])
        row = np.where(votes.outcome == 1, 0, np.where(votes.outcome == -1, 1, 2))
        return float(-(logits[row, np.arange(len(d))] - np.logaddexp.reduce(logits)).sum())

    found = minimize(lost, np.zeros(4), tol=1e-12)
    theirs = np.concatenate([[0.0], found.x[:3]])
    ours, tie = strengths(votes)
    assert [one.value for one in ours] == pytest.approx(theirs - theirs.mean(), abs=1e-4)
    assert tie == pytest.approx(found.x[3], abs=1e-4)


@pytest.mark.parametrize(
    ("pairs", "separated"),
    [
        ([(0, 1, 1), (0, 1, -1)], False),
        ([(0, 1, 1), (0, 1, 1)], True),
        ([(0, 1, 1), (0, 1, 0)], True),  # wins and ties alone bound nothing from above
        ([(0, 1, 0), (0, 1, 0)], True),
        ([(0, 1, 1), (1, 2, 1), (2, 0, 1)], False),
        ([(0, 1, 1), (1, 0, 1), (2, 0, 1)], True),
        ([(0, 1, 1), (1, 0, 1), (2, 0, 0), (0, 2, 0)], False),
    ],
)
def test_votes_without_a_finite_answer_are_seen(
    pairs: list[tuple[int, int, int]], separated: bool
) -> None:
    first, second, outcome = map(np.array, zip(*pairs, strict=True))
    names = tuple(str(at) for at in range(len(pairs)))
    items = 1 + max(first.max(), second.max())
    votes = Votes(int(items), first, second, outcome, names, names)
    direction = separation(votes)
    assert (direction is not None) == separated
    if separated:
        with pytest.raises(ValueError, match="separated"):
            strengths(votes)
    else:
        assert all(np.isfinite(one.value) for one in strengths(votes)[0])


def covered(*, draws: int, seed: int, **shape: object) -> float:
    rng = np.random.default_rng(seed)
    hits = []
    for _ in range(draws):
        votes = drawn(rng, **shape)  # type: ignore[arg-type]
        if separation(votes) is not None:
            continue
        found, _ = strengths(votes)
        for true, one in zip(TRUE, found, strict=True):
            assert one.low is not None
            assert one.high is not None
            hits.append(one.low <= true <= one.high)
    return float(np.mean(hits))


SHAPES = [
    {"tasks": 8},
    {"tasks": 16, "tie": -0.5},
    {"tasks": 16, "raters": 4},
    {"tasks": 16, "taste": 0.5, "raters": 2},
]


@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_intervals_cover(shape: dict[str, object]) -> None:
    assert 0.88 <= covered(draws=60, seed=3, **shape) <= 1.0


@pytest.mark.long
@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_intervals_cover_as_they_say(shape: dict[str, object]) -> None:
    # Four raters alone are few clusters: their intervals are wide when they agree.
    assert 0.92 <= covered(draws=600, seed=4, **shape) <= (1.0 if "raters" in shape else 0.99)


def test_few_tasks_give_no_interval() -> None:
    votes = drawn(np.random.default_rng(5), tasks=2, raters=20)
    assert all(one.low is None for one in strengths(votes)[0])
