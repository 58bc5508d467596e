"""Scores on the scale between a run's floor, 0, and its expert, 1; beyond both where they are.

The ends are those of exactly the tasks that the run is scored on, paired task by task, so that the
expert programs calibrate to 1 on any tasks. A calibrated score is a ratio of means,
(score - floor) / (expert - floor); its task values are linearised, so that the error of both ends
is carried into its interval (the delta method; Fieller's problem where the span is clear, which is
what `no_scale` asks for).
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from math import inf

import numpy as np

from earmark.analysis import comparisons
from earmark.analysis.baselines import RECORDINGS, TASK_RECORDINGS, Baselines
from earmark.analysis.estimates import (
    LEVEL,
    MIN_TASKS,
    Estimate,
    Floats,
    estimate_mean,
    interval_of_mean,
)
from earmark.analysis.scores import scores, why_no_floored_mean
from earmark.errors import counted
from earmark.records import Run


def no_scale(baselines: Baselines, tasks: Collection[str] | None = None) -> str | None:
    """Why there is no scale on these tasks (None: those of the baselines); None where there is one.

    Both ends must be known on every task, and the expert above the floor, the wrong captions and
    every program that ignores the task: by the paired sign-flip test, and by the interval of the
    paired differences where tasks are too few for it. All must hold, so that no p is corrected.
    """
    floor_name, expert_name = baselines.floor_name, baselines.expert_name
    for name in (floor_name, expert_name):
        if not baselines.scores.get(name):
            reason = baselines.unscored.get(name, "it was not run")
            return f"the baseline {name} has no score: {reason}"
    asked = baselines.scores[floor_name] if tasks is None else tasks
    for name in (floor_name, expert_name):
        if missing := [task for task in asked if task not in baselines.scores[name]]:
            tasks = counted(len(missing), "task")
            return f"the baseline {name} has no score on {tasks}, first {missing[0]}"
    if len(asked) < MIN_TASKS:
        needs = f"a scale between {floor_name} and {expert_name} needs at least {MIN_TASKS}"
        return f"{counted(len(asked), 'task')}; {needs}"
    problems = []
    for name in baselines.scores:
        if name not in (expert_name, RECORDINGS, TASK_RECORDINGS):
            problems += _not_above(baselines, name, asked)
    return min(problems)[1] if problems else None


def _not_above(baselines: Baselines, name: str, tasks: Collection[str]) -> list[tuple[float, str]]:
    """How far the expert is above another baseline, and why it is not enough; empty where it is."""
    expert, other = baselines.scores[baselines.expert_name], baselines.scores[name]
    rises = np.array([expert[task] - other[task] for task in tasks if task in other])
    if len(rises) < MIN_TASKS:
        return [(-inf, f"the baseline {name} has a score on only {counted(len(rises), 'task')}")]
    value, (low, high) = float(rises.mean()), interval_of_mean(rises)
    above, by = low > 0, ""
    if len(rises) >= comparisons.MIN_TASKS:
        [one] = comparisons.compare(rises[:, None], np.ones((1, 1)))
        above, by = value > 0 and one.p <= 1 - LEVEL, f", p {one.p:.2g}"
    if above:
        return []
    scores = f"{baselines.headline} cannot tell {baselines.expert_name} from {name} on these tasks"
    interval = f"{value:+.3g} ({low:+.3g} to {high:+.3g}{by})"
    return [(value, f"{scores}: {interval} over {len(rises)} tasks")]


def calibrate(run: Run, baselines: Baselines) -> Run:
    """The run with `NAME_calibrated` and `NAME_floored_calibrated`, or the reason for neither.

    Each has its standard error and its interval, as `_se`, `_low` and `_high`.
    """
    name = baselines.headline
    values, unscored = dict(run.scores), dict(run.unscored)
    for score in (name, f"{name}_floored"):
        found = calibrated_mean(run, baselines, floored=score != name)
        if isinstance(found, str):
            unscored[f"{score}_calibrated"] = found
        else:
            values |= _entries(f"{score}_calibrated", found)
    if (mean := baselines.mean(baselines.expert_name)) is not None:
        values["expert"] = mean.value
    mark = recordings_mark(baselines)
    if isinstance(mark, str):
        unscored["recordings_calibrated"] = mark
    else:
        values |= _entries("recordings_calibrated", mark)
    facts = replace(run.facts, baselines=baselines.id)
    return replace(run, scores=values, unscored=unscored, facts=facts)


def recordings_mark(baselines: Baselines) -> Estimate | str:
    """Where recordings of the tasks' own things stand on the scale, or why there is no such mark.

    It is taken on the tasks that have one, with the floor and the expert of these tasks.
    """
    by_task = baselines.scores.get(TASK_RECORDINGS)
    if not by_task:
        return baselines.unscored.get(TASK_RECORDINGS, "no recording is of a task's own thing")
    found = calibrated_scores(list(by_task.values()), list(by_task), baselines, floored=False)
    return found if isinstance(found, str) else estimate_mean(list(found), list(by_task))


def calibrated_mean(run: Run, baselines: Baselines, *, floored: bool) -> Estimate | str:
    """The run's score on its scale, over its episodes, or why it has none."""
    name, floor = baselines.headline, baselines.floor
    if floored and (reason := why_no_floored_mean(run, name, floor)) is not None:
        return f"there is no {name}_floored: {reason}"
    by_episode = scores(run, name, floor=floor if floored else None)
    if not by_episode:
        return f"there is no {name}: {run.unscored.get(name, 'no episode has one')}"
    tasks = [task for task, _ in by_episode]
    found = calibrated_scores(list(by_episode.values()), tasks, baselines, floored=floored)
    return found if isinstance(found, str) else estimate_mean(list(found), tasks)


