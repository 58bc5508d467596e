"""Runs one hostile program in a sandbox and judges it from outside: Hostile -> Verdict.

It knows nothing of a sandbox but the protocol, so any can be judged.
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

from earmark.audio import read_result
from earmark.errors import StageError
from earmark.records import Execution, Limits, Program
from earmark.sandbox import Sandbox
from earmark.sandbox.failures import check_execution
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
# For programs that run until they are ended; they need no package, and a worker without any starts
# at once.
BRIEF = replace(LIMITS, wall_seconds=0.5, cpu_seconds=1, packages=())
# Warm workers of both isolations are counted too, shared pages each time.
MAX_BYTES = LIMITS.memory_bytes + 384 * 1024**2
WATCHED = {"memory", "crowd", "listens"}


@dataclass(frozen=True)
class Verdict:
    """What was seen of one program: the oracles that fired, and a failure kind or "clip"."""

    fired: frozenset[str]
    kind: str
    executions: tuple[Execution, ...]


@contextmanager
def open_folder() -> Iterator[Path]:
    """A folder that every user can reach; pytest closes its own folders to others."""
    folder = Path(tempfile.mkdtemp(prefix="earmark-ground-"))
    try:
        yield folder
    finally:
        shutil.rmtree(folder)


def judged(hostile: Hostile, sandbox: Sandbox, *, results: Path) -> Verdict:
    """Run the program, and the one after it if any, and look at all that it could have harmed."""
    executions = []
    with open_folder() as folder, ground(folder, sandbox.limits) as target:
        watch = Watch(target.free_port) if hostile.oracle in WATCHED else None
        with alone([hostile]), watch or nullcontext():
            started = time.monotonic()
            for number, text in enumerate(
                text for text in (hostile.source, hostile.following) if text is not None
            ):
                executions.append(
                    _run(target.filled(text), sandbox, results / f"{hostile.name}-{number}")
                )
            seconds = time.monotonic() - started
        settle()
        fired = target.evidence(executions, seconds=seconds)
    if watch is not None:
        fired |= watch.fired(max_bytes=MAX_BYTES)
    if hostile.oracle == "forged" and executions[0].exit_code != 7:
        fired.add("forged")
    return Verdict(
        frozenset(fired), kind_of(executions[0], limits=sandbox.limits), tuple(executions)
    )


def kind_of(execution: Execution, *, limits: Limits) -> str:
    """The failure kind that an attempt would carry, or "clip"."""
    try:
        check_execution(execution, limits=limits)
        read_result(execution, limits=limits)
    except StageError as error:
        return error.failure.kind
    return "clip"


def _run(text: str, sandbox: Sandbox, folder: Path) -> Execution:
    folder.mkdir(parents=True, exist_ok=True)
    return sandbox.execute(Program(text), folder=folder)


def alone(wanted: Iterable[Hostile]) -> AbstractContextManager[object]:
    """One memory attack on this machine at a time: files in memory are counted machine-wide."""
    return (
        FileLock(f"/tmp/earmark-tests-memory-{os.getuid()}.lock")
        if any(one.oracle == "memory" for one in wanted)
        else nullcontext()
    )
