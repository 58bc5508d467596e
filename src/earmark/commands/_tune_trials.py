"""The trials of a search, each an ordinary run of its sweep."""

import logging
import sys
from collections.abc import Sequence
from dataclasses import replace

from earmark.config.compose import compose, run_name
from earmark.config.preflight import embedders_preflight, preflight
from earmark.config.schema import RunConfig
from earmark.errors import ConfigError, HarnessError
from earmark.records import Run
from earmark.storage.sweep_folder import SweepFolder
from earmark.sweep.launch import run_configs
from earmark.sweep.session import Session, session
from earmark.sweep.trial import run_trial
from earmark.tuning.candidates import Candidate
from earmark.tuning.confirm import confirm
from earmark.tuning.objectives import by_task, value
from earmark.tuning.parameter import Point
from earmark.tuning.prepare import Search
from earmark.tuning.search import CHUNK, Goal, KeepGoing, Outcome, search
from earmark.tuning.study import refuse_others
from earmark.tuning.tried import Answers

HELD_BACK = 0.25  # of a budget, for the confirmation


def run_trials(
    todo: Search, folder: SweepFolder, argv: Sequence[str], *, trials: int | None = None
) -> str:
    """Run the trials that are missing; why it stopped before the end, or nothing.

    Args:
        todo: the search.
        folder: of its sweep.
        argv: the line, for the record.
        trials: how many there are to be in all; None for those of the search.
    """
    trials = trials or todo.trials
    folder.check()
    folder.path.mkdir(parents=True, exist_ok=True)
    study = todo.open_study(folder.path)  # refuses that of another search
    refuse_others(study.tried(), todo.space)
    if study.ended(trials):
        return ""
    facts = preflight(todo.probes)
    if todo.witness is not None:
        loaded = embedders_preflight([todo.witness])
        facts["witness"] = loaded["embedder"]
    for name, fact in facts.items():
        print(f"{name:24} {fact}", file=sys.stderr)
    logging.getLogger("earmark").setLevel(logging.INFO)  # before threads: each run has a log file
    begun = {"overrides": list(argv), "axes": list(todo.space.names), "runs": todo.trials}
    with session(todo.config, begun) as opened:
        try:
            search(
                lambda: todo.open_study(folder.path),
                Goal(todo.space, trials, todo.defaults),
                lambda point, keep_going: _evaluate(todo, opened, point, keep_going),
                jobs=todo.settings.jobs,
            )
        except HarnessError as error:
            return str(error)
    return ""


def run_confirmation(
    todo: Search, candidates: Sequence[Candidate]
) -> tuple[list[Candidate], list[Run], str]:
    """Run candidates and defaults afresh, as the sweep NAME-again; see `confirm`.

    Raises:
        EarmarkError: before the first run.
    """

    def run_sweep(configs: Sequence[RunConfig], name: str) -> list[Run]:
        # Labels tell its runs apart by what was searched.
        return run_configs(configs, name=name, facts={"axes": list(todo.space.names)}, show=False)

    limit = todo.settings.confirm_limit
    return confirm(candidates, todo.fixed, todo.config, limit=limit, run_sweep=run_sweep)


def _evaluate(todo: Search, opened: Session, point: Point, keep_going: KeepGoing) -> Outcome:
    """A trial as a run of the sweep."""
    objectives = todo.settings.objective
    try:
        config = replace(compose(todo.words_of(point)), name=todo.config.name)
    except ConfigError as error:
        return Outcome(None, reason=str(error))
    config = replace(config, budget_usd=_search_usd(todo))
    name = run_name(config)
    run = run_trial(
        config,
        todo.order,
        opened,
        chunk=CHUNK,
        watch=lambda so_far: todo.by_votes or keep_going(_answers(todo, so_far)),
    )
    if run is None:
        print(f"{name}: stopped, worse than the best so far", file=sys.stderr, flush=True)
        return Outcome(None, run=name)
    if todo.by_votes:
        return Outcome((0.0,), run=name)  # its value is what people say: see tuning.by_votes
    values = [value(run, objective) for objective in objectives]
    numbers = tuple(one for one in values if not isinstance(one, str))
    if len(numbers) < len(values):
        reasons = [one for one in values if isinstance(one, str)]
        return Outcome(None, reason=reasons[0], run=name)
    return Outcome(numbers, _answers(todo, run), run=name)


def _answers(todo: Search, run: Run) -> Answers:
    """The values of each task that every objective has; none where one has none yet."""
    several = [by_task(run, objective) for objective in todo.settings.objective]
    known = [one for one in several if not isinstance(one, str)]
    if len(known) < len(several):
        return {}
    shared = set(known[0]).intersection(*known)
    answers: dict[int, tuple[float, ...]] = {}
    for at, task in enumerate(todo.order):
        if task in shared:
            answers[at] = tuple(one[task] for one in known)
    return answers


def _search_usd(todo: Search) -> float | None:
    """What the search may spend: of a budget for all, a part is for the confirmation."""
    whole = todo.config.budget_usd
    if whole is None or not todo.settings.winners:
        return whole
    return whole * (1 - HELD_BACK)
