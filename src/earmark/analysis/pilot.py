"""From a pilot to the size of a sweep: the tasks and samples that find a difference, their cost.

A pilot is any finished sweep with at least two runs of a tier. The comparison planned is that of
one pair, paired by task; with more runs its error rate is shared among all pairs (Bonferroni, a
little more than step-down max-t needs).
"""

from dataclasses import dataclass
from math import comb

from earmark.analysis.metric_conclusion import MetricConclusion
from earmark.analysis.planning import ALPHA, POWER, Size, detectable, power, tasks_needed
from earmark.analysis.variance import Components
from earmark.errors import counted

SAMPLES = (1, 2, 3, 5, 10)
TINY = 1e-15  # a variance that is rounding
CURVE_TASKS = (6, 10, 20, 30, 50, 100, 200)


@dataclass(frozen=True, slots=True)
class Option:
    """So many samples, the tasks they need, and what one run of them asks and costs."""

    samples: int
    size: Size | None
    calls: int | None
    cost_usd: float | None


@dataclass(frozen=True, slots=True)
class TierPlan:
    """The sizes for one tier; `curve` is power by number of tasks at the pilot's samples."""

    tier: str
    metric: str
    components: Components
    tasks: int
    samples: int
    alpha: float
    smallest: float
    options: tuple[Option, ...]
    curve: tuple[tuple[int, float], ...]


def plan_tier(
    tier: str, by: MetricConclusion, *, delta: float, runs: int = 2, target: float = POWER
) -> TierPlan | str:
    """What finding `delta` between runs takes in a tier, or "cannot tell: …".

    Args:
        tier: its name.
        by: what the pilot shows by the metric.
        delta: the difference to be found, in units of the metric.
        runs: how many runs will be compared.
        target: the probability of finding it.
    """
    parts = by.components
    if parts is None or len(by.grid.runs) < 2:
        have = f"{counted(len(by.grid.runs), 'run')} with scores"
        on = counted(int(by.grid.shared.sum()), "task")
        return f"cannot tell: {tier} has {have} on {on}; a pilot needs at least 2 on 2 tasks"
    if by.grid.silent or not parts.interaction + (parts.chance or 0.0) > TINY:
        varies = "the differences of its runs do not vary over tasks or samples"
        return f"cannot tell: {tier}: {varies}; run a pilot whose clips are valid and differ"
    tasks, samples = by.grid.balanced.shape[1:]
    alpha = ALPHA / comb(max(2, runs), 2)
    calls, cost = _per_episode(by)
    options = []
    for count in SAMPLES if parts.chance is not None else (samples,):
        size = tasks_needed(delta, parts, samples=count, alpha=alpha, target=target)
        asked = None if size is None else round(size.tasks * count * calls)
        paid = None if size is None or cost is None else size.tasks * count * cost
        options.append(Option(count, size, asked, paid))
    curve = [
        (count, power(delta, parts, tasks=count, samples=samples, alpha=alpha))
        for count in CURVE_TASKS
    ]
    smallest = detectable(parts, tasks=tasks, samples=samples, alpha=alpha, target=target)
    return TierPlan(
        tier,
        by.metric,
        components=parts,
        tasks=tasks,
        samples=samples,
        alpha=alpha,
        smallest=smallest,
        options=tuple(options),
        curve=tuple(curve),
    )


def _per_episode(by: MetricConclusion) -> tuple[float, float | None]:
    """Model calls and dollars for each episode of the pilot; cost None where one is not known."""
    runs = by.grid.runs
    episodes = sum(len(run.picked) for run in runs) or 1
    calls = sum(len(run.attempts) for run in runs) / episodes
    costs = [run.scores.get("cost_usd") for run in runs]
    known = [cost for cost in costs if cost is not None]
    return calls, sum(known) / episodes if len(known) == len(costs) else None
