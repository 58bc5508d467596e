"""A pool of workers that is a Sandbox, whatever isolates them.

A worker runs one program at a time. It has imported what programs named so far, and is replaced
when one names more, when it was lost, when it hung, and after a number of programs: it imports
nothing once a program has run on it. A subclass decides in `worker_spec` what isolates a worker.
"""

import os
import queue
import shutil
import signal
import threading
from collections.abc import Sequence
from dataclasses import asdict, replace
from functools import cache
from itertools import chain
from pathlib import Path
from typing import Any, cast

from earmark.audio import riff
from earmark.errors import SandboxUnavailable, printable
from earmark.records import End, Execution, Isolation, Limits, Program, ResultKind
from earmark.sandbox.folder import SandboxFolder
from earmark.sandbox.inside import filter
from earmark.sandbox.inside.confine import landlock_abi
from earmark.sandbox.inside.supervisor import Outcome, WorkerLost
from earmark.sandbox.limits import validate_limits
from earmark.sandbox.selftest import run_self_test
from earmark.sandbox.worker import LocalWorker, Spawner, Worker, WorkerSpec
from earmark.storage.atomic import temporary_path

# What programs import of the packages that prompts propose, by the words that a program has to name
# them by. scipy.signal brings most of scipy, and takes a second.
PRELOADED: dict[tuple[str, ...], tuple[str, ...]] = {
    ("numpy",): ("numpy", "numpy.fft", "numpy.polynomial", "numpy.random"),
    ("scipy", "signal"): ("scipy.signal",),
    ("scipy", "wavfile"): ("scipy.io.wavfile",),
    ("soundfile",): ("soundfile",),
    ("wave",): ("wave",),
}
# The kernel checks the limit in ticks and reports run time. On a busy machine a program that used
# up its ticks was reported with less than nine tenths of them.
MIN_PART_OF_CPU_LIMIT = 0.5
FIRST_UID = 61500  # as root: a user per worker, from a range that holds no accounts


class WorkerPool:
    """What the isolations of this machine share.

    Nothing is started before the first program, and no program runs before the self-test.
    """

    isolation: Isolation
    # "required" where nothing but Landlock stands between a program and the files of the host.
    landlock = "where offered"

    def __init__(
        self,
        *,
        limits: Limits,
        workers: int | None = None,
        warm: bool = True,
        recycle_after: int = 500,
        name: str = "",
    ) -> None:
        self.limits, self.warm, self.name = validate_limits(limits), warm, name
        self.recycle_after = recycle_after if warm else 1
        self.count = workers or available_cores()
        self._idle: queue.LifoQueue[int] = queue.LifoQueue()
        for slot in range(self.count):
            self._idle.put(slot)
        self._workers: dict[int, Worker] = {}
        self._named: frozenset[str] = frozenset()  # what programs have imported so far
        self._starting = threading.RLock()
        self._folder: SandboxFolder | None = None
        self._spawner: Spawner | None = None
        self._trusted = False

    def check(self) -> None:
        """Run the self-test, once. Raises SandboxUnavailable when it fails or no worker starts."""
        slot = self._idle.get()
        try:
            self._opened(slot)
        finally:
            self._idle.put(slot)

    def view(self, folder: SandboxFolder) -> dict[str, Any] | None:
        """What workers see of the host's files, for mounts.show_paths; None mounts nothing."""
        del folder  # for subclasses that have something to show
        return None

    def worker_spec(self, folder: SandboxFolder, slot: int) -> WorkerSpec:
        """How the worker of one slot is started and isolated."""
        raise NotImplementedError

    def execute(self, program: Program, *, folder: Path) -> Execution:
        """Run a program to its end or to a limit.

        A regular result file is copied to folder/out.wav once the program is dead.

        Raises:
            SandboxUnavailable: no worker starts here, or the self-test failed.
        """
        slot = self._idle.get()
        try:
            outcome = self._run_on(slot, program.source.encode("utf-8", "surrogatepass"))
        finally:
            self._idle.put(slot)
        return _execution(outcome, self.limits, self.isolation, folder)

    def _run_on(self, slot: int, source: bytes) -> Outcome:
        # Worker and program may be killed from outside, as the kernel does where memory is short;
        # when that happens twice in a row, the program did it.
        for last in (False, True):
            worker = self._worker(slot, self._modules(source))
            try:
                outcome = worker.run(source)
            except WorkerLost:
                self._retire(slot)
                continue
            if worker.programs >= self.recycle_after:
                worker.end()
            if last or _end(outcome, self.limits) != ("signal", -signal.SIGKILL):
                return outcome
            if outcome.descriptor is not None:
                os.close(outcome.descriptor)
        return Outcome(status=signal.SIGKILL)

    def _worker(self, slot: int, modules: frozenset[str]) -> Worker:
        """The worker of a slot, for a program that imports these."""
        self._named |= modules  # the other workers will need them too
        worker = self._workers.get(slot)
        if worker is not None and (
            worker.programs >= self.recycle_after or not modules <= set(worker.preloaded)
        ):
            self._retire(slot)
            worker = None
        if worker is None:
            folder = self._opened(slot)
            worker = self._workers[slot] = self.start_worker(folder, slot, self._preload(modules))
        return worker

    def _opened(self, slot: int) -> SandboxFolder:
        """The folder of all workers, and the self-test behind us."""
        with self._starting:
            folder = self._folder = self._folder or SandboxFolder()
            if not self._trusted:
                self._self_test(folder, slot)
        return folder

    def start_worker(self, folder: SandboxFolder, slot: int, preload: Sequence[str] = ()) -> Worker:
        """A new worker of one slot, which imports `preload` before its first program."""
        with self._starting:
            if self._spawner is None:
                self._spawner = Spawner(folder.inside, self.view(folder))
            spawner = self._spawner
        spec = self.worker_spec(folder, slot)
        spec = replace(spec, settings={**spec.settings, "preload": list(preload)})
        return LocalWorker(spawner, spec, self.limits)

    def _self_test(self, folder: SandboxFolder, slot: int) -> None:
        """Run the self-test on a worker of its own, which has imported nothing."""
        worker = self.start_worker(folder, slot)
        try:
            run_self_test(worker, self.isolation, folder.path)
            self._trusted = True
        finally:
            worker.kill()

    def _retire(self, slot: int) -> None:
        if worker := self._workers.pop(slot, None):
            worker.kill()

    def settings(
        self, *, own: list[str], site: str, inside: str, read: list[str]
    ) -> dict[str, Any]:
        """The set-up message of a worker; a program starts in the first folder of `own`."""
        return {
            "limits": asdict(self.limits),
            "preload": [],
            "confine": True,
            "landlock": self.landlock,
            "filter": filter_template(),
            "own": own,
            "site": site,
            "inside": inside,
            "read": read,
        }

    def _modules(self, source: bytes) -> frozenset[str]:
        """What is preloaded for a program: the listed modules that it names."""
        if not self.warm:
            return frozenset()
        listed, named = {"wave", *self.limits.packages}, set[str]()
        for words, modules in PRELOADED.items():
            in_source = all(word.encode() in source for word in words)
            if in_source and words[0] in listed:
                named.update(modules)
        return frozenset(named)

    def _preload(self, modules: frozenset[str]) -> list[str]:
        """These and what earlier programs named, in the order in which they are imported."""
        wanted = self._named | modules  # another slot may just have replaced what is kept
        return [module for module in chain(*PRELOADED.values()) if module in wanted]

    def close(self) -> None:
        """Leave no process, mount or scratch folder behind; safe to call twice."""
        for slot in list(self._workers):
            self._retire(slot)
        with self._starting:
            if self._spawner is not None:
                self._spawner.close()
            if self._folder is not None:
                self._folder.close()
            self._spawner = self._folder = None

    def __enter__(self) -> "WorkerPool":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __del__(self) -> None:
        try:
            self.close()
        except Exception:  # noqa: BLE001  # at exit anything may be gone; the socket closes anyway
            return


