"""The flow, top to bottom, in call order: one request to its scores, one task to its episode.

In: a Task, a Request and the parts that do the work. Out: Attempts, filled as far as they got. A stage that fails is recorded,
not raised; a HarnessError is ours and passes through. Nothing is saved here.
"""

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from earmark.audio import note_file_before_failure, read_result, same_frames
from earmark.errors import StageError
from earmark.extract import extract
from earmark.extract.answers import check_completion
from earmark.identity import attempt_key, digest
from earmark.metrics import ClipMetric
from earmark.models import Model
from earmark.records import Attempt, Clip, Failure, Program, Request, Sampling, Scores, Task
from earmark.sandbox import Sandbox
from earmark.sandbox.failures import check_execution
from earmark.strategies import Strategy

Gate = AbstractContextManager[Any]


@dataclass(frozen=True)
class Parts:
    """Who does the work, and how many may do it at once: a gate is a semaphore, or nothing. `twice` runs each program again."""

    model: Model
    sandbox: Sandbox
    metrics: Sequence[ClipMetric] = ()
    requests: Gate = field(default_factory=nullcontext)
    programs: Gate = field(default_factory=nullcontext)
    scoring: Gate = field(default_factory=nullcontext)
    check_determinism: bool = False


def attempt(task: Task, request: Request, *, run: str, folder: Path, parts: Parts) -> Attempt:
    """Take one request to its scores; the stage that fails is recorded, not raised.

    Args:
        task: what is asked.
        request: how it is asked.
        run: key of the run that the attempt belongs to.
        folder: keeps the result file of the program.
        parts: who does the work.

    Raises:
        HarnessError: a provider, sandbox or embedder that is dead.
    """
    key = attempt_key(run, task.id, request.sample, request.turn)
    made = blank = Attempt(
        key=key, run=run, task=task, sample=request.sample, turn=request.turn, request=request
    )
    try:
        for made in _stages(blank, folder=folder, parts=parts):
            if made.failure is not None:
                break
    except StageError as error:
        return replace(made, failure=error.failure)
    return made


def _stages(made: Attempt, *, folder: Path, parts: Parts) -> Iterator[Attempt]:
    """Task -> Completion -> Program -> Execution -> Clip -> Scores, a fuller Attempt at each step."""
    with parts.requests:
        completion = parts.model.complete(made.request)
    yield (made := replace(made, completion=completion))
    check_completion(completion)

    program = extract(completion.text)
    yield (made := replace(made, program=program))

    with parts.programs:
        execution = parts.sandbox.run(program, folder=folder)
    limits, asked_seconds = parts.sandbox.limits, made.task.seconds
    execution = note_file_before_failure(execution, limits=limits, asked_seconds=asked_seconds)
    yield (made := replace(made, execution=execution))
    check_execution(execution, limits=limits)

    clip = read_result(execution, limits=limits, asked_seconds=asked_seconds)
    yield (made := replace(made, clip=clip))

    with parts.scoring:
        scores = judge(clip, made.task, parts.metrics)
    yield (made := replace(made, scores=scores.values, unscored=scores.unscored))

    if parts.check_determinism:
        with parts.programs:
            agree = _again(program, clip, parts.sandbox)
        yield replace(
            made,
            scores={**made.scores, **agree.values},
            unscored={**made.unscored, **agree.unscored},
        )


def _again(program: Program, clip: Clip, sandbox: Sandbox) -> Scores:
    """Run a program once more: `frames_agree` is 1 when it leaves the same frames, 0 when it leaves others."""
    with tempfile.TemporaryDirectory(prefix="earmark-again-") as place:
        execution = sandbox.run(program, folder=Path(place))
        try:
            second = read_result(execution, limits=sandbox.limits)
        except StageError as error:
            return Scores(unscored={"frames_agree": f"the second run left no clip: {error}"})
        return Scores(values={"frames_agree": float(same_frames(clip, second))})


def _reached(
    made: Attempt, failure: Failure | None, **stage: Any
) -> Attempt:  # a field of Attempt, whichever
    return replace(made, failure=failure, **stage)


def judge(clip: Clip, task: Task, metrics: Sequence[ClipMetric]) -> Scores:
    """What all metrics say of one clip, in one record."""
    said = [metric.score(clip, task) for metric in metrics]
    return Scores(
        values={name: value for one in said for name, value in one.values.items()},
        unscored={name: reason for one in said for name, reason in one.unscored.items()},
    )


def next_request(
    task: Task,
    sample: int,
    history: Sequence[Attempt],
    *,
    strategy: Strategy,
    sampling: Sampling,
    seed: int,
    max_turns: int,
) -> Request | None:
    """The next request of an episode: what the strategy says after this history, or None when it has ended."""
    turn = len(history)
    messages = strategy.render(task, history) if turn < max_turns else None
    if messages is None:
        return None
    drawn = replace(sampling, seed=request_seed(seed, task.id, sample, turn))
    return Request(
        task_id=task.id,
        seconds=task.seconds,
        sample=sample,
        turn=turn,
        messages=messages,
        sampling=drawn,
    )


def request_seed(seed: int, task: str, sample: int, turn: int) -> int:
    """A seed of 31 bits for one request: repeats and turns must differ even where a model honours seeds."""
    return int(digest([seed, task, sample, turn])[:8], 16) >> 1
