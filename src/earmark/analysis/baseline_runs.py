"""Computes the baselines of a run's tasks through the pipeline, once per tasks and pipeline id.

Every baseline writes programs for the same tasks, which are run and scored like any other. A
program that several tasks share is run once. Later calls read the result from the cache.
"""

import tempfile
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import fmean
from typing import TypeVar

from earmark.analysis import baseline_clips
from earmark.analysis.baseline_choice import Choice, baseline_request, choose, run_baseline
from earmark.analysis.baseline_clips import MAX_CLIPS, BaselineClip
from earmark.analysis.baselines import (
    MISMATCHED,
    RECORDINGS,
    TASK_RECORDINGS,
    Baselines,
    load_baselines,
    to_json,
)
from earmark.config.schema import BaselinesConfig
from earmark.embedders import EmbeddingError
from earmark.errors import MetricUnavailable, SandboxUnavailable
from earmark.identity import digest
from earmark.metrics.text_audio import TextAudio
from earmark.models import Model, SupportsChoice
from earmark.pipeline import Parts, score_clip
from earmark.records import Attempt, Clip, Task, dump
from earmark.references import ReferenceSet
from earmark.storage.atomic import write_json

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Outcome:
    """One baseline: its scores by task, the reason where there are none, and the kept clips."""

    scores: Mapping[str, float]
    reason: str
    clips: tuple[BaselineClip, ...] = ()
    timed_out: bool = False


def compute_baselines(
    tasks: Sequence[Task],
    *,
    tier: Sequence[Task],
    models: Mapping[str, Model],
    rules: BaselinesConfig,
    parts: Parts,
    metric: TextAudio,
    references: ReferenceSet | MetricUnavailable,
    cache: Path,
) -> Baselines:
    """The baselines of a run by the pipeline of `metric`.

    Args:
        tasks: the tasks of the run; every baseline gets them all.
        tier: every task of their tier: by its tune tasks the trivial program is chosen.
        models: the baseline models by name, floor and expert among them.
        rules: which baseline is the floor and which the expert.
        parts: run and score the programs; its model is not used.
        metric: gives the score.
        references: the recordings of the tier, or why there are none.
        cache: folder of cached baselines and their clips.
    """
    names = (*models, MISMATCHED, RECORDINGS, TASK_RECORDINGS)
    blank = Baselines(tasks[0].tier, metric.embedder.name, metric.id, rules.floor, rules.expert)
    try:
        metric.embedder.embed_text([tasks[0].caption])
    except EmbeddingError as error:  # nothing can be scored: no program need run to find that out
        return replace(blank, unscored=dict.fromkeys(names, str(error)))
    try:
        models, choices, without = _choose(models, tier, parts=parts, metric=metric, cache=cache)
        blank = replace(blank, choices=choices)
        identities = {name: dict(model.identity) for name, model in models.items()}
        question = [to_json(blank), identities, list(map(dump, tasks)), _id(references)]
        entry = cache / f"{digest(question)[:32]}.json"
        if entry.is_file():
            return load_baselines(entry)
        outcomes = _outcomes(tasks, models, rules=rules, parts=parts, metric=metric, cache=cache)
    except SandboxUnavailable as error:  # as in a rescore on a machine that cannot isolate
        return replace(blank, unscored=dict.fromkeys(names, str(error)))
    outcomes[RECORDINGS] = _recordings(references, metric, cache)
    outcomes[TASK_RECORDINGS] = _task_recordings(references, tasks, metric, cache)
    return _kept(blank, {**outcomes, **without}, entry)