def available_cores() -> int:
    """How many processors this process may use."""
    if hasattr(os, "sched_getaffinity"):  # not on macOS
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


@cache
def filter_template() -> bytes:
    """The seccomp filter of programs on this machine."""
    return filter.build(os.uname().machine, landlock=landlock_abi())


def _execution(outcome: Outcome, limits: Limits, isolation: Isolation, folder: Path) -> Execution:
    end, code = _end(outcome, limits)
    wav, result = _keep_result(outcome, limits, folder)
    return Execution(
        end=end,
        exit_code=code,
        stdout=outcome.streams[0],
        stderr=outcome.streams[1],
        seconds=outcome.seconds,
        cpu_seconds=outcome.cpu_seconds,
        peak_bytes=outcome.peak_bytes,
        isolation=isolation,
        result=result,
        wav=wav,
        other_files=tuple(printable(name) for name in outcome.files),
    )


def _end(outcome: Outcome, limits: Limits) -> tuple[End, int | None]:
    if outcome.cut is not None:
        return cast(End, outcome.cut), None
    if os.WIFEXITED(outcome.status):
        return "exit", os.WEXITSTATUS(outcome.status)
    number = os.WTERMSIG(outcome.status)
    # A program may send itself any signal: only one whose time is used up was ended by the limit.
    used_up = outcome.cpu_seconds >= limits.cpu_seconds * MIN_PART_OF_CPU_LIMIT
    by_limit = used_up and number in (signal.SIGXCPU, signal.SIGKILL)
    return ("cpu" if by_limit else "signal"), -number


def _keep_result(outcome: Outcome, limits: Limits, folder: Path) -> tuple[str | None, ResultKind]:
    """Copy the result's bytes, not its mode, under a temporary name; then rename."""
    if outcome.descriptor is None:
        return None, cast(ResultKind, outcome.result)
    kept = folder / "out.wav"
    temporary = temporary_path(kept)
    with os.fdopen(outcome.descriptor, "rb") as result:
        size = os.fstat(result.fileno()).st_size
        if size > limits.file_bytes:
            return None, "too_large"
        if riff.other_bytes(result.fileno(), size) > riff.MAX_OTHER_BYTES:
            return None, "padded"  # not copied: what is not sound would fill the disk run by run
        folder.mkdir(parents=True, exist_ok=True)
        try:
            with temporary.open("xb") as stream:
                shutil.copyfileobj(result, stream, 1024 * 1024)
            temporary.replace(kept)
        except OSError as error:
            temporary.unlink(missing_ok=True)
            raise SandboxUnavailable(
                f"{kept}: cannot be written ({error.strerror}); "
                "make room or permit writing, then start again"
            ) from error
    return str(kept), "file"
