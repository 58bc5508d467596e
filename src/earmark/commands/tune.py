"""`earmark tune`: search settings with Optuna, over a space of conf/hparams_search, and confirm.

Trials are runs of a sweep, and the study is kept in its folder, so that the same line goes on.
"""

import sys
from collections.abc import Sequence
from dataclasses import replace

from filelock import FileLock

from earmark.commands._tune_by_votes import ask_people
from earmark.commands._tune_trials import run_confirmation, run_trials
from earmark.config.choices import choices
from earmark.config.search import compose_search
from earmark.errors import ConfigError, HarnessError, counted, printable
from earmark.records import Run
from earmark.report.table import align
from earmark.storage.sweep_folder import SweepFolder
from earmark.sweep.batches import refuse_batches
from earmark.sweep.launch import refuse_secrets
from earmark.sweep.plan import plan, sweep_name
from earmark.sweep.store import tracker_of
from earmark.tuning.candidates import Candidate, candidates_of
from earmark.tuning.conclude import Confirmation, conclude, conclude_front
from earmark.tuning.export import write_experiment
from earmark.tuning.prepare import Search, prepare
from earmark.tuning.report import write_study
from earmark.tuning.results import SearchResult, search_result
from earmark.tuning.space import MAX_POINTS
from earmark.tuning.study import storage_url
from earmark.tuning.witness import witness_scores

USAGE = """earmark tune [SETTING=VALUE ...]

Search for the settings that score best, and confirm what was found. Of the search itself:

  hparams_search=NAME   the space: {spaces}
  objective=NAME        score (default), validity, check, cost, seconds, votes; or [score,cost]
  sampler=NAME          {samplers}
  pruner=NAME           {pruners}
  trials=N              different settings to try, 40 in all: a larger N goes on
  jobs=N                trials at once; several processes may run the same line as well
  winners=N             how many are confirmed (5), with the defaults; 0 confirms none
  confirm_limit=N       tasks of the confirmation; all held-out tasks otherwise
  witness=NAME          another embedder that scores what is confirmed

Every other setting is one of its runs: model=, tier=, embedder=, samples=, budget_usd=, name=. The
tasks are those of tier.split=tune. The same line again goes on where it stopped.
"""
NOT_NAMING = ("trials=", "jobs=", "winners=", "confirm_limit=")
TUNE_SPLIT = "tier.split=tune"


def main(argv: list[str]) -> int:
    """Run or go on with a study; returns 0, or 1 when it could not be finished."""
    if any(word in ("-h", "--help") for word in argv):
        spaces, samplers, pruners = map(_names, ("hparams_search", "sampler", "pruner"))
        print(USAGE.format(spaces=spaces, samplers=samplers, pruners=pruners), end="")
        return 0
    if flags := [word for word in argv if word.startswith("-")]:
        raise ConfigError(f"{flags[0]}: unknown flag; settings are words, as in winners=3")
    todo = _prepared(argv)
    folder = SweepFolder.named(todo.config.name)
    if todo.config.dry_run:
        print(_dry_run(todo))
        return 0
    if todo.by_votes:
        return ask_people(todo, folder, argv)
    stopped = run_trials(todo, folder, argv)
    result = search_result(todo.open_study(folder.path), todo)
    print(f"\n{result.text}")
    if stopped:
        print(f"search stopped: {printable(stopped)}", file=sys.stderr)
    confirmed, finished = None, result.worth_confirming
    if todo.settings.winners and result.worth_confirming:
        with FileLock(folder.path / "locks" / "confirm.lock"):  # of processes on one study, one
            confirmed, finished = _confirm(todo, result)
    page = write_study(folder.path / "study", todo.open_study(folder.path), todo, result, confirmed)
    print(f"report   {page}\nstudy    {folder.path / 'study.db'}")
    print(f"look at  optuna-dashboard {storage_url(folder.path)}")
    _keep(folder, todo, result, confirmed, typed=argv)
    return 0 if finished and not stopped else 1


def _names(group: str) -> str:
    return " ".join(choices(group))


