"""What people say: ratings given in MLflow's page come back, blind votes go to the traces.

A rating is a number, or yes or no, that a person put on a trace of ours. A vote stands on the
traces of both sounds that were compared, for and against, under the name BLIND.
"""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Set
from dataclasses import dataclass
from typing import TYPE_CHECKING

from earmark.analysis.compact import Compactor
from earmark.analysis.labels import label
from earmark.analysis.scores import picked_attempts
from earmark.identity import digest
from earmark.records import Run, dump
from earmark.storage.ratings import Rating
from earmark.storage.sweep_folder import SweepFolder
from earmark.storage.votes import Vote, load_votes
from earmark.tracking.connection import connect
from earmark.tracking.traces import find_traces, trace_hex, tracing_client

if TYPE_CHECKING:
    from mlflow.entities import Assessment, Feedback
    from mlflow.tracing.client import TracingClient

BLIND = "blind_vote"
VOTE = "earmark.vote"  # the metadata by which a vote is found again
MAX_VALUE = 1e9  # of a rating: JSON has numbers that no float holds
Place = tuple[str, str, int, int]
WORDS = {"yes": 1.0, "true": 1.0, "pass": 1.0, "no": 0.0, "false": 0.0, "fail": 0.0}


@dataclass(frozen=True, slots=True)
class Fetched:
    """The ratings of a sweep in a store, and how many answers were texts, which have no order."""

    ratings: tuple[Rating, ...]
    texts: int


def fetch_ratings(uri: str, folder: SweepFolder, *, experiment: str = "earmark") -> Fetched:
    """What people said of the sweep's sounds in MLflow's page.

    Raises:
        TrackingUnavailable: the store does not answer.
    """
    keys = {run.summary().key for run in folder.runs()}
    ratings: list[Rating] = []
    texts = 0
    with connect(uri, artifacts=None, experiment=experiment) as (_, experiment_id):
        for info in find_traces(tracing_client(uri), experiment_id, sweep=folder.name):
            place = _place(info.tags)
            if place is None or place[0] not in keys:
                continue
            for one in filter(_by_a_person, info.assessments):
                value = _number(one)
                if value is None:
                    texts += 1
                else:
                    ratings.append(_rating(place, one, value))
    return Fetched(tuple(ratings), texts)


def write_votes(tracing: "TracingClient", experiment: str, folder: SweepFolder) -> int:
    """Put every blind vote on the traces of both sounds, once; how many were new."""
    wanted: dict[str, list[Feedback]] = defaultdict(list)
    votes = load_votes(folder.path)
    if not votes:
        return 0
    runs = _small_runs(folder, {key for vote in votes for key in (vote.first, vote.second)})
    for vote in votes:
        for trace_id, feedback in _two_sides(vote, runs, experiment, folder.name):
            wanted[trace_id].append(feedback)
    new = 0
    for info in find_traces(tracing, experiment, sweep=folder.name):
        there = {(one.metadata or {}).get(VOTE) for one in info.assessments}
        for feedback in wanted.get(info.trace_id, []):
            if (feedback.metadata or {})[VOTE] not in there:
                tracing.log_assessment(info.trace_id, feedback)
                new += 1
    return new


def _small_runs(folder: SweepFolder, keys: Set[str]) -> dict[str, Run]:
    """These runs by key, without texts."""
    compactor, runs = Compactor(), {}
    for run_folder in folder.runs():
        if (key := run_folder.summary().key) in keys:
            runs[key] = run_folder.run(each=lambda _, one: compactor.small(one))
    return runs


def _two_sides(
    vote: Vote, runs: Mapping[str, Run], experiment: str, sweep: str
) -> Iterator[tuple[str, "Feedback"]]:
    from mlflow.entities import AssessmentSource, Feedback

    sides = ((vote.first, vote.second, vote.outcome), (vote.second, vote.first, -vote.outcome))
    for own, other, outcome in sides:
        run = runs.get(own)
        picked = picked_attempts(run).get((vote.task, vote.sample)) if run else None
        if picked is None:
            continue
        against = label(runs[other]) if other in runs else other
        said = {1: "preferred to", 0: "no different from", -1: "less liked than"}[outcome]
        yield (
            f"tr-{trace_hex(experiment, sweep, own, picked.key)}",
            Feedback(
                name=BLIND,
                value=float(outcome),
                source=AssessmentSource(source_type="HUMAN", source_id=vote.rater),
                rationale=f"{said} {against}, names hidden",
                metadata={VOTE: digest([dump(vote), own])[:32]},
            ),
        )


def _by_a_person(one: "Assessment") -> bool:
    human = one.source.source_type == "HUMAN" and one.feedback is not None
    return human and one.valid is not False and VOTE not in (one.metadata or {})


def _number(one: "Assessment") -> float | None:
    """The value of a feedback as a number; None for a text, which has no order."""
    value = one.feedback.value if one.feedback else None
    if isinstance(value, str):
        return WORDS.get(value.strip().lower())
    if isinstance(value, int | float) and abs(value) <= MAX_VALUE:  # NaN is not
        return float(value)
    return None


def _place(tags: Mapping[str, str]) -> Place | None:
    """Run, task, sample and turn by the tags of a trace; None where others have changed them."""
    run, task, *numbers = (
        tags.get(f"earmark.{name}", "") for name in ("run", "task", "sample", "turn")
    )
    if not all(re.fullmatch(r"\d{1,9}", number, re.ASCII) for number in numbers):
        return None
    sample, turn = map(int, numbers)
    return run, task, sample, turn


def _rating(place: Place, one: "Assessment", value: float) -> Rating:
    run, task, sample, turn = place
    return Rating(
        run=run,
        task=task,
        sample=sample,
        turn=turn,
        rater=str(one.source.source_id),
        name=one.name,
        value=value,
        source="mlflow",
    )
