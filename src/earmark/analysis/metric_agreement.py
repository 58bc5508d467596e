"""Which metrics agree with people: each metric of the runs compared with their votes.

Agreement is the share of votes with a preference in which the preferred sound has the higher score;
votes on sounds that the metric scores alike, or not, are left out and counted. Kendall's tau-b
compares the order of runs (Kendall 1945, with the exact p where nothing is tied).
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from earmark.analysis.estimates import Estimate, estimate_share
from earmark.analysis.scores import picked_attempts
from earmark.records import Run
from earmark.storage.votes import Vote

MIN_RUNS = 3  # an order of two runs has no rank correlation
SOUND = tuple[str, str, int]  # a run, a task and a sample


@dataclass(frozen=True, slots=True)
class Agreement:
    """How often a metric prefers what people prefer, and how alike both order the runs.

    `left_out` counts the votes that the metric cannot take part in; `tau` is None below MIN_RUNS.
    """

    metric: str
    share: Estimate
    left_out: int
    tau: float | None
    p: float | None


def agreements(
    votes: Sequence[Vote], runs: Sequence[Run], values: Mapping[str, float]
) -> list[Agreement]:
    """How each metric of the runs agrees with the votes, the surest first.

    Args:
        votes: among these runs or others.
        runs: with their attempts.
        values: what people think of each run, by its key.
    """
    by_metric: dict[str, dict[SOUND, float]] = defaultdict(dict)
    for run in runs:
        for (task, sample), one in picked_attempts(run).items():
            for name, score in one.scores.items():
                by_metric[name][run.key, task, sample] = score
    found = [_agreement(name, scores, votes, values) for name, scores in by_metric.items()]
    kept = [one for one in found if one is not None]
    return sorted(kept, key=_surest_first)


def _surest_first(one: Agreement) -> tuple[float, float, str]:
    """By the lower end: a metric of two votes that agrees with both has shown nothing yet."""
    low = -1.0 if one.share.low is None else one.share.low
    return -low, -one.share.value, one.metric


def _agreement(
    name: str,
    scores: Mapping[SOUND, float],
    votes: Sequence[Vote],
    values: Mapping[str, float],
) -> Agreement | None:
    """None where the metric takes part in no vote."""
    agrees, tasks, left_out = [], [], 0
    for one in votes:
        ours = scores.get((one.first, one.task, one.sample))
        theirs = scores.get((one.second, one.task, one.sample))
        if one.outcome == 0:
            continue
        if ours is None or theirs is None or ours == theirs:
            left_out += 1
            continue
        agrees.append((ours > theirs) == (one.outcome == 1))
        tasks.append(one.task)
    if not agrees:
        return None
    by_run: dict[str, list[float]] = defaultdict(list)
    for (run, _, _), score in scores.items():
        by_run[run].append(score)
    keys = sorted(by_run.keys() & values.keys())
    tau = p = None
    if len(keys) >= MIN_RUNS:
        from scipy.stats import kendalltau  # takes a second to import

        means = [float(np.mean(by_run[key])) for key in keys]
        result = kendalltau(means, [values[key] for key in keys])
        if np.isfinite(result.statistic):
            tau, p = float(result.statistic), float(result.pvalue)
    return Agreement(name, estimate_share(agrees, tasks), left_out, tau, p)
