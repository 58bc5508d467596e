"""A pool of workers that is a Sandbox, whatever isolates them.

In: Programs, from any number of threads. Out: Executions. A worker runs one program at a time; it is replaced when it was lost, when it
hung, and after a number of programs. What isolates is said by a subclass, in `arrange`.
"""

import os
import queue
import shutil
import signal
import threading
from dataclasses import asdict, replace
from functools import cache
from pathlib import Path
from typing import Any, cast

from earmark.errors import SandboxUnavailable
from earmark.records import Ended, Execution, Found, Isolation, Limits, Program
from earmark.sandbox.inside.confine import landlock_abi
from earmark.sandbox.inside.filter import template
from earmark.sandbox.inside.supervise import Lost, Outcome
from earmark.sandbox.limits import settled
from earmark.sandbox.runtime import Runtime
from earmark.sandbox.selftest import require_holding
from earmark.sandbox.worker import Arrangement, Keeper, Serving, Worker

WARM = ("numpy", "numpy.random", "scipy.signal", "scipy.io.wavfile", "wave")
FIRST_UID = 61500  # as root: a user per worker, from a range that nobody's account is in


class Workers:
    """Shared by the isolations of this machine. Nothing is started before the first program, and nothing runs before the self-test."""

    isolation: Isolation
    landlock = (
        "where offered"  # or "required", where nothing else stands before the files of the host
    )

    def __init__(
        self,
        *,
        limits: Limits,
        workers: int | None = None,
        warm: bool = True,
        recycle_after: int = 500,
        name: str = "",
    ) -> None:
        self.limits, self.warm, self.name = settled(limits), warm, name
        self.recycle_after = recycle_after if warm else 1
        self.count = workers or cores()
        self._idle: queue.LifoQueue[int] = queue.LifoQueue()
        for slot in range(self.count):
            self._idle.put(slot)
        self._workers: dict[int, Serving] = {}
        self._starting = threading.RLock()
        self._runtime: Runtime | None = None
        self._keeper: Keeper | None = None
        self._trusted = False

    def check(self) -> None:
        """Start one worker, self-test included; SandboxUnavailable when that cannot be."""
        slot = self._idle.get()
        try:
            self._worker(slot)
        finally:
            self._idle.put(slot)

    def ground(self, runtime: Runtime) -> dict[str, Any] | None:
        """What all workers are shown of the files of the host, for stage.lay; None to leave the mounts as they are."""
        del runtime  # of use to those who have something to show
        return None

    def arrange(self, runtime: Runtime, slot: int) -> Arrangement:
        """How the worker of one slot is started and isolated."""
        raise NotImplementedError

    def run(self, program: Program, *, folder: Path) -> Execution:
        """Run to the end or a limit; a regular result file is copied to folder/out.wav after the program is dead.

        Raises:
            SandboxUnavailable: no worker starts here, or an escape that must fail did not.
        """
        slot = self._idle.get()
        try:
            outcome = self._outcome(slot, program.source.encode("utf-8", "surrogatepass"))
        finally:
            self._idle.put(slot)
        return _execution(outcome, self.limits, self.isolation, folder)

    def _outcome(self, slot: int, source: bytes) -> Outcome:
        for _ in range(
            2
        ):  # a worker may be killed from outside; twice in a row it is the program's doing
            worker = self._worker(slot)
            try:
                outcome = worker.run(source)
            except Lost:
                self._retire(slot)
                continue
            if worker.programs >= self.recycle_after:
                worker.end()
            return outcome
        return Outcome(status=signal.SIGKILL)

    def _worker(self, slot: int) -> Serving:
        worker = self._workers.get(slot)
        if worker is not None and worker.programs >= self.recycle_after:
            self._retire(slot)
            worker = None
        if worker is None:
            worker = self._workers[slot] = self._start(slot)
        return worker

    def _start(self, slot: int) -> Serving:
        with self._starting:
            runtime = self._runtime = self._runtime or Runtime()
            if not self._trusted:
                self._test(runtime, slot)
        return self.opened(runtime, slot, warm=True)

    def opened(self, runtime: Runtime, slot: int, *, warm: bool) -> Serving:
        """A new worker of one slot, without imports unless `warm`."""
        with self._starting:
            keeper = self._keeper = self._keeper or Keeper(runtime.inside, self.ground(runtime))
        arranged = self.arrange(runtime, slot)
        return Worker(
            keeper,
            arranged if warm else replace(arranged, settings={**arranged.settings, "preload": []}),
            self.limits,
        )

    def _test(self, runtime: Runtime, slot: int) -> None:
        """Before anything else runs: a worker of its own, without imports, tries to escape."""
        worker = self.opened(runtime, slot, warm=False)
        try:
            require_holding(worker, self.isolation, runtime.path)
            self._trusted = True
        finally:
            worker.kill()

    def _retire(self, slot: int) -> None:
        if worker := self._workers.pop(slot, None):
            worker.kill()

    def settings(self, *, scratch: str, site: str, inside: str, read: list[str]) -> dict[str, Any]:
        """What a worker is told at its start."""
        preload = [
            name
            for name in WARM
            if self.warm and (name == "wave" or name.split(".")[0] in self.limits.packages)
        ]
        told = {
            "limits": asdict(self.limits),
            "preload": preload,
            "confine": True,
            "landlock": self.landlock,
            "filter": program_filter(),
        }
        return {**told, "scratch": scratch, "site": site, "inside": inside, "read": read}

    def close(self) -> None:
        """Leave no process, mount or scratch folder behind; safe to call twice."""
        for slot in list(self._workers):
            self._retire(slot)
        with self._starting:
            if self._keeper is not None:
                self._keeper.close()
            if self._runtime is not None:
                self._runtime.close()
            self._keeper = self._runtime = None

    def __enter__(self) -> "Workers":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __del__(self) -> None:
        try:
            self.close()
        except (
            Exception
        ):  # at the interpreter's end anything may be gone; the keeper's socket closes anyway
            return


