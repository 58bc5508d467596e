"""A comparison in words: decisive, ruled out beyond ±d, or not decided and what would decide it.

What a larger sweep would show is planned with the error rate of the family that the comparison
stands in, by the power of the paired t test (see `planning`).
"""

from dataclasses import dataclass

from scipy.special import stdtr

from earmark.analysis.comparisons import Comparison, Verdict, p_text
from earmark.analysis.planning import ALPHA, samples_needed, tasks_needed
from earmark.analysis.variance import Components
from earmark.errors import counted

DELTA = 0.03  # the difference that matters, unless another is given


@dataclass(frozen=True, slots=True)
class SampleSize:
    """What a comparison was made on: so many tasks and samples, and the variance of chance.

    `chance` is the variance of one score that a repetition would draw anew; None where every task
    has one sample.
    """

    tasks: int
    samples: int
    chance: float | None


@dataclass(frozen=True, slots=True)
class Decision:
    """A comparison with its verdict; `label` names what is subtracted from what.

    `squares` is the sum of the squared weights of the runs in the contrast, 2 for two runs, and
    `delta` the difference that matters, in units of the score.
    """

    label: str
    comparison: Comparison
    size: SampleSize
    squares: float = 2.0
    delta: float = DELTA

    @property
    def verdict(self) -> Verdict:
        """Decisive, ruled out beyond ±delta, or not decided."""
        return self.comparison.verdict(self.delta)

    @property
    def result(self) -> str:
        """The verdict with what makes it one: p, or what is ruled out."""
        one = self.comparison
        beyond = max(abs(one.low), abs(one.high))
        if self.verdict == "decisive":
            small = f", yet within ±{self.delta:g}" if beyond <= self.delta else ""
            return f"decisive (p {p_text(one.p_family)}){small}"
        if self.verdict == "ruled out" and beyond < 1e-12:
            return f"equal on all {counted(self.size.tasks, 'task')}"
        if self.verdict == "ruled out":
            return f"a difference beyond ±{beyond:.3g} is ruled out"
        return "not decided"

    @property
    def would_decide(self) -> str:
        """What would decide it; empty where it is decided."""
        if self.verdict != "not decided":
            return ""
        return _would_decide(self.comparison, self.size, self.squares, self.delta)

    @property
    def sentence(self) -> str:
        """The verdict with its numbers; where it is not decided, what would decide it."""
        parts = (self.result, self.would_decide)
        result = "; ".join(one for one in parts if one)
        if result.startswith("equal"):
            return f"{self.label}: {result}"
        return f"{self.label} {interval_text(self.comparison)}: {result}"


def interval_text(comparison: Comparison) -> str:
    """`+0.120 (+0.050 to +0.190)`."""
    return f"{comparison.value:+.3f} ({comparison.low:+.3f} to {comparison.high:+.3f})"


def family_alpha(comparison: Comparison, tasks: int) -> float:
    """The error rate that one comparison of its family has, read off its simultaneous interval."""
    if comparison.standard_error <= 1e-12:
        return ALPHA
    quantile = (comparison.high - comparison.value) / comparison.standard_error
    return min(ALPHA, max(1e-9, float(2 * stdtr(tasks - 1, -quantile))))


def _would_decide(comparison: Comparison, size: SampleSize, squares: float, delta: float) -> str:
    spread = _spread(comparison, size, squares)
    alpha = family_alpha(comparison, size.tasks)
    tasks = tasks_needed(delta, spread, samples=size.samples, alpha=alpha)
    if tasks is not None and tasks.tasks <= size.tasks:
        return (
            f"this sweep finds a difference of {delta:g} in {tasks.power:.0%} of cases, "
            "and this one is near it: ask it again on fresh samples"
        )
    more = "more than 100,000 more tasks"
    if tasks is not None:
        more = counted(tasks.tasks - size.tasks, "more task")
    if size.chance is None:
        ways = more
        why = "; with 1 sample per task it is not known how far more samples would help"
    else:
        samples = samples_needed(delta, spread, tasks=size.tasks, alpha=alpha)
        extra = ""
        if samples:
            extra = f" or {counted(samples.samples - size.samples, 'more sample')} of each"
        ways = f"{more}{extra}"
        why = "" if samples else "; more samples alone would not"
    return f"{ways} would decide a difference of {delta:g}{why}"


def _spread(comparison: Comparison, size: SampleSize, squares: float) -> Components:
    """The variance over tasks of the comparison, as that of a pair of runs."""
    over_tasks = comparison.standard_error**2 * size.tasks
    chance = None if size.chance is None else squares * size.chance
    rest = over_tasks - (chance or 0.0) / size.samples
    half = None if chance is None else chance / 2
    return Components(run=0.0, task=0.0, interaction=max(0.0, rest) / 2, chance=half)
