"""What people prefer: strengths of runs from votes, and shares of the votes where there are none.

A vote compares two runs on one task. Ratings of single sounds become votes: of two runs that one
rater rated on the same task and sample, under one name, the higher is preferred, and equal ratings
are no difference. Runs are compared within a group that votes connect.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations

import numpy as np

from earmark.analysis import bradley_terry
from earmark.analysis.bradley_terry import Strength
from earmark.analysis.comparisons import MIN_TASKS, compare
from earmark.analysis.estimates import Estimate, cluster_means, estimate_mean, estimate_share
from earmark.analysis.metric_agreement import Agreement, agreements
from earmark.analysis.scores import picked_attempts
from earmark.records import Run
from earmark.storage.ratings import Rating
from earmark.storage.votes import Outcome, Vote


@dataclass(frozen=True, slots=True)
class Preference:
    """One pair of runs: mean vote, from 1 (`first` is better) to -1, and p-value of no preference.

    `p` is None where there are too few tasks for a test.
    """

    first: str
    second: str
    for_first: int
    for_second: int
    ties: int
    mean: Estimate
    p: float | None


@dataclass(frozen=True, slots=True)
class VoteConclusion:
    """What people prefer among runs that votes connect.

    `shares` is what each run won of its votes, a tie as half; `strengths` are those of
    `bradley_terry`, or the reason why there are none; `sources` counts votes by where they are
    from. Runs are in the order of places.
    """

    runs: tuple[str, ...]
    sources: Mapping[str, int]
    raters: int
    tasks: int
    shares: tuple[Estimate, ...]
    strengths: tuple[Strength, ...] | str
    pairs: tuple[Preference, ...]
    agreement: tuple[Agreement, ...] = ()

    @property
    def votes(self) -> int:
        """How many votes there are."""
        return sum(self.sources.values())


def votes_of_ratings(ratings: Iterable[Rating], runs: Iterable[Run]) -> list[Vote]:
    """The votes that ratings of the attempts that count imply."""
    given = list(ratings)
    rated, counted = {one.run for one in given}, set[tuple[str, str, int, int]]()
    for run in runs:
        if run.key in rated:
            counted |= {(run.key, *pair, one.turn) for pair, one in picked_attempts(run).items()}
    together: dict[tuple[str, ...], list[Rating]] = defaultdict(list)
    for one in given:
        if (one.run, one.task, one.sample, one.turn) in counted:
            key = one.rater, one.name, one.source, one.task, str(one.sample)
            together[key].append(one)
    votes = []
    for several in together.values():
        for first, second in combinations(sorted(several, key=lambda one: one.run), 2):
            outcome: Outcome = 0
            if first.value != second.value:
                outcome = 1 if first.value > second.value else -1
            votes.append(
                Vote(
                    *(first.run, second.run, first.task, first.sample, outcome),
                    *(first.rater, first.source),
                )
            )
    return votes


def conclude_votes(votes: Iterable[Vote], runs: Sequence[Run] = ()) -> list[VoteConclusion]:
    """What people prefer, for each group of runs that votes connect.

    Args:
        votes: of any runs.
        runs: where they are known, with their attempts: then metrics are compared with the votes.
    """
    by_key = {run.key: run for run in runs}
    concluded = []
    for group in _connected(list(votes)):
        known = [by_key[key] for key in _keys(group) if key in by_key]
        concluded.append(_conclude(group, known))
    return concluded


def counted_votes(votes: Iterable[Vote], runs: Iterable[Run]) -> list[Vote]:
    """The votes on sounds that count: of these runs, and not excluded."""
    cast = list(votes)
    compared = {key for one in cast for key in (one.first, one.second)}
    known = [run for run in runs if run.key in compared]
    sounds = {(run.key, *pair) for run in known for pair in picked_attempts(run)}
    kept = []
    for one in cast:
        pair = one.task, one.sample
        if {(one.first, *pair), (one.second, *pair)} <= sounds:
            kept.append(one)
    return kept


def preferences(votes: Iterable[Vote]) -> list[Preference]:
    """One preference for each pair of runs that was voted on."""
    cast: dict[tuple[str, str], list[tuple[str, int]]] = defaultdict(list)
    for one in votes:
        sign = 1 if one.first <= one.second else -1
        pair = (min(one.first, one.second), max(one.first, one.second))
        cast[pair].append((one.task, sign * one.outcome))
    return [_preference(*pair, values) for pair, values in sorted(cast.items())]


def _preference(first: str, second: str, cast: Sequence[tuple[str, int]]) -> Preference:
    tasks, outcomes = [task for task, _ in cast], [float(outcome) for _, outcome in cast]
    by_task = cluster_means(outcomes, tasks)
    p = None
    if len(by_task) >= MIN_TASKS:
        [alone] = compare(by_task[:, None], np.ones((1, 1)))
        p = alone.p
    return Preference(
        first,
        second,
        for_first=outcomes.count(1.0),
        for_second=outcomes.count(-1.0),
        ties=outcomes.count(0.0),
        mean=_mean_vote(outcomes, tasks),
        p=p,
    )


def _mean_vote(outcomes: Sequence[float], tasks: Sequence[str]) -> Estimate:
    """From -1 to 1; without ties it is a share on another scale, and has a share's interval."""
    if 0.0 in outcomes:
        return estimate_mean(outcomes, tasks, bounds=(-1.0, 1.0))
    share = estimate_share([outcome > 0 for outcome in outcomes], tasks)
    low = None if share.low is None else 2 * share.low - 1
    high = None if share.high is None else 2 * share.high - 1
    error = None if share.standard_error is None else 2 * share.standard_error
    return replace(share, value=2 * share.value - 1, standard_error=error, low=low, high=high)


