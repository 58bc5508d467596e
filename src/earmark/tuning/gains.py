"""What a search gained, in truth: winners against the defaults on fresh samples of other tasks.

The best of many trials looks better than it is, even where all settings are alike. So three numbers
are given: the apparent gain, in the search; what is to be expected of it, shrunken by the share of
the spread between trials that is no chance; and the gain when asked afresh, with an interval that
holds for all winners together. Only the last one counts, and equal is never better.

Sources: the shrinkage is the best linear unbiased prediction of a random effect (Robinson 1991,
Statistical Science 6), its variances as in `analysis.variance`; a prediction so shrunken needs no
correction for having been selected (Efron 2011, JASA 106). Intervals and tests: see
`analysis.comparisons`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from earmark.analysis.comparisons import LEVEL, MIN_TASKS, Comparison, compare
from earmark.analysis.decisions import DELTA, Decision, SampleSize, interval_text
from earmark.analysis.variance import components

Floats = NDArray[np.float64]
ByTask = Mapping[str, float]
MIN_TRIALS = 4  # fewer say nothing about how far settings differ


@dataclass(frozen=True, slots=True)
class Gain:
    """One winner against the defaults; positive is better, whatever the objective.

    `apparent` is the gain in the search and `expected` what remains of it on average; None where
    the search has no such number. `true` is the gain on fresh samples, `witnesses` the same by
    other measures.
    """

    name: str
    apparent: float | None
    expected: float | None
    true: Comparison
    witnesses: Mapping[str, Comparison] = field(default_factory=dict)

    @property
    def better(self) -> bool:
        """Whether the gain is shown: by the test and by the interval."""
        return self.true.low > 0 and self.true.p_family <= 1 - LEVEL

    @property
    def words(self) -> str:
        """The verdict on this winner."""
        ends = sorted((abs(self.true.low), abs(self.true.high)))
        size = f"{_number(abs(self.true.value))} ({_number(ends[0])} to {_number(ends[1])})"
        if self.better:
            return f"better by {size}"
        if self.true.high < 0:
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
    shared = sorted(set(defaults).intersection(*winners))
    if len(shared) < MIN_TASKS:
        rule = f"a test needs at least {MIN_TASKS} tasks that all have answered"
        raise ValueError(f"{rule}, got {len(shared)}: set confirm_limit=null or other tasks")
    values = np.empty((len(shared), len(winners) + 1))
    for at, one in enumerate((*winners, defaults)):
        values[:, at] = [one[task] for task in shared]
    against = np.hstack([np.eye(len(winners)), -np.ones((len(winners), 1))])
    return compare(values * sign, against)


def kept_share(values: Floats) -> float | None:
    """The share of a trial's lead that is no chance, 0..1, from the values (R, T) of all trials.

    None for fewer than MIN_TRIALS trials or two tasks.
    """
    if values.ndim != 2 or values.shape[0] < MIN_TRIALS or values.shape[1] < 2:
        return None
    parts = components(values[:, :, None])
    noise = parts.interaction / values.shape[1]
    return 0.0 if parts.run == 0 else parts.run / (parts.run + noise)


def verdict(
    gains: Sequence[Gain], unit: str, *, tasks: int, samples: int, delta: float = DELTA
) -> str:
    """What a search has shown by the objective that `unit` names, in words."""
    shown = [one for one in gains if one.better]
    if shown:
        first = max(shown, key=lambda one: one.true.value)
        against = f"than the defaults in {unit}"
        corrected = "" if len(gains) == 1 else f", one of {len(gains)} winners tested together"
        return f"{first.name} is {first.words} {against}{corrected}{_witness_words(first)}"
    best = max(gains, key=lambda one: one.true.value)
    decision = Decision(best.name, best.true, SampleSize(tasks, samples, None), delta=delta)
    return f"no gain in {unit} shown; keep the defaults. The most was {decision.sentence}"


def _number(value: float) -> str:
    """Three decimals; two digits of what is smaller, such as a cost."""
    return f"{value:.3f}" if value == 0 or value >= 0.001 else f"{value:.2g}"


def _witness_words(one: Gain) -> str:
    agreements = [f"{name} {one.agreement(name)}" for name in one.witnesses]
    return f"; {'; '.join(agreements)}" if agreements else ""
