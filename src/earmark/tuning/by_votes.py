"""A search by what people prefer: settings are asked, sounds are compared in pairs, votes decide.

A session proposes a few settings and asks every task with them; then people compare each with the
best so far, blind, and vote. What a trial is worth is its Bradley-Terry strength by all votes so
far, so that it changes with every vote, and no trial is stopped. A program that leaves no sound
loses to one that does, and no one listens. Votes come from the listening page, from MLflow,
or from Optuna Dashboard, whose preferences are not blind.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from earmark.analysis.comparisons import MIN_TASKS
from earmark.analysis.preferences import VoteConclusion, conclude_votes
from earmark.analysis.scores import picked_attempts
from earmark.records import Run
from earmark.storage.votes import Outcome, Vote
from earmark.tuning.gains import ByTask
from earmark.tuning.space import Space
from earmark.tuning.study import SharedStudy
from earmark.tuning.tried import Tried

if TYPE_CHECKING:
    from optuna import Study

ROUND = 3  # trials between two sessions of listening
NO_SOUND, DASHBOARD = "no sound", "Optuna Dashboard"


@dataclass(frozen=True, slots=True)
class Pair:
    """Two runs to listen to, by key, and on how many tasks both have a sound."""

    run: str
    against: str
    tasks: int


@dataclass(frozen=True, slots=True)
class Standing:
    """What the votes say so far: runs by key, the best first, and the pairs that want votes.

    `values` are the strengths, or the shares of the votes where there are no finite strengths.
    """

    values: Mapping[str, float]
    wanted: tuple[Pair, ...]
    conclusion: VoteConclusion | None = None


def standing(runs: Sequence[Run], votes: Sequence[Vote]) -> Standing:
    """Where the runs of a search stand; the first run is that of the defaults."""
    if not runs:
        return Standing({}, ())
    keys = {run.key for run in runs}
    cast = [one for one in votes if {one.first, one.second} <= keys]
    voted = {frozenset((one.first, one.second)) for one in cast}
    pairs = {frozenset((runs[0].key, run.key)) for run in runs[1:]} | voted
    by_key = {run.key: run for run in runs}
    for pair in sorted(map(sorted, pairs)):
        cast += silent_votes(by_key[pair[0]], by_key[pair[1]])
    concluded = conclude_votes(cast)
    own = next((one for one in concluded if runs[0].key in one.runs), None)
    values = _values(own) if own is not None else {}
    judged = [run for run in runs[1:] if run.key in values and _voted_enough(run, runs, votes)]
    known = [runs[0].key, *(run.key for run in judged)]
    best = max(known, key=lambda key: values.get(key, 0.0))
    wanted = []
    for run in runs[1:]:
        if run not in judged and (count := len(shared_sounds(run, by_key[best]))):
            wanted.append(Pair(run.key, best, count))
    values = {key: value for key, value in values.items() if key in known}
    return Standing(values, tuple(wanted), own)


def shared_sounds(one: Run, other: Run) -> list[tuple[str, int]]:
    """The episodes for which both runs have a sound."""
    ours = {pair for pair, each in picked_attempts(one).items() if each.valid}
    theirs = {pair for pair, each in picked_attempts(other).items() if each.valid}
    return sorted(ours & theirs)


def silent_votes(first: Run, second: Run) -> list[Vote]:
    """The votes that need no person: a sound is better than none."""
    ours, theirs = picked_attempts(first), picked_attempts(second)
    votes = []
    for pair in sorted(ours.keys() & theirs.keys()):
        if ours[pair].valid != theirs[pair].valid:
            outcome: Outcome = 1 if ours[pair].valid else -1
            votes.append(Vote(first.key, second.key, *pair, outcome, NO_SOUND, NO_SOUND))
    return votes


def mean_votes(winner: Run, defaults: Run, votes: Iterable[Vote]) -> ByTask:
    """The mean vote of each task: 1 prefers the winner, -1 does not; 0 where both are silent."""
    cast: dict[str, list[float]] = {one.task.id: [] for one in defaults.attempts}
    for one in (*votes, *silent_votes(winner, defaults)):
        if one.task in cast and {one.first, one.second} == {winner.key, defaults.key}:
            cast[one.task].append(one.outcome if one.first == winner.key else -one.outcome)
    voted = {task for task, _ in shared_sounds(winner, defaults)}
    means: dict[str, float] = {}
    for task, several in cast.items():
        if several:
            means[task] = sum(several) / len(several)
        elif task not in voted:
            means[task] = 0.0  # a task without a vote yet is left out
    return means


def left_to_compare(winners: Sequence[Run], defaults: Run, votes: Sequence[Vote]) -> list[Pair]:
    """The pairs that people have not compared on enough tasks, of winners with the defaults."""
    pairs = []
    for run in winners:
        there = shared_sounds(run, defaults)
        both = {run.key, defaults.key}
        voted = {one.task for one in votes if {one.first, one.second} == both}
        if len(voted) < min(MIN_TASKS, len({task for task, _ in there})):
            pairs.append(Pair(run.key, defaults.key, len(there)))
    return pairs


def propose(study: SharedStudy, space: Space, values: Mapping[int, float]) -> None:
    """Let the study's sampler propose the next trial by what its trials are worth now.

    Optuna keeps the value of a finished trial for ever, and a vote changes those of all: they are
    therefore given to a copy of the study, which is asked.
    """
    import optuna
    from optuna.trial import TrialState, create_trial

    trials = study.study.get_trials(deepcopy=False)
    if not trials or any(one.state == TrialState.WAITING for one in trials):
        return
    copy: Study = optuna.create_study(direction="maximize", sampler=study.sampler_of(len(trials)))
    for one in trials:
        if one.number in values:
            value = values[one.number]
            copy.add_trial(
                create_trial(params=one.params, distributions=one.distributions, value=value)
            )
    asked = copy.ask()
    space.suggest(asked)
    study.study.enqueue_trial(asked.params)


def dashboard_votes(study: "Study", key_of: Mapping[int, str]) -> list[Vote]:
    """The preferences that Optuna Dashboard has stored; none where it is not installed."""
    try:
        from optuna_dashboard.preferential import PreferentialStudy
    except ImportError:
        return []
    votes = []
    for better, worse in PreferentialStudy(study).preferences:
        if better.number in key_of and worse.number in key_of:
            pair = key_of[better.number], key_of[worse.number]
            votes.append(Vote(*pair, "all tasks", 0, 1, DASHBOARD, DASHBOARD))
    return votes


def show_on_dashboard(study: "Study", tried: Sequence[Tried], text: Mapping[int, str]) -> None:
    """Open the dashboard's page of preferences for this study, with a note on each trial."""
    try:
        import optuna_dashboard
    except ImportError:
        return
    import optuna

    storage, number = study._storage, study._study_id
    storage.set_study_system_attr(number, "preference:is_preferential", True)
    storage.set_study_system_attr(number, "preference:n_generate", ROUND + 1)
    ids = {one.number: one._trial_id for one in study.get_trials(deepcopy=False)}
    for one in tried:
        if one.number in text:
            trial = optuna.Trial(study, ids[one.number])
            optuna_dashboard.save_note(trial, text[one.number])


def _values(conclusion: VoteConclusion) -> dict[str, float]:
    if isinstance(conclusion.strengths, str):
        return {key: one.value for key, one in zip(conclusion.runs, conclusion.shares, strict=True)}
    return {key: one.value for key, one in zip(conclusion.runs, conclusion.strengths, strict=True)}


def _voted_enough(run: Run, runs: Sequence[Run], votes: Iterable[Vote]) -> bool:
    """Whether people voted on enough tasks, on all where few have a sound, or on the dashboard."""
    own = [one for one in votes if run.key in (one.first, one.second)]
    if any(one.source == DASHBOARD for one in own):
        return True
    others = {other.key: other for other in runs if other.key != run.key}
    for key, other in others.items():
        voted = {one.task for one in own if key in (one.first, one.second)}
        there = {task for task, _ in shared_sounds(run, other)}
        if voted and len(voted) >= min(MIN_TASKS, len(there)):
            return True
    return not any(shared_sounds(run, other) for other in others.values())
