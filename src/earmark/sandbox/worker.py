"""A worker as the harness holds it, and the spawner that starts it."""

import contextlib
import os
import select
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from earmark.errors import SandboxUnavailable
from earmark.records import Limits
from earmark.sandbox import interpreter
from earmark.sandbox.inside import sockets
from earmark.sandbox.inside.supervisor import Outcome, Supervisor

START_SECONDS, END_SECONDS = 30.0, 5.0
CONTROL = 3  # the number of a worker's socket in the worker


@dataclass(frozen=True)
class WorkerSpec:
    """How one worker is started.

    `watch_quota`: called when a program starts; gives the question to poll, where no quota is
    enforced.

    `binds_itself`: the command ties its life to the spawner's, and must not be tied before. The
    inner process of bubblewrap waits for ever for an outer one that is killed between making it
    and waking it (its issue 633); without the spawner it ends with the worker's socket.
    """

    argv: list[str]
    env: dict[str, str]
    settings: dict[str, Any]
    scratch: Path
    scratch_mount: dict[str, Any] | None = None
    uid: int | None = None
    processes: int = 64
    watch_quota: Callable[[], Callable[[], bool]] | None = None
    binds_itself: bool = False


def scratch_mount(
    folder: Path, *, uid: int | None, limits: Limits, subfolders: tuple[str, ...] = ()
) -> dict[str, Any]:
    """For mounts.mount_scratch: a quota on a scratch folder and its subfolders."""
    return {
        "scratch": str(folder),
        "uid": uid,
        "bytes": limits.scratch_bytes,
        "inodes": limits.scratch_inodes,
        "subfolders": list(subfolders),
    }


class Worker(Protocol):
    """Runs programs one at a time, however the harness reaches it."""

    limits: Limits
    programs: int  # that it has run
    preloaded: Sequence[str]  # modules

    def run(self, source: bytes) -> Outcome:
        """Run one program. Raises WorkerLost, after which the worker is of no use."""

    def end(self) -> None:
        """Begin to end it."""

    def kill(self) -> None:
        """End it, and wait for its end; safe to call twice."""


class Spawner:
    """Starts workers, which end when it does."""

    def __init__(self, inside: Path, view: dict[str, Any] | None = None) -> None:
        self._orders, theirs = sockets.pair()
        self._lock = threading.Lock()
        module = "earmark.sandbox.inside.spawner"
        python = [interpreter.executable(), "-S", "-s", "-P", "-B"]
        with theirs:
            self._process = subprocess.Popen(
                [*python, "-m", module, str(theirs.fileno())],
                env={"PYTHONPATH": str(inside)},
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                cwd="/",
                start_new_session=True,
            )
        sockets.send_order(self._orders, view or {})

    def start(self, spec: WorkerSpec, descriptors: list[int]) -> int | None:
        """Start a worker; a pidfd of its first process, or None when that ended at once."""
        names = ("argv", "env", "scratch_mount", "uid", "binds_itself")
        order = {name: getattr(spec, name) for name in names}
        try:
            with self._lock:
                sockets.send_order(self._orders, order, descriptors)
                _, handle = sockets.receive_report(self._orders)
        except sockets.Closed as error:
            raise SandboxUnavailable("the sandbox's spawner is gone; start again") from error
        return handle[0] if handle else None

    def close(self) -> None:
        """End it; safe to call twice."""
        self._orders.close()
        try:
            self._process.wait(5)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


class LocalWorker:
    """A worker on this machine, alive until it is killed or lost."""

    def __init__(self, spawner: Spawner, spec: WorkerSpec, limits: Limits) -> None:
        self.spec, self.limits, self.programs, self.started = spec, limits, 0, False
        self.preloaded: Sequence[str] = spec.settings["preload"]
        self.control, theirs = sockets.pair()
        self.errors, error_end = os.pipe()
        self.handle: int | None = None
        try:
            with theirs:
                self.handle = spawner.start(spec, [theirs.fileno(), error_end])
            os.close(error_end)
            error_end = -1
            self.landlock = self._wait_until_ready()
            self.started = True
        except BaseException:
            if error_end >= 0:
                os.close(error_end)
            self.kill()
            raise

    def _wait_until_ready(self) -> int:
        try:
            sockets.send_order(self.control, self.spec.settings)
            self.control.settimeout(START_SECONDS)
            message, _ = sockets.receive_report(self.control)
            self.control.settimeout(None)
        except (sockets.Closed, TimeoutError) as error:
            reason = self._last_errors() or "it printed nothing"
            raise SandboxUnavailable(
                f"a sandbox worker did not start: {reason}; run `earmark doctor` to see what works"
            ) from error
        return int(message["landlock"])

    def _last_errors(self) -> str:
        os.set_blocking(self.errors, False)
        with contextlib.suppress(BlockingIOError):
            select.select([self.errors], [], [], 0.5)
            text = os.read(self.errors, 65536).decode(errors="replace")
            return " / ".join(text.strip().splitlines()[-3:])
        return ""

    def run(self, source: bytes) -> Outcome:
        """Run one program. Raises WorkerLost, after which the worker is of no use."""
        self.programs += 1
        watch_quota = self.spec.watch_quota
        supervisor = Supervisor(
            self.control,
            output_bytes=self.limits.output_bytes,
            over_quota=watch_quota() if watch_quota else None,
        )
        return supervisor.run(
            source, wall_seconds=self.limits.wall_seconds, processes=self.spec.processes
        )

    def end(self) -> None:
        """Begin to end it with everything below it; call kill to wait until it is gone."""
        self.control.close()
        if self.handle is None:
            return
        if not self.started:  # see WorkerSpec: it ends with the socket, unless it hangs
            select.select([self.handle], [], [], END_SECONDS)
        with contextlib.suppress(ProcessLookupError):
            signal.pidfd_send_signal(self.handle, signal.SIGKILL)

    def kill(self) -> None:
        """End it with everything below it, and wait for its end; safe to call twice."""
        self.end()
        if self.handle is not None:
            select.select([self.handle], [], [], END_SECONDS)
            os.close(self.handle)
            self.handle = None
            self._wait_for_descendants()
        if self.errors >= 0:
            os.close(self.errors)
            self.errors = -1

    def _wait_for_descendants(self) -> None:
        """Wait until no process inside holds the error stream.

        The first process of a worker is gone before those that end because it did.
        """
        deadline = time.monotonic() + END_SECONDS
        while select.select([self.errors], [], [], max(0.0, deadline - time.monotonic()))[0]:
            if not os.read(self.errors, 65536):
                return
