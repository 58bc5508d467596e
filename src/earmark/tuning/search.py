"""The search: ask for settings, evaluate them task by task, stop what is hopeless, tell the value.

Every trial answers the same tasks in the same shuffled order, a few at a time. Between them the
study's pruner compares it with the best trial so far on the tasks that both have answered. A trial
that is stopped gets the value it would have reached: the best value plus the mean difference on
those tasks. With several objectives, it is a trial that beats it in all of them: see `pruner`.
"""

import random
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from statistics import fmean
from typing import Protocol, TypeVar, runtime_checkable

from earmark.tuning.parameter import Point
from earmark.tuning.space import Space
from earmark.tuning.study import SharedStudy, Taken
from earmark.tuning.tried import ANSWERS, PRUNED_AFTER, RUN, Answers, Tried

T = TypeVar("T")
CHUNK = 4  # tasks between two comparisons with the best trial

KeepGoing = Callable[[Answers], bool]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a trial: a value for each objective, or None and the reason.

    `answers` are the values of the objectives by the place of the task, `run` names the folder.
    """

    values: tuple[float, ...] | None
    answers: Answers = field(default_factory=dict)
    reason: str = ""
    run: str = ""


# Evaluates settings. After each chunk it hands over the answers so far, and stops where it gets
# False; its outcome is then not read.
Evaluate = Callable[[Point, KeepGoing], Outcome]


@runtime_checkable
class SupportsSeveral(Protocol):
    """A pruner that can also stop a trial of several objectives."""

    def dominated(self, own: Answers, other: Answers, signs: Sequence[int]) -> bool:
        """Whether another trial is better in every objective."""


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
        _report(study, taken, known.answers)
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

    def keep_going(answers: Answers) -> bool:
        values = _prediction(study, taken, answers)
        if values is None:
            return True
        predicted.extend(values)
        answered.append(len(answers))
        return False

    outcome = evaluate(taken.settings, keep_going)
    _report(study, taken, outcome.answers)
    if outcome.run:
        taken.trial.set_user_attr(RUN, outcome.run)
    taken.trial.set_user_attr(PRUNED_AFTER, answered[0] if answered else None)
    study.tell(taken, predicted or outcome.values, outcome.reason)


def _report(study: SharedStudy, taken: Taken, answers: Answers) -> None:
    """Store what is new of the answers: Optuna takes them for a single objective only."""
    if len(study.signs) > 1:
        taken.trial.set_user_attr(ANSWERS, {str(at): list(one) for at, one in answers.items()})
        return
    there = taken.trial.storage.get_trial(taken.trial._trial_id).intermediate_values
    for place in sorted(answers.keys() - there.keys()):
        taken.trial.report(answers[place][0], place)


def _prediction(study: SharedStudy, taken: Taken, answers: Answers) -> tuple[float, ...] | None:
    """Store the answers; what the trial would have reached where it is to be stopped, else None."""
    _report(study, taken, answers)
    rival = _rival(study, taken, answers)
    if rival is None or rival.values is None:
        return None
    shared = answers.keys() & rival.answers.keys()
    reached = []
    for at, value in enumerate(rival.values):
        differences = [answers[place][at] - rival.answers[place][at] for place in shared]
        reached.append(value + fmean(differences))
    return tuple(reached)


def _rival(study: SharedStudy, taken: Taken, answers: Answers) -> Tried | None:
    """The trial that leaves this one no hope; None where there is none."""
    if len(study.signs) == 1:
        best = study.study.best_trial.number if taken.trial.should_prune() else None
        return next((one for one in study.tried() if one.number == best), None)
    pruner = study.study.pruner
    if not isinstance(pruner, SupportsSeveral):
        return None
    complete = [one for one in study.tried() if one.complete]
    beats = (one for one in complete if pruner.dominated(answers, one.answers, study.signs))
    return next(beats, None)