def _choose(
    models: Mapping[str, Model],
    tier: Sequence[Task],
    *,
    parts: Parts,
    metric: TextAudio,
    cache: Path,
) -> tuple[dict[str, Model], dict[str, Choice], dict[str, Outcome]]:
    """The models with their chosen programs, how these were chosen, and those that have none."""
    chosen, choices, without = dict(models), {}, {}
    for name, model in models.items():
        if not isinstance(model, SupportsChoice) or not model.candidates:
            continue
        try:
            choices[name] = choose(model, tier, parts=parts, metric=metric, cache=cache)
            chosen[name] = model.choose(choices[name].program)
        except MetricUnavailable as error:
            del chosen[name]
            without[name] = Outcome({}, str(error), timed_out=True)
    return chosen, choices, without


def spread(items: Sequence[T], limit: int) -> list[T]:
    """At most `limit` items, evenly over the list: a tier's tasks are ordered by kind."""
    count = min(limit, len(items))
    return [items[k * len(items) // count] for k in range(count)]


def _kept(blank: Baselines, outcomes: Mapping[str, Outcome], entry: Path) -> Baselines:
    """The outcomes as a record, written to the cache unless a program was out of time.

    A timeout is the fault of a busy machine; another time there would be more scores.
    """
    baselines = replace(
        blank,
        scores={name: dict(one.scores) for name, one in outcomes.items() if one.scores},
        unscored={name: one.reason for name, one in outcomes.items() if not one.scores},
        clips={name: one.clips for name, one in outcomes.items() if one.clips},
    )
    if not any(one.timed_out for one in outcomes.values()):
        clips = baseline_clips.to_json(baselines.clips)
        write_json(entry, {**to_json(baselines), "clips": clips})
    return baselines


def _outcomes(
    tasks: Sequence[Task],
    models: Mapping[str, Model],
    *,
    rules: BaselinesConfig,
    parts: Parts,
    metric: TextAudio,
    cache: Path,
) -> dict[str, Outcome]:
    shown = {task.id for task in spread(tasks, MAX_CLIPS)}
    outcomes: dict[str, Outcome] = {}
    with tempfile.TemporaryDirectory(prefix="earmark-baselines-") as folder:
        attempts = _run(tasks, models, replace(parts, metrics=(metric,)), Path(folder))
        for name, made in attempts.items():
            outcome = _outcome(made, metric.embedder.name)
            clips = [
                (one.clip, one.task)
                for one in made
                if one.clip is not None and one.task.id in shown & outcome.scores.keys()
            ]
            outcomes[name] = replace(outcome, clips=baseline_clips.store(clips, cache=cache))
        outcomes[MISMATCHED] = _mismatched(attempts[rules.expert], metric)
    return outcomes


def _run(
    tasks: Sequence[Task], models: Mapping[str, Model], parts: Parts, folder: Path
) -> dict[str, list[Attempt]]:
    """The attempts of every model at every task, in the order of the tasks."""
    jobs = [(name, same) for name in models for same in _by_answer(models[name], tasks)]

    def run(job: tuple[str, list[Task]]) -> list[Attempt]:
        name, same = job
        own = replace(parts, model=models[name])
        made = run_baseline(same[0], folder / name / same[0].id, own)
        return [made, *(_of_task(made, task, parts) for task in same[1:])]

    attempts: dict[str, dict[str, Attempt]] = {name: {} for name in models}
    with ThreadPoolExecutor(max_workers=2) as pool:
        for at, ((name, _), several) in enumerate(zip(jobs, pool.map(run, jobs), strict=True)):
            attempts[name] |= {one.task.id: one for one in several}
            parts.on_phase(f"making baselines, {at + 1} of {len(jobs)}")
    ordered = {}
    for name, by_task in attempts.items():
        ordered[name] = [by_task[task.id] for task in tasks]
    return ordered


def _by_answer(model: Model, tasks: Sequence[Task]) -> Iterable[list[Task]]:
    """Tasks that get the same answer of a model, together: one that ignores the task has few."""
    groups: dict[tuple[str, float], list[Task]] = defaultdict(list)
    for task in tasks:
        answer = model.complete(baseline_request(task))
        groups[answer.text, task.seconds].append(task)
    return groups.values()


def _of_task(made: Attempt, task: Task, parts: Parts) -> Attempt:
    """The same clip as an attempt at another task."""
    if made.clip is None or made.failure is not None:
        return replace(made, task=task)
    scores = score_clip(made.clip, task, parts.metrics)
    return replace(made, task=task, scores=scores.values, unscored=scores.unscored)


def _outcome(attempts: Sequence[Attempt], headline: str) -> Outcome:
    scores = {one.task.id: one.scores[headline] for one in attempts if headline in one.scores}
    failures = [one.failure for one in attempts if one.failure is not None]
    reasons = [f"no valid clip: {failure.message}" for failure in failures]
    reasons += [one.unscored[headline] for one in attempts if headline in one.unscored]
    timed_out = any(failure.kind == "timeout" for failure in failures)
    return Outcome(scores, [*reasons, "it has no score"][0], timed_out=timed_out)


def _mismatched(attempts: Sequence[Attempt], metric: TextAudio) -> Outcome:
    """The expert's clips with captions of other tasks: a good sound of something else."""
    tasks = [one.task for one in attempts]
    if len(tasks) < 2:
        return Outcome({}, "1 task; a wrong caption needs at least 2")
    half = len(tasks) // 2
    others = tasks[half:] + tasks[:half]
    pairs = [
        (one.clip, other)
        for one, other in zip(attempts, others, strict=True)
        if one.clip is not None
    ]
    return _scored(pairs, metric)


def _recordings(
    references: ReferenceSet | MetricUnavailable, metric: TextAudio, cache: Path
) -> Outcome:
    if isinstance(references, MetricUnavailable):
        return Outcome({}, str(references))
    captioned = references.captioned()
    if not captioned:
        return Outcome({}, "the reference recordings of this tier have no captions")
    pairs = [
        (clip, Task(clip.sha256[:16], RECORDINGS, caption, prompt="", seconds=1.0))
        for clip, caption in captioned
    ]
    outcome = _scored(pairs, metric)
    shown = [(clip, task) for clip, task in pairs if task.id in outcome.scores]
    clips = baseline_clips.store(spread(shown, MAX_CLIPS), cache=cache)
    return replace(outcome, clips=clips)


def _task_recordings(
    references: ReferenceSet | MetricUnavailable,
    tasks: Sequence[Task],
    metric: TextAudio,
    cache: Path,
) -> Outcome:
    """Recordings of the very thing with the task's caption; of several for a task, the mean."""
    if isinstance(references, MetricUnavailable):
        return Outcome({}, str(references))
    by_id = {task.id: task for task in tasks}
    values: dict[str, list[float]] = defaultdict(list)
    first: dict[str, tuple[Clip, Task]] = {}
    for clip, task in references.of_tasks():
        if task in by_id:
            for score in _scored([(clip, by_id[task])], metric).scores.values():
                values[task].append(score)
                first.setdefault(task, (clip, by_id[task]))
    scores = {task: fmean(values[task]) for task in by_id if task in values}
    shown = spread([first[task] for task in scores], MAX_CLIPS)
    clips = baseline_clips.store(shown, cache=cache)
    return Outcome(scores, "no reference recording is of a task's own thing", clips)


def _id(references: ReferenceSet | MetricUnavailable) -> list[str]:
    if isinstance(references, MetricUnavailable):
        return []
    return [references.digest, *(task for _, task in references.of_tasks())]


def _scored(pairs: Sequence[tuple[Clip, Task]], metric: TextAudio) -> Outcome:
    name = metric.embedder.name
    values: dict[str, float] = {}
    reasons: list[str] = []
    for clip, task in pairs:
        scores = metric.score(clip, task)
        if name in scores.values:
            values[task.id] = scores.values[name]
        elif name in scores.unscored:
            reasons.append(scores.unscored[name])
    return Outcome(values, [*reasons, "no valid clip"][0])