def _prepared(argv: Sequence[str]) -> Search:
    refuse_secrets(argv)
    settings, words = compose_search(argv)
    if not any(word.startswith("tier.split=") for word in words):
        words = [*words, TUNE_SPLIT]  # the others are held out for the confirmation
    planned = plan(words, multirun=False)
    if planned.swept:
        first = planned.swept[0]
        rule = "the experiment sweeps it, and a search takes one value"
        raise ConfigError(f"{first}: {rule}; add {first}=VALUE, or search it by a space")
    refuse_batches(planned.config)
    name = planned.name
    if planned.config.name == "unnamed":
        name = sweep_name("unnamed", [word for word in argv if not word.startswith(NOT_NAMING)])
    return prepare(settings, planned.fixed, replace(planned.config, name=name))


def _confirm(todo: Search, result: SearchResult) -> tuple[Confirmation | None, bool]:
    """Run the best again with the defaults; what came of it, and whether all was finished."""
    objectives = todo.settings.objective
    best = candidates_of(result.tried, objectives, todo.settings.winners, todo.space)
    if not best:
        print("nothing to confirm: no trial but the defaults is complete")
        return None, True
    try:
        candidates, runs, what = run_confirmation(todo, best)
    except HarnessError as error:
        print(f"not confirmed: {printable(str(error))}", file=sys.stderr)
        return None, False
    if len(runs) < len(candidates):
        hint = "the same line again goes on"
        print(f"not confirmed: {len(runs)} of {len(candidates)} runs are finished; {hint}")
        return None, False
    if len(candidates) == 1:
        print("nothing to confirm: the best settings are the defaults")
        return None, True
    try:
        confirmed = _conclude(todo, candidates, runs, result, what=what)
    except ConfigError as error:  # too few tasks, or no value: what was searched is kept
        print(f"not confirmed: {error}", file=sys.stderr)
        return None, False
    print(f"\n{align(confirmed.table, left=1)}\n{confirmed.verdict}")
    return confirmed, True


def _conclude(
    todo: Search,
    candidates: Sequence[Candidate],
    runs: Sequence[Run],
    result: SearchResult,
    *,
    what: str,
) -> Confirmation:
    objectives = todo.settings.objective
    if len(objectives) > 1:
        return conclude_front(candidates, runs, objectives=objectives, what=what)
    by_witness = {} if todo.witness is None else witness_scores(todo.witness, runs)
    return conclude(
        candidates,
        runs,
        result.tried,
        objective=objectives[0],
        what=what,
        space=todo.space,
        by_witness=by_witness,
    )


def _keep(
    folder: SweepFolder,
    todo: Search,
    result: SearchResult,
    confirmed: Confirmation | None,
    *,
    typed: Sequence[str],
) -> None:
    """Write what was found: into sweep.json, as figures, and the winner as an experiment."""
    facts = {**folder.facts(), "runs": len(folder.runs()), **result.facts}
    if confirmed is not None:
        facts["confirmed"] = confirmed.verdict
        facts["confirmed_gain"] = max(one.true.value for one in confirmed.gains)
        if confirmed.best is not None:
            words = todo.words_of(confirmed.best.settings)
            line = [word for word in words if word != TUNE_SPLIT or word in typed]
            path, command = write_experiment(folder.name, line, comment=confirmed.verdict)
            facts["experiment"] = command
            print(f"written  {path}\nrun it   {command}")
    folder.save_facts(facts)
    tracker_of(todo.config).sweep(folder)


def _dry_run(todo: Search) -> str:
    tasks, samples = counted(len(todo.order), "task"), counted(todo.config.samples, "sample")
    episodes = todo.trials * len(todo.order) * todo.config.samples
    size = todo.space.size()
    points = "a range without steps" if size is None else f"{size:,} points"
    if size == MAX_POINTS:
        points = f"at least {points}"
    asked = f"{counted(todo.trials, 'trial')} of {tasks} with {samples} each"
    turns = f"at most {counted(episodes, 'episode')}, fewer where trials are stopped"
    return f"study    {todo.config.name}\n{asked}: {turns}\nspace    {points}; no model was called"
