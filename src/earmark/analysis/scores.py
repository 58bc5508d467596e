"""The scores of a run that count: one attempt for each episode, failures at the floor.

What an episode counts as is decided only here; which attempt was picked is the strategy's decision,
stored in `Run.picked`. With a floor, a failed episode counts as the floor and a valid clip as at
least that, so that failing never beats a sound that scored below it.
"""

from collections import defaultdict
from collections.abc import Mapping
from statistics import fmean

from earmark.analysis.estimates import Estimate, estimate_mean
from earmark.records import Attempt, Run

Pair = tuple[str, int]  # a task and a sample: one episode


def picked_attempts(run: Run) -> dict[Pair, Attempt]:
    """The attempt that counts of each episode, as the run's strategy picked it."""
    picked = set(run.picked)
    return {(one.task.id, one.sample): one for one in run.attempts if one.key in picked}


def scores(run: Run, metric: str, *, floor: float | None = None) -> dict[Pair, float]:
    """`metric` of each episode.

    Without a floor failed episodes are left out. A valid clip that has no score always is.
    """
    values: dict[Pair, float] = {}
    for pair, one in picked_attempts(run).items():
        if one.valid and metric in one.scores:
            score = one.scores[metric]
            values[pair] = score if floor is None else max(score, floor)
        elif not one.valid and floor is not None:
            values[pair] = floor
    return values


def means_by_task(values: Mapping[Pair, float]) -> dict[str, float]:
    """The mean over samples of each task."""
    samples: dict[str, list[float]] = defaultdict(list)
    for (task, _), value in values.items():
        samples[task].append(value)
    return {task: fmean(several) for task, several in samples.items()}


def mean_score(run: Run, metric: str, *, floor: float | None = None) -> Estimate | None:
    """The mean of `scores`; None where there are none."""
    values = scores(run, metric, floor=floor)
    return estimate_mean(list(values.values()), [task for task, _ in values]) if values else None


def why_no_floored_mean(run: Run, metric: str, floor: float | None) -> str | None:
    """Why the mean with failures at the floor cannot be given; None where it can."""
    counted = picked_attempts(run).values()
    missing = sum(one.valid and metric not in one.scores for one in counted)
    if not counted:
        return "no attempts"
    if missing:
        return f"{missing} valid clips have no {metric} score"
    if floor is None:
        return "the floor of this tier is not known: its noise baseline has no score"
    return None


def floored_mean(run: Run, metric: str) -> Estimate | None:
    """The mean with failures at the run's own floor; None where it cannot be given."""
    floor = run.scores.get("floor")
    if why_no_floored_mean(run, metric, floor) is not None:
        return None
    return mean_score(run, metric, floor=floor)
