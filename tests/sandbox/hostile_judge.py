"""Runs one hostile program in a sandbox and judges it from outside: Hostile -> Verdict.

In: a program and an open sandbox. Out: the oracles that fired, and the failure kind that an attempt would carry. It knows the
seam alone, so any sandbox can be judged.
"""

import os
import shutil
import tempfile
import time
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, replace
from pathlib import Path

from filelock import FileLock

from earmark.audio import clip_of
from earmark.errors import AudioError
from earmark.records import Execution, Limits, Program
from earmark.sandbox import Sandbox
from earmark.sandbox.outcome import failure_of
from tests.sandbox.hostile_ground import ground, settle
from tests.sandbox.hostile_programs import Hostile
from tests.sandbox.hostile_watch import Watch

# Small, so that a bomb is soon at its end; roomy enough for numpy, scipy and soundfile.
LIMITS = Limits(
    wall_seconds=10.0,
    cpu_seconds=5,
    memory_bytes=768 * 1024**2,
    file_bytes=8 * 1024**2,
    scratch_bytes=16 * 1024**2,
    scratch_inodes=64,
)
# For programs that run until they are ended; they need no package, and a worker without any starts at once.
BRIEF = replace(LIMITS, wall_seconds=0.5, cpu_seconds=1, packages=())
MAX_BYTES = (
    LIMITS.memory_bytes + 384 * 1024**2
)  # warm workers of both isolations are counted too, shared pages each time
WATCHED = {"memory", "crowd", "listens"}


@dataclass(frozen=True)
class Verdict:
    """What was seen of one program: `fired` holds names of oracles, `kind` a failure kind or "clip"."""

    fired: frozenset[str]
    kind: str
    executions: tuple[Execution, ...]


@contextmanager
def open_folder() -> Iterator[Path]:
    """A folder that every user can reach: where tests usually write, others may not even look."""
    folder = Path(tempfile.mkdtemp(prefix="earmark-ground-"))
    try:
        yield folder
    finally:
        shutil.rmtree(folder)


def judged(hostile: Hostile, sandbox: Sandbox, *, results: Path) -> Verdict:
    """Run the program, and the one after it if there is one, and look at everything that it could have harmed."""
    executions = []
    with open_folder() as folder, ground(folder, sandbox.limits) as laid:
        watch = Watch(laid.free_port) if hostile.oracle in WATCHED else None
        with alone([hostile]), watch or nullcontext():
            started = time.monotonic()
            for number, text in enumerate(
                text for text in (hostile.source, hostile.following) if text is not None
            ):
                executions.append(
                    _run(laid.filled(text), sandbox, results / f"{hostile.name}-{number}")
                )
            seconds = time.monotonic() - started
        settle()
        fired = laid.evidence(executions, seconds=seconds)
    if watch is not None:
        fired |= watch.fired(max_bytes=MAX_BYTES)
    if hostile.oracle == "forged" and executions[0].exit_code != 7:
        fired.add("forged")
    return Verdict(
        frozenset(fired), kind_of(executions[0], limits=sandbox.limits), tuple(executions)
    )


def kind_of(execution: Execution, *, limits: Limits) -> str:
    """The failure kind that an attempt would carry, or "clip"."""
    if (failure := failure_of(execution, limits=limits)) is not None:
        return failure.kind
    try:
        clip_of(execution, limits=limits)
    except AudioError as error:
        return error.failure.kind
    return "clip"


def _run(text: str, sandbox: Sandbox, folder: Path) -> Execution:
    folder.mkdir(parents=True, exist_ok=True)
    return sandbox.run(Program(text), folder=folder)


def alone(wanted: Iterable[Hostile]) -> AbstractContextManager[object]:
    """One memory attack on this machine at a time: files in memory are counted machine-wide, those of other workers too."""
    return (
        FileLock(f"/tmp/earmark-tests-memory-{os.getuid()}.lock")
        if any(one.oracle == "memory" for one in wanted)
        else nullcontext()
    )