def cores() -> int:
    """Processors this process may use."""
    return (
        len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    )  # not on macOS


@cache
def program_filter() -> bytes:
    """The filter of this machine's programs."""
    return template(os.uname().machine, landlock=landlock_abi())


def _execution(outcome: Outcome, limits: Limits, isolation: Isolation, folder: Path) -> Execution:
    ended, code = _ended(outcome, limits)
    wav, found = _kept(outcome, limits, folder)
    return Execution(
        ended=ended,
        exit_code=code,
        stdout=outcome.streams[0],
        stderr=outcome.streams[1],
        seconds=outcome.seconds,
        cpu_seconds=outcome.cpu_seconds,
        peak_bytes=outcome.peak_bytes,
        isolation=isolation,
        found=found,
        wav=wav,
    )


def _ended(outcome: Outcome, limits: Limits) -> tuple[Ended, int | None]:
    if outcome.cut is not None:
        return cast(Ended, outcome.cut), None
    if os.WIFEXITED(outcome.status):
        return "exit", os.WEXITSTATUS(outcome.status)
    number = os.WTERMSIG(outcome.status)
    spent = outcome.cpu_seconds >= limits.cpu_seconds
    kinds: dict[int, Ended] = {
        signal.SIGSYS: "refused",
        signal.SIGXCPU: "cpu",
        signal.SIGKILL: "cpu" if spent else "signal",
    }
    return kinds.get(number, "signal"), -number


def _kept(outcome: Outcome, limits: Limits, folder: Path) -> tuple[str | None, Found]:
    """Copy the result, plain bytes without its mode, under a temporary name; then rename."""
    if outcome.result is None:
        return None, cast(Found, outcome.found)
    kept, temporary = (
        folder / "out.wav",
        folder / f".out.wav.{os.getpid()}.{os.urandom(4).hex()}.tmp",
    )
    with os.fdopen(outcome.result, "rb") as result:
        if os.fstat(result.fileno()).st_size > limits.file_bytes:
            return None, "too_large"
        folder.mkdir(parents=True, exist_ok=True)
        try:
            with temporary.open("xb") as stream:
                shutil.copyfileobj(result, stream, 1024 * 1024)
            temporary.replace(kept)
        except OSError as error:
            temporary.unlink(missing_ok=True)
            raise SandboxUnavailable(
                f"{kept}: cannot be written ({error.strerror}); make room or permit writing, then start again"
            ) from error
    return str(kept), "file"
