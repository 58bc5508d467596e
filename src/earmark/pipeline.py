"""The flow, top to bottom, in call order: one request to its scores, one task to its episode.

A candidate's failure is recorded on its Attempt; a HarnessError passes through. Nothing is saved
here.
"""

import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from earmark.audio import read_result, same_frames, with_file_before_failure
from earmark.embedders import AudioEmbedder
from earmark.errors import HarnessError, StageError
from earmark.extract import extract
from earmark.extract.answers import check_completion
from earmark.identity import attempt_key, digest
from earmark.metrics import ClipMetric, SetMetric
from earmark.models import Model
from earmark.records import Attempt, Clip, Message, Program, Request, Sampling, Scores, Task
from earmark.references import Reference
from earmark.references.none import NoReference
from earmark.sandbox import Sandbox
from earmark.sandbox.failures import check_execution
from earmark.strategies import Strategy

Slots = AbstractContextManager[Any]
MAX_TURNS = 100  # of an episode; a strategy that asks for more never ends


@dataclass(frozen=True)
class Design:
    """What a run asks, and how: `samples` episodes for each task."""

    run: str
    tasks: tuple[Task, ...]
    samples: int
    strategy: Strategy
    sampling: Sampling
    seed: int
    workers: int = 4


@dataclass(frozen=True)
class Parts:
    """What does the work of a run, and how much of it at once.

    model, sandbox, metrics        ask, execute, score a clip
    requests, programs, scoring    how many of each may run at once: a semaphore, or nothing
    set_metrics                    score the clips of a run together
    embedders                      what the metrics embed with, by the name of its setting
    references, baselines          what scores are read against: recordings, models by name
    check_determinism              execute each program that left a clip once more
    on_phase                       called, in words, with what takes its time before the scores
    """

    model: Model
    sandbox: Sandbox
    metrics: Sequence[ClipMetric] = ()
    requests: Slots = field(default_factory=nullcontext)
    programs: Slots = field(default_factory=nullcontext)
    scoring: Slots = field(default_factory=nullcontext)
    set_metrics: Sequence[SetMetric] = ()
    embedders: Mapping[str, AudioEmbedder] = field(default_factory=dict)
    references: Reference = field(default_factory=NoReference)
    baselines: Mapping[str, Model] = field(default_factory=dict)
    check_determinism: bool = False
    on_phase: Callable[[str], None] = lambda _: None


def episode(
    task: Task,
    sample: int,
    *,
    design: Design,
    parts: Parts,
    folder_of: Callable[[int], Path],
    history: Sequence[Attempt] = (),
    ready: Callable[[Request], bool] = lambda _: True,
) -> Iterator[Attempt]:
    """Ask the strategy for messages until it has none left; yield each attempt that comes of them.

    Args:
        task: what is asked.
        sample: which of the repeats this is.
        design: how it is asked.
        parts: what does the work.
        folder_of: the folder of a turn, which keeps the result file of its program.
        history: the attempts of earlier starts; they are not made again.
        ready: the episode waits before the first request for which this is False.

    Raises:
        HarnessError: a provider, sandbox or embedder that is dead, a strategy that never ends.
    """
    turns = list(history)
    while (request := next_request(task, sample, turns, design=design)) is not None:
        if not ready(request):
            return
        made = attempt(task, request, run=design.run, folder=folder_of(request.turn), parts=parts)
        turns.append(made)
        yield made


def next_request(
    task: Task, sample: int, history: Sequence[Attempt], *, design: Design
) -> Request | None:
    """What the strategy asks after this history, or None when the episode has ended."""
    messages = next_messages(task, history, design.strategy)
    if messages is None:
        return None
    return request_for(task, sample, len(history), messages, design=design)


def next_messages(
    task: Task, history: Sequence[Attempt], strategy: Strategy
) -> tuple[Message, ...] | None:
    """The messages that the strategy sends after this history, or None at the end of an episode.

    Raises:
        HarnessError: the strategy never ends the episode.
    """
    messages = strategy.render(task, history)
    if messages is not None and len(history) >= MAX_TURNS:
        rule = f"must end an episode within {MAX_TURNS} turns, goes on after {len(history)}"
        raise HarnessError(f"strategy {type(strategy).__name__}: {rule}; let render return None")
    return messages


def request_for(
    task: Task, sample: int, turn: int, messages: tuple[Message, ...], *, design: Design
) -> Request:
    """The request that sends these messages."""
    return Request(
        task_id=task.id,
        seconds=task.seconds,
        sample=sample,
        turn=turn,
        messages=messages,
        sampling=replace(design.sampling, seed=request_seed(design.seed, task.id, sample, turn)),
    )


def request_seed(seed: int, task: str, sample: int, turn: int) -> int:
    """A seed of 31 bits: repeats and turns differ even where a model honours seeds."""
    return int(digest([seed, task, sample, turn])[:8], 16) >> 1


def attempt(task: Task, request: Request, *, run: str, folder: Path, parts: Parts) -> Attempt:
    """Take one request to its scores; the stage that fails is recorded, not raised.

    Args:
        task: what is asked.
        request: how it is asked.
        run: key of the run that the attempt belongs to.
        folder: keeps the result file of the program.
        parts: what does the work.

    Raises:
        HarnessError: a provider, sandbox or embedder that is dead.
    """
    key = attempt_key(run, task.id, request.sample, request.turn)
    made = Attempt(
        key=key, run=run, task=task, sample=request.sample, turn=request.turn, request=request
    )
    try:
        with parts.requests:
            completion = parts.model.complete(request)
        made = replace(made, completion=completion)
        check_completion(completion)

        program = extract(completion.text)
        made = replace(made, program=program)

        with parts.programs:
            execution = parts.sandbox.execute(program, folder=folder)
        limits = parts.sandbox.limits
        execution = with_file_before_failure(execution, limits=limits, asked_seconds=task.seconds)
        made = replace(made, execution=execution)
        check_execution(execution, limits=limits)

        clip = read_result(execution, limits=limits, asked_seconds=task.seconds)
        made = replace(made, clip=clip)

        with parts.scoring:
            scores = score_clip(clip, task, parts.metrics)
        if parts.check_determinism:
            with parts.programs:
                scores = merged(scores, frames_agree(program, clip, parts.sandbox))
        return replace(made, scores=scores.values, unscored=scores.unscored)
    except StageError as error:
        return replace(made, failure=error.failure)


def score_clip(clip: Clip, task: Task, metrics: Sequence[ClipMetric]) -> Scores:
    """The scores of one clip by all metrics, in one record."""
    return merged(*(metric.score(clip, task) for metric in metrics))


def merged(*scores: Scores) -> Scores:
    """Several scores as one; of two with the same name the later one counts."""
    values: dict[str, float] = {}
    unscored: dict[str, str] = {}
    for one in scores:
        values |= one.values
        unscored |= one.unscored
    return Scores(values=values, unscored=unscored)


def frames_agree(program: Program, clip: Clip, sandbox: Sandbox) -> Scores:
    """Execute a program once more: `frames_agree` is 1 when it leaves the frames of `clip`, else 0.

    Raises:
        SandboxUnavailable: the sandbox does not work here.
    """
    with tempfile.TemporaryDirectory(prefix="earmark-again-") as folder:
        execution = sandbox.execute(program, folder=Path(folder))
        try:
            check_execution(execution, limits=sandbox.limits)
            second = read_result(execution, limits=sandbox.limits)
        except StageError as error:
            return Scores(unscored={"frames_agree": f"the second execution left no clip: {error}"})
        return Scores(values={"frames_agree": float(same_frames(clip, second))})
