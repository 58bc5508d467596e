"""Is a candidate not worse than a baseline? A test for prompt changes, tier by tier.

Runs are paired by tier and by (task, sample), whatever model or strategy they are of; several runs
of one side and tier are averaged. "Not worse" is shown when the 95 % interval of the difference
lies above -margin in every tier (an intersection-union test: no correction), "worse" when it is
decisively below 0 in some tier, corrected for the number of tiers (Bonferroni).
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from earmark.analysis.comparisons import LEVEL, MIN_TASKS, Comparison, Floats, compare, p_text
from earmark.analysis.decisions import interval_text
from earmark.analysis.grid import ScoreGrid, score_grid
from earmark.analysis.labels import headline, is_baseline
from earmark.errors import ConfigError, counted
from earmark.records import Run

Result = Literal["not worse", "worse", "cannot tell"]
EXIT_CODE: dict[Result, int] = {"not worse": 0, "worse": 1, "cannot tell": 2}


@dataclass(frozen=True, slots=True)
class TierGate:
    """The result in one tier and its reason; no comparison where there could be none."""

    tier: str
    result: Result
    sentence: str
    comparison: Comparison | None = None


def gate(
    candidate: Sequence[Run],
    baseline: Sequence[Run],
    *,
    margin: float,
    metric: str | None = None,
) -> list[TierGate]:
    """The result in every tier that both have, or the reason why there is none.

    Args:
        candidate: finished runs with their attempts.
        baseline: what they are compared with.
        margin: how much worse is still not worse, in units of the metric.
        metric: as in `grid.score_grid`; None for the headline.

    Raises:
        ConfigError: the two share no tier.
    """
    ours, theirs = _by_tier(candidate), _by_tier(baseline)
    tiers = [tier for tier in ours if tier in theirs]
    if not tiers:
        sides = f"{', '.join(ours) or 'no runs'} and {', '.join(theirs) or 'no runs'}"
        raise ConfigError(f"gate: both must have a tier in common, got {sides}")
    alpha = (1 - LEVEL) / len(tiers)
    gates = []
    for tier in tiers:
        try:
            pair = ours[tier], theirs[tier]
            gates.append(_gate(tier, *pair, metric, margin=margin, alpha=alpha))
        except ConfigError as error:
            gates.append(TierGate(tier, "cannot tell", f"{tier}: cannot tell: {error}"))
    return gates


def overall(gates: Sequence[TierGate]) -> Result:
    """Worse in any tier is worse; not worse needs every tier."""
    results = [one.result for one in gates]
    if "worse" in results:
        return "worse"
    return "cannot tell" if "cannot tell" in results or not results else "not worse"


def _by_tier(runs: Sequence[Run]) -> dict[str, list[Run]]:
    """Runs of each tier; baselines such as noise only where there is nothing else."""
    groups: dict[str, list[Run]] = defaultdict(list)
    models = [run for run in runs if not is_baseline(run)]
    for run in models or runs:
        groups[run.config.tier.name].append(run)
    return dict(groups)


def _gate(
    tier: str,
    ours: Sequence[Run],
    theirs: Sequence[Run],
    metric: str | None,
    *,
    margin: float,
    alpha: float,
) -> TierGate:
    grid = score_grid([*ours, *theirs], metric or headline(ours[0]))
    if grid.left_out:
        reason = next(iter(grid.left_out.values()))
        return TierGate(tier, "cannot tell", f"{tier}: cannot tell: a run has no score ({reason})")
    if grid.silent:
        return TierGate(tier, "cannot tell", f"{tier}: cannot tell: neither side has a valid clip")
    differences = _differences(grid, len(ours))
    if len(differences) < MIN_TASKS:
        shared = counted(len(differences), "shared task")
        reason = f"{shared}; a test needs at least {MIN_TASKS}"
        return TierGate(tier, "cannot tell", f"{tier}: cannot tell: {reason}")
    [one] = compare(differences[:, None], np.ones((1, 1)))
    shown = f"{tier}, {grid.metric}: {interval_text(one)} over {counted(len(differences), 'task')}"
    result: Result = "cannot tell"
    why = f"the interval holds both 0 and -{margin:g}; ask more tasks or samples"
    if one.low >= -margin:
        result, why = "not worse", f"not worse by more than {margin:g}"
        if one.low > 0:
            why = "better"
    elif one.value < 0 and one.p <= alpha:
        result, why = "worse", f"worse (p {p_text(one.p)})"
    return TierGate(tier, result, f"{shown}: {why}", one)


def _differences(grid: ScoreGrid, ours: int) -> Floats:
    """(T,) candidate minus baseline on each task, over the samples that all runs have."""
    shared = np.asarray(np.isfinite(grid.values).all(axis=0))
    asked = shared.any(axis=1)
    rises = grid.values[:ours].mean(axis=0) - grid.values[ours:].mean(axis=0)
    sums = np.where(shared, rises, 0.0).sum(axis=1)[asked]
    differences: Floats = sums / shared.sum(axis=1)[asked]
    return differences
