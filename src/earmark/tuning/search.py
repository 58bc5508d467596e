"""The search: ask for settings, evaluate them task by task, stop what is hopeless, tell the value.

Every trial answers the same tasks in the same shuffled order, a few at a time. Between them the
study's pruner compares it with the best trial so far on the tasks that both have answered. A trial
that is stopped gets the value it would have reached: the best value plus the mean difference on
those tasks.
"""

import random
import threading
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from statistics import fmean
from typing import TypeVar

from earmark.tuning.parameter import Point
from earmark.tuning.space import Space
from earmark.tuning.study import PRUNED_AFTER, RUN, SharedStudy, Taken

T = TypeVar("T")
CHUNK = 4  # tasks between two comparisons with the best trial

KeepGoing = Callable[[Mapping[int, float]], bool]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a trial: a value for each objective, or None and the reason.

    `tasks` are the values of the first objective by the place of the task, `run` names the folder.
    """

    values: tuple[float, ...] | None
    tasks: Mapping[int, float] = field(default_factory=dict)
    reason: str = ""
    run: str = ""


# Evaluates settings. After each chunk it hands over the values of the first objective so far, by
# the place of the task, and stops where the answer is False; its outcome is then not read.
Evaluate = Callable[[Point, KeepGoing], Outcome]


@dataclass(frozen=True, slots=True)
class Goal:
    """How far a study goes: `trials` different settings, the first of them `defaults`."""

    space: Space
    trials: int
    defaults: Point = field(default_factory=dict)


def search(
    open_study: Callable[[], SharedStudy], goal: Goal, evaluate: Evaluate, *, jobs: int = 1
) -> None:
    """Run or go on with a study.

    Args:
        open_study: opens the study for one worker.
        goal: what is searched, and how far.
        evaluate: evaluates settings; called by `jobs` threads at once.
        jobs: how many trials run at once here.

    Raises:
        EarmarkError: what `evaluate` raises; the trial is left for the next start, and so are
            those that other threads were in.
    """
    stop = threading.Event()
    if jobs == 1:
        _work(open_study, goal, evaluate, stop)
        return
    with ThreadPoolExecutor(max_workers=jobs, thread_name_prefix="trial") as pool:
        work = partial(_work, open_study, goal, evaluate, stop)
        for worker in [pool.submit(work) for _ in range(jobs)]:
            worker.result()


def shuffled(items: Sequence[T], seed: int) -> list[T]:
    """The items in the order in which every trial of a study answers them."""
    order = list(items)
    random.Random(seed).shuffle(order)
    return order


def _work(
    open_study: Callable[[], SharedStudy], goal: Goal, evaluate: Evaluate, stop: threading.Event
) -> None:
    study = open_study()
    while not stop.is_set():
        taken = study.take(goal.space, trials=goal.trials, defaults=goal.defaults)
        if taken is None:
            return
        try:
            _run(study, taken, evaluate)
        except BaseException:
            stop.set()
            study.leave(taken)
            raise


def _run(study: SharedStudy, taken: Taken, evaluate: Evaluate) -> None:
    """Take one trial to its end."""
    known = taken.known
    if known is not None and not known.running:
        _report(study, taken, known.tasks)
        if known.pruned_after is not None:
            taken.trial.set_user_attr(PRUNED_AFTER, known.pruned_after)
        taken.trial.set_user_attr(RUN, known.run)
        study.tell(taken, known.values, known.reason)
        return
    if known is not None:
        study.tell(taken, None, f"trial {known.number} is trying the same settings")
        return
    predicted: list[float] = []
    answered: list[int] = []

    def keep_going(tasks: Mapping[int, float]) -> bool:
        value = _prediction(study, taken, tasks)
        if value is None:
            return True
        predicted.append(value)
        answered.append(len(tasks))
        return False

    outcome = evaluate(taken.settings, keep_going)
    _report(study, taken, outcome.tasks)
    if outcome.run:
        taken.trial.set_user_attr(RUN, outcome.run)
    taken.trial.set_user_attr(PRUNED_AFTER, answered[0] if answered else None)
    study.tell(taken, predicted or outcome.values, outcome.reason)


def _report(study: SharedStudy, taken: Taken, tasks: Mapping[int, float]) -> None:
    """Report what is new of the tasks; Optuna takes them for a single objective only."""
    if len(study.study.directions) > 1:
        return
    there = taken.trial.storage.get_trial(taken.trial._trial_id).intermediate_values
    for place in sorted(tasks.keys() - there.keys()):
        taken.trial.report(tasks[place], place)


def _prediction(study: SharedStudy, taken: Taken, tasks: Mapping[int, float]) -> float | None:
    """Report the tasks; what the trial would have reached where it is to be stopped, else None."""
    if len(study.study.directions) > 1:
        return None  # Optuna prunes by one objective only
    _report(study, taken, tasks)
    if not taken.trial.should_prune():
        return None
    best = study.study.best_trial
    shared = tasks.keys() & best.intermediate_values.keys()
    difference = fmean(tasks[place] - best.intermediate_values[place] for place in shared)
    return float(best.value or 0.0) + difference
