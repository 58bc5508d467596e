"""`earmark tune objective=votes`: go on as far as it goes without people.

The same line again, after votes have come, goes on: it proposes the next settings, and at the end
confirms the best on held-out tasks by votes as well.
"""

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from math import inf

from earmark.analysis.labels import label
from earmark.analysis.preferences import votes_of_ratings
from earmark.commands._tune_trials import run_confirmation, run_trials
from earmark.errors import ConfigError, HarnessError, counted, printable
from earmark.records import Json, Run
from earmark.report import write_leaderboard
from earmark.report.table import Table, align
from earmark.report.votes import strength_text
from earmark.storage.ratings import load_ratings
from earmark.storage.sweep_folder import SweepFolder
from earmark.storage.votes import Vote, load_votes
from earmark.tuning.by_votes import (
    NO_SOUND,
    ROUND,
    Standing,
    dashboard_votes,
    left_to_compare,
    mean_votes,
    propose,
    show_on_dashboard,
    standing,
)
from earmark.tuning.candidates import Candidate, complete, short_name
from earmark.tuning.export import write_experiment
from earmark.tuning.gains import Gain, gains_of, verdict
from earmark.tuning.objectives import UNITS, VOTES
from earmark.tuning.prepare import Search
from earmark.tuning.study import storage_url
from earmark.tuning.tried import Tried


@dataclass(frozen=True, slots=True)
class Listening:
    """The finished runs of a sweep that people vote on, the defaults first, and their votes."""

    folder: SweepFolder
    runs: tuple[Run, ...]
    votes: tuple[Vote, ...]

    @property
    def labels(self) -> dict[str, str]:
        """What the listening page calls each run, by key."""
        return {run.key: label(run) for run in self.runs}


def ask_people(todo: Search, folder: SweepFolder, argv: Sequence[str]) -> int:
    """Go on as far as it goes without people; returns 0, or 1 when it could not go on."""
    if todo.settings.sampler.name == "grid":
        raise ConfigError("sampler=grid: does not read votes; set sampler=tpe or sampler=random")
    tried, listening, now = _look(todo, folder)
    while not now.wanted and len(tried) < todo.trials:
        upto = min(todo.trials, len(tried) + (ROUND if tried else ROUND + 1))
        for count in range(len(tried) + 1, upto + 1):
            study = todo.open_study(folder.path)
            propose(study, todo.space, _by_number(tried, listening, now))
            if stopped := run_trials(todo, folder, argv, trials=count):
                print(f"search stopped: {printable(stopped)}", file=sys.stderr)
                return 1
        before = len(tried)
        tried, listening, now = _look(todo, folder)
        if len(tried) == before:
            break  # every setting of the space was tried
    _show(todo, tried, listening, now)
    if now.wanted:
        _ask(listening, now)
        print("then the same line again goes on")
        return 0
    return _confirm_by_votes(todo, tried, listening, now, typed=argv)


def _look(todo: Search, folder: SweepFolder) -> tuple[list[Tried], Listening, Standing]:
    """The trials so far, their runs in order, and where they stand."""
    if not (folder.path / "study.db").is_file():
        return [], Listening(folder, (), ()), Standing({}, ())
    study = todo.open_study(folder.path)
    tried = complete(study.tried())
    finished = {one.path.name: one for one in folder.runs()}
    runs = tuple(finished[one.run].run() for one in tried if one.run in finished)
    keys = {one.number: run.key for one, run in zip(tried, runs, strict=True)}
    preferred = dashboard_votes(study.study, keys)
    listening = Listening(folder, runs, (*_votes(folder, runs), *preferred))
    if runs:
        texts = {
            one.number: f"{label(run)}\n\nListen: {folder.path / 'leaderboard.html'}"
            for one, run in zip(tried, runs, strict=True)
        }
        show_on_dashboard(study.study, tried, texts)
    return tried, listening, standing(runs, listening.votes)


def _votes(folder: SweepFolder, runs: Sequence[Run]) -> list[Vote]:
    return [*load_votes(folder.path), *votes_of_ratings(load_ratings(folder.path), runs)]


def _by_number(tried: Sequence[Tried], listening: Listening, now: Standing) -> dict[int, float]:
    """What each trial is worth now, by its number."""
    pairs = zip(tried, listening.runs, strict=True)
    return {one.number: now.values[run.key] for one, run in pairs if run.key in now.values}