def _connected(votes: Sequence[Vote]) -> list[list[Vote]]:
    """The votes by groups of runs that votes connect, the largest first."""
    group: dict[str, str] = {}

    def root(key: str) -> str:
        while group.setdefault(key, key) != key:
            key = group[key]
        return key

    for one in votes:
        group[root(one.first)] = root(one.second)
    found: dict[str, list[Vote]] = defaultdict(list)
    for one in votes:
        found[root(one.first)].append(one)
    return sorted(found.values(), key=len, reverse=True)


def _keys(votes: Iterable[Vote]) -> list[str]:
    return sorted({key for one in votes for key in (one.first, one.second)})


def _conclude(votes: Sequence[Vote], runs: Sequence[Run]) -> VoteConclusion:
    keys = _keys(votes)
    shares = {key: _share(votes, key) for key in keys}
    found = _strengths(votes, keys)
    values = {key: one.value for key, one in shares.items()}
    if not isinstance(found, str):
        values = {key: one.value for key, one in zip(keys, found, strict=True)}
    order = sorted(range(len(keys)), key=lambda at: (-values[keys[at]], keys[at]))
    return VoteConclusion(
        tuple(keys[at] for at in order),
        dict(Counter(one.source for one in votes)),
        raters=len({one.rater for one in votes}),
        tasks=len({one.task for one in votes}),
        shares=tuple(shares[keys[at]] for at in order),
        strengths=found if isinstance(found, str) else tuple(found[at] for at in order),
        pairs=tuple(preferences(votes)),
        agreement=tuple(agreements(votes, runs, values)),
    )


def _share(votes: Sequence[Vote], key: str) -> Estimate:
    """What a run won of its votes, a tie as half, with tasks as clusters."""
    own = [one for one in votes if key in (one.first, one.second)]
    won = [(1 + (one.outcome if one.first == key else -one.outcome)) / 2 for one in own]
    tasks = [one.task for one in own]
    if 0.5 in won:
        return estimate_mean(won, tasks, bounds=(0.0, 1.0))
    return estimate_share([value == 1.0 for value in won], tasks)


def _strengths(votes: Sequence[Vote], keys: Sequence[str]) -> list[Strength] | str:
    number = {key: at for at, key in enumerate(keys)}
    arrays = bradley_terry.Votes(
        len(keys),
        np.array([number[one.first] for one in votes]),
        np.array([number[one.second] for one in votes]),
        np.array([one.outcome for one in votes]),
        tuple(one.task for one in votes),
        tuple(one.rater for one in votes),
    )
    direction = bradley_terry.separation(arrays)
    if direction is None:
        return bradley_terry.strengths(arrays)[0]
    if np.ptp(direction) < 1e-7:
        return "cannot tell strengths: every vote is no difference"
    return (
        "cannot tell strengths: some runs were never preferred to others, so how much weaker "
        "they are has no bound; read the shares"
    )