def calibrated_scores(
    values: Sequence[float], tasks: Sequence[str], baselines: Baselines, *, floored: bool
) -> Floats | str:
    """Linearised calibrated scores, one for each value, or why there is no scale on these tasks.

    Args:
        values: scores; with failures at the floor where `floored`.
        tasks: the task of each.
        baselines: hold the ends.
        floored: no value is below the floor, and so the expert's is not either.
    """
    if (reason := no_scale(baselines, list(dict.fromkeys(tasks)))) is not None:
        return reason
    noise = _of_tasks(baselines.scores[baselines.floor_name], tasks)
    expert = _of_tasks(baselines.scores[baselines.expert_name], tasks)
    score = np.asarray(values, float)
    try:
        if floored and baselines.floor is not None:
            return floored_calibrated_values(score, noise, expert, floor=baselines.floor)
        return calibrated_values(score, noise, expert)
    except ValueError as error:  # some tasks count twice, and with their weight there is no span
        return str(error)


def calibrated_values(score: Floats, floor: Floats, expert: Floats) -> Floats:
    """Linearised calibrated score per task, (T,): its mean is (score - floor) / (expert - floor) of
    the means.

    Args:
        score: (T,) the run's mean score on each task.
        floor: (T,) white noise on the same tasks.
        expert: (T,) the expert programs on the same tasks.

    Raises:
        ValueError: the arrays differ in length, or the expert is not above the floor: there is no
            scale.
    """
    if not len(score) == len(floor) == len(expert):
        raise ValueError(
            "score, floor and expert must be of the same tasks, "
            f"got {len(score)}, {len(floor)} and {len(expert)}"
        )
    span = float(np.mean(expert - floor))
    if span <= 0:
        raise ValueError(f"the expert's mean must be above the floor's, is {span:+.4f} above it")
    ratio = float(np.mean(score - floor)) / span
    linearised: Floats = ratio + ((score - floor) - ratio * (expert - floor)) / span
    return linearised


def floored_calibrated_values(
    score: Floats, noise: Floats, expert: Floats, *, floor: float
) -> Floats:
    """The same where nothing counts less than `floor`, the mean of `noise`: 0 is to fail always.

    A score at the floor moves with it, so that the error of the floor is carried as well.
    """
    reached = np.maximum(expert, floor)
    values = calibrated_values(score, np.full(len(score), floor), reached)
    ratio, span = float(values.mean()), float(np.mean(reached - floor))
    # The derivative of the ratio by the floor: of the share above it, less that of the expert.
    above, expert_above = float(np.mean(score > floor)), float(np.mean(reached > floor))
    slope = (ratio * expert_above - above) / span
    carried: Floats = values + slope * (noise - noise.mean())
    return carried


def _of_tasks(by_task: Mapping[str, float], tasks: Sequence[str]) -> Floats:
    return np.array([by_task[task] for task in tasks])


def _entries(name: str, mean: Estimate) -> dict[str, float]:
    """The mean under its name, with what is known of its error."""
    parts = {"": mean.value, "_se": mean.standard_error, "_low": mean.low, "_high": mean.high}
    return {f"{name}{end}": value for end, value in parts.items() if value is not None}
