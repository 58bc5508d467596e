"""What a search gained, in truth: winners against the defaults on fresh samples of other tasks.

The best of many trials looks better than it is, even where all settings are alike. So three numbers
are given: the apparent gain, in the search; what is to be expected of it by all trials together;
and the gain when asked afresh, with an interval that holds for all winners together. Only the last
one counts, and equal is never better.

Sources: what is expected is the posterior mean of `surrogate`, the best linear unbiased prediction
of a random effect (Robinson 1991, Statistical Science 6); a prediction so shrunken needs no
correction for having been selected (Efron 2011, JASA 106). Intervals and tests: see
`analysis.comparisons`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from earmark.analysis.comparisons import LEVEL, MIN_TASKS, Comparison, compare
from earmark.analysis.decisions import DELTA, Decision, SampleSize, interval_text
from earmark.errors import counted

Floats = NDArray[np.float64]
ByTask = Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Gain:
    """One winner against the defaults; positive is better, whatever the objective.

    `apparent` is the gain in the search and `expected` what all trials together let expect; None
    where the search has no such number. `true` is the gain on fresh samples, `witnesses` the same
    by other measures, and `order` tells the best of several that are better.
    """

    name: str
    apparent: float | None
    expected: float | None
    true: Comparison
    witnesses: Mapping[str, Comparison] = field(default_factory=dict)
    order: float = 0.0

    @property
    def better(self) -> bool:
        """Whether the gain is shown: by the test and by the interval."""
        return self.true.low > 0 and self.true.p_family <= 1 - LEVEL

    @property
    def worse(self) -> bool:
        """Whether a loss is shown."""
        return self.true.high < 0

    @property
    def words(self) -> str:
        """The verdict on this winner."""
        ends = sorted((abs(self.true.low), abs(self.true.high)))
        size = f"{_number(abs(self.true.value))} ({_number(ends[0])} to {_number(ends[1])})"
        if self.better:
            return f"better by {size}"
        if self.worse:
            return f"worse by {size}"
        return f"no gain shown: {interval_text(self.true)}"

    def agreement(self, witness: str) -> str:
        """Whether a witness agrees that the winner is better."""
        one = self.witnesses[witness]
        shown = interval_text(one)
        if one.low > 0:
            return f"agrees: {shown}"
        return f"disagrees: {shown}" if one.high < 0 else f"cannot tell: {shown}"


def gains_of(winners: Sequence[ByTask], defaults: ByTask, *, sign: int = 1) -> list[Comparison]:
    """Each winner minus the defaults on the tasks that all have, with one error rate for all.

    Args:
        winners: the values of each by task.
        defaults: those of the defaults.
        sign: -1 where less is better.

    Raises:
        ValueError: fewer than MIN_TASKS tasks in common.
    """
    return [one for (one,) in gains_of_several([[*winners, defaults]], [sign])]


def gains_of_several(
    values: Sequence[Sequence[ByTask]], signs: Sequence[int]
) -> list[list[Comparison]]:
    """Each winner minus the defaults by each objective, with one error rate for all of them.

    Args:
        values: for each objective the values of each winner by task, the defaults last.
        signs: for each objective -1 where less is better.

    Returns:
        For each winner its comparison by each objective, on the tasks that all have.

    Raises:
        ValueError: fewer than MIN_TASKS tasks in common.
    """
    columns = [by_task for several in values for by_task in several]
    shared = sorted(set(columns[0]).intersection(*columns))
    if len(shared) < MIN_TASKS:
        rule = f"a test needs at least {MIN_TASKS} tasks that all have answered"
        raise ValueError(f"{rule}, got {len(shared)}: set confirm_limit=null or other tasks")
    means = np.empty((len(shared), len(columns)))
    for at, one in enumerate(columns):
        means[:, at] = [one[task] for task in shared]
    winners = len(values[0]) - 1
    against = np.hstack([np.eye(winners), -np.ones((winners, 1))])
    # A row is a winner by an objective; columns of other objectives have no weight in it.
    contrasts = np.asarray(np.kron(np.diag(signs), against), np.float64)
    compared = compare(means, contrasts)
    return [compared[at::winners] for at in range(winners)]


def verdict(
    gains: Sequence[Gain], unit: str, *, tasks: int, samples: int, delta: float = DELTA
) -> str:
    """What a search has shown by the objective that `unit` names, in words."""
    shown = [one for one in gains if one.better]
    if shown:
        first = max(shown, key=lambda one: one.order)
        against = f"than the defaults in {unit}"
        corrected = "" if len(gains) == 1 else f", one of {len(gains)} winners tested together"
        return f"{first.name} is {first.words} {against}{corrected}{_witness_words(first)}"
    best = max(gains, key=lambda one: one.true.value)
    decision = Decision(best.name, best.true, SampleSize(tasks, samples, None), delta=delta)
    return f"no gain in {unit} shown; keep the defaults. The most was {decision.sentence}"


def front_verdict(points: Sequence[Mapping[str, Gain]], units: Mapping[str, str]) -> str:
    """What a search by several objectives has shown of each point of its front, in words."""
    sentences = []
    for point in points:
        name = next(iter(point.values())).name
        parts = [f"{one.words} in {units[by]}" for by, one in point.items()]
        sentences.append(f"{name} against the defaults: {'; '.join(parts)}")
    good = [point for point in points if some_better(point)]
    free = [point for point in good if not some_worse(point)]
    tests = f"{len(points) * len(units)} comparisons tested together"
    if not good:
        first = f"no gain in any objective shown; keep the defaults ({tests})"
    elif free:
        count = f"{len(free)} of {counted(len(points), 'point')}"
        first = f"{count} of the front: a gain shown and no loss ({tests})"
    else:
        first = f"every gain that is shown has its price: choose yourself ({tests})"
    return "\n".join([first, *sentences])


def some_better(point: Mapping[str, Gain]) -> bool:
    """Whether a gain is shown by any objective."""
    return any(one.better for one in point.values())


def some_worse(point: Mapping[str, Gain]) -> bool:
    """Whether a loss is shown by any objective."""
    return any(one.worse for one in point.values())


def _number(value: float) -> str:
    """Three decimals; two digits of what is smaller, such as a cost."""
    return f"{value:.3f}" if value == 0 or value >= 0.001 else f"{value:.2g}"


def _witness_words(one: Gain) -> str:
    agreements = [f"{name} {one.agreement(name)}" for name in one.witnesses]
    return f"; {'; '.join(agreements)}" if agreements else ""