def _show(todo: Search, tried: Sequence[Tried], listening: Listening, now: Standing) -> None:
    """Print what the votes say so far."""
    conclusion = now.conclusion
    people = sum(one.source != NO_SOUND for one in listening.votes)
    print(f"{counted(len(tried), 'trial')} of {todo.trials}; {counted(people, 'vote')} of people")
    if conclusion is None:
        return
    base = tried[0].settings
    pairs = zip(tried, listening.runs, strict=True)
    names = {run.key: short_name(one.settings, base) for one, run in pairs}
    rows = []
    for at, key in enumerate(conclusion.runs):
        share = conclusion.shares[at]
        strength = strength_text(conclusion, at)
        rows.append((names.get(key, key), strength, f"{share.value:.0%}"))
    table = Table("most preferred first", ("settings", "strength (95 %)", "votes won"), tuple(rows))
    print(align(table, left=1))


def _ask(listening: Listening, now: Standing) -> None:
    """Print which pairs want votes, and how they are given."""
    page = write_leaderboard(listening.folder)
    print(f"\nlisten, blind, in {page} (Blind A/B), and save the votes of each pair:")
    for pair in now.wanted:
        against = listening.labels[pair.against]
        print(
            f"  {listening.labels[pair.run]}  against  {against}  ({counted(pair.tasks, 'sound')})"
        )
    print("bring them in:  earmark votes votes.json …   (or --from-mlflow NAME)")
    print(f"not blind:      optuna-dashboard {storage_url(listening.folder.path)}")


def _confirm_by_votes(
    todo: Search,
    tried: Sequence[Tried],
    listening: Listening,
    now: Standing,
    *,
    typed: Sequence[str],
) -> int:
    """Ask the best and the defaults afresh, let people compare them, judge by mean votes."""
    values = _by_number(tried, listening, now)
    above = [one for one in tried[1:] if values.get(one.number, -inf) > values.get(0, -inf)]
    above.sort(key=lambda one: -values[one.number])
    best = above[: todo.settings.winners]
    if not best:
        print("nothing to confirm: no trial is preferred to the defaults")
        return 0
    base = tried[0].settings
    named = [Candidate(one.settings, one, short_name(one.settings, base)) for one in best]
    try:
        candidates, runs, what = run_confirmation(todo, named)
    except HarnessError as error:
        print(f"not confirmed: {printable(str(error))}", file=sys.stderr)
        return 1
    if len(runs) < len(candidates):
        print(f"not confirmed: {len(runs)} of {len(candidates)} runs are finished")
        return 1
    again = SweepFolder.named(f"{todo.config.name}-again")
    *winners, defaults = runs
    fresh = Listening(again, (defaults, *winners), tuple(_votes(again, runs)))
    left = left_to_compare(winners, defaults, fresh.votes)
    if left:
        print(f"\nto confirm on {what}:")
        _ask(fresh, Standing({}, tuple(left)))
        print("then the same line again concludes")
        return 0
    return _conclude(todo, candidates, fresh, typed=typed)


def _conclude(
    todo: Search, candidates: Sequence[Candidate], fresh: Listening, *, typed: Sequence[str]
) -> int:
    """The verdict by the mean vote of each task, and the winner as an experiment."""
    defaults, *winners = fresh.runs
    values = [mean_votes(run, defaults, fresh.votes) for run in winners]
    even = {one.task.id: 0.0 for one in defaults.attempts}
    try:
        comparisons = gains_of(values, even)
    except ValueError as error:
        print(f"not confirmed: cannot tell: {error}", file=sys.stderr)
        return 1
    pairs = zip(candidates[:-1], comparisons, strict=True)
    gains = [Gain(one.name, None, None, true, order=true.value) for one, true in pairs]
    sentence = verdict(gains, UNITS[VOTES], tasks=len(even), samples=todo.config.samples)
    print(sentence)
    facts: Json = {"confirmed": sentence}
    shown = [(one.order, at) for at, one in enumerate(gains) if one.better]
    if shown:
        words = todo.words_of(candidates[max(shown)[1]].settings)
        line = [word for word in words if word != "tier.split=tune" or word in typed]
        path, command = write_experiment(todo.config.name, line, comment=sentence)
        facts["experiment"] = command
        print(f"written  {path}\nrun it   {command}")
    folder = SweepFolder.named(todo.config.name)
    folder.save_facts({**folder.facts(), **facts})
    return 0
