"""Does quality fall from notes to environment to speech? The claim of the abstract, as a tested
statement.

Each tier has tasks of its own, so tiers are independent samples: a step is the difference of two
means, tested by Welch's t with the Welch-Satterthwaite degrees of freedom, one-sided. "Falls at
every step" is the intersection of the one-sided hypotheses: it is shown when each step is (Berger
1982), with no correction. "Falls over all" is the difference of the first and the last.

A calibrated score comes as linearised task values, which carry the error of floor and expert (see
calibration). Within a tier, the trend over difficulty is the slope of the task means, tested by
permuting tasks (Lehmann and Romano 2005, section 15.2).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import sqrt

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtr, stdtrit

from earmark.analysis.comparisons import p_text
from earmark.errors import counted

Floats = NDArray[np.float64]
ALPHA = 0.05
MIN_TASKS = 3
DRAWS = 9_999


@dataclass(frozen=True, slots=True)
class Step:
    """From one tier to the next: how far the mean falls (positive: the later one is worse), its 95
    % interval and one-sided p.
    """

    above: str
    below: str
    fall: float
    low: float
    high: float
    p: float


@dataclass(frozen=True, slots=True)
class Trend:
    """The steps in order and the whole way; `p_every` is the largest p of a step."""

    steps: tuple[Step, ...]
    whole: Step
    p_every: float

    def sentence(self, what: str, *, alpha: float = ALPHA) -> str:
        """What was tested and what follows, in one sentence; `what` names the quantity, as in
        "calibrated score".
        """
        order = " to ".join([self.steps[0].above, *(step.below for step in self.steps)])
        whole = self.whole
        fall = f"{whole.fall:.3f} ({whole.low:.3f} to {whole.high:.3f})"
        if self.p_every <= alpha:
            steps = f"(largest p {p_text(self.p_every)})"
            return f"{what} falls at every step from {order} {steps}; over all by {fall}"
        if whole.p <= alpha:
            open_steps = [f"{s.above} to {s.below}" for s in self.steps if s.p > alpha]
            unclear = " and ".join(open_steps)
            return (
                f"{what} falls from {whole.above} to {whole.below} by {fall} "
                f"(p {p_text(whole.p)}); not shown for {unclear}"
            )
        if whole.high < 0:
            rise = f"{-whole.fall:.3f} ({-whole.high:.3f} to {-whole.low:.3f})"
            return f"{what} rises from {whole.above} to {whole.below} by {rise}"
        return (
            f"cannot tell whether {what} falls from {order}: over all it falls by {fall} "
            f"(p {p_text(whole.p)})"
        )


def tier_trend(tiers: Mapping[str, Floats], *, level: float = 1 - ALPHA) -> Trend | str:
    """The trend over tiers in the given order, from each tier's independent task values.

    Returns:
        A Trend, or "cannot tell: …" with the reason where a tier has too few tasks or there is only
        one.
    """
    if len(tiers) < 2:
        return f"cannot tell: a trend needs at least 2 tiers, got {len(tiers)}"
    for name, values in tiers.items():
        if len(values) < MIN_TASKS:
            return (
                f"cannot tell: {name} has {counted(len(values), 'task')} with a value, "
                f"at least {MIN_TASKS} are needed"
            )
    named = list(tiers.items())
    steps = tuple(_step(above, below, level) for above, below in pairwise(named))
    whole = _step(named[0], named[-1], level)
    return Trend(steps, whole, max(step.p for step in steps))


def difficulty_slope(values: Floats, difficulty: Sequence[int], *, seed: int = 0) -> Step | str:
    """How far the task values fall per step of difficulty, with a t interval and a one-sided
    permutation p.

    Returns:
        A Step named "difficulty", or "cannot tell: …" where the difficulty does not vary or tasks
        are too few.
    """
    levels = np.asarray(difficulty, float)
    if len(values) < MIN_TASKS + 1 or len(set(difficulty)) < 2:
        return (
            f"cannot tell: a slope needs at least {MIN_TASKS + 1} tasks of 2 difficulties, "
            f"got {len(values)} of {len(set(difficulty))}"
        )
    centred = levels - levels.mean()
    fall = -float(centred @ values / (centred @ centred))
    residual = values - values.mean() + fall * centred
    error = sqrt(float(residual @ residual) / (len(values) - 2) / float(centred @ centred))
    half = float(stdtrit(len(values) - 2, 1 - ALPHA / 2)) * error
    rng = np.random.default_rng(seed)
    shuffled = np.array([-(centred @ rng.permutation(values)) for _ in range(DRAWS)])
    p = (1 + int(np.sum(shuffled >= -(centred @ values) - 1e-12))) / (DRAWS + 1)
    return Step(
        f"difficulty {min(difficulty)}", f"{max(difficulty)}", fall, fall - half, fall + half, p
    )


def _step(above: tuple[str, Floats], below: tuple[str, Floats], level: float) -> Step:
    (first, ours), (second, theirs) = above, below
    variances = [float(np.var(values, ddof=1)) / len(values) for values in (ours, theirs)]
    fall = float(ours.mean() - theirs.mean())
    error = sqrt(sum(variances))
    if error == 0:
        return Step(first, second, fall, fall, fall, 0.0 if fall > 0 else 1.0)
    sizes = (len(ours) - 1, len(theirs) - 1)
    freedom = sum(variances) ** 2 / sum(v**2 / n for v, n in zip(variances, sizes, strict=True))
    half = float(stdtrit(freedom, (1 + level) / 2)) * error
    return Step(first, second, fall, fall - half, fall + half, float(stdtr(freedom, -fall / error)))
