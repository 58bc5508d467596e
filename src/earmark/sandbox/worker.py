"""A worker as the harness holds it, and the keeper that starts it.

In: an Arrangement. Out: Outcomes. SandboxUnavailable says that a worker would not start; supervise.Lost that one was lost on the way.
"""

import contextlib
import os
import select
import signal
import subprocess
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from earmark.errors import SandboxUnavailable
from earmark.records import Limits
from earmark.sandbox import interpreter
from earmark.sandbox.inside import wire
from earmark.sandbox.inside.supervise import Outcome, Supervised

START_SECONDS, END_SECONDS = 30.0, 5.0
CONTROL = 3  # the number of a worker's socket in the worker


@dataclass(frozen=True)
class Arrangement:
    """How one worker is started: by which command, seen as whom, on what stage, with what settings.

    `binds_itself`: the command ties its life to the keeper's, and must not be tied before. bubblewrap's inner process waits for ever for an
    outer one that is killed between making it and waking it (its issue 633); without the keeper it ends with the worker's socket.
    """

    argv: list[str]
    env: dict[str, str]
    settings: dict[str, Any]
    scratch: Path
    stage: dict[str, Any] | None = None
    uid: int | None = None
    processes: int = 64
    over_quota: Callable[[], bool] | None = None
    binds_itself: bool = False


class Serving(Protocol):
    """What runs programs one at a time, however the harness reaches it."""

    limits: Limits
    programs: int

    def run(self, source: bytes) -> Outcome:
        """Run one program. Raises supervise.Lost, after which it is of no use."""

    def end(self) -> None:
        """Begin to end it."""

    def kill(self) -> None:
        """End it, and wait for its end; safe to call twice."""


class Keeper:
    """Starts workers, and takes them along when it ends."""

    def __init__(self, inside: Path, ground: dict[str, Any] | None = None) -> None:
        self._orders, theirs = wire.pair()
        self._lock = threading.Lock()
        command = [
            interpreter.executable(),
            "-S",
            "-s",
            "-P",
            "-B",
            "-m",
            "earmark.sandbox.inside.keeper",
            str(theirs.fileno()),
        ]
        with theirs:
            self._process = subprocess.Popen(
                command,
                env={"PYTHONPATH": str(inside)},
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                cwd="/",
                start_new_session=True,
            )
        wire.send_order(self._orders, ground or {})

    def start(self, arrangement: Arrangement, descriptors: list[int]) -> int | None:
        """A pidfd of the worker's first process; None when it ended at once."""
        order = {
            name: getattr(arrangement, name)
            for name in ("argv", "env", "stage", "uid", "binds_itself")
        }
        try:
            with self._lock:
                wire.send_order(self._orders, order, descriptors)
                _, handle = wire.receive_report(self._orders)
        except wire.Closed as error:
            raise SandboxUnavailable("the sandbox's keeper is gone; start again") from error
        return handle[0] if handle else None

    def close(self) -> None:
        """End it; safe to call twice."""
        self._orders.close()
        try:
            self._process.wait(5)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


class Worker:
    """One worker, alive until killed or lost."""

    def __init__(self, keeper: Keeper, arrangement: Arrangement, limits: Limits) -> None:
        self.arrangement, self.limits, self.programs, self.started = arrangement, limits, 0, False
        self.control, theirs = wire.pair()
        self.errors, said = os.pipe()
        self.handle: int | None = None
        try:
            with theirs:
                self.handle = keeper.start(arrangement, [theirs.fileno(), said])
            os.close(said)
            said = -1
            self.landlock = self._ready()
            self.started = True
        except BaseException:
            if said >= 0:
                os.close(said)
            self.kill()
            raise

    def _ready(self) -> int:
        try:
            wire.send_order(self.control, self.arrangement.settings)
            self.control.settimeout(START_SECONDS)
            message, _ = wire.receive_report(self.control)
            self.control.settimeout(None)
        except (wire.Closed, TimeoutError) as error:
            reason = self._said() or "it said nothing"
            raise SandboxUnavailable(
                f"a sandbox worker did not start: {reason}; `earmark doctor` says what works here"
            ) from error
        return int(message["landlock"])

    def _said(self) -> str:
        os.set_blocking(self.errors, False)
        with contextlib.suppress(BlockingIOError):
            select.select([self.errors], [], [], 0.5)
            return " / ".join(
                os.read(self.errors, 65536).decode(errors="replace").strip().splitlines()[-3:]
            )
        return ""

    def run(self, source: bytes) -> Outcome:
        """Run one program. Raises supervise.Lost, after which the worker is of no use."""
        self.programs += 1
        watched = Supervised(
            self.control,
            output_bytes=self.limits.output_bytes,
            over_quota=self.arrangement.over_quota,
        )
        return watched.run(
            source, wall_seconds=self.limits.wall_seconds, processes=self.arrangement.processes
        )

    def end(self) -> None:
        """Begin to end it with everything below it; whoever needs it gone calls kill."""
        self.control.close()
        if (
            self.handle is not None and not self.started
        ):  # see Arrangement: it ends with the socket, unless it hangs
            select.select([self.handle], [], [], END_SECONDS)
        if self.handle is not None:
            with contextlib.suppress(ProcessLookupError):
                signal.pidfd_send_signal(self.handle, signal.SIGKILL)

    def _outlive(self) -> None:
        """Wait until nobody inside holds the error stream: the first process is gone before those that its end takes along."""
        end = time.monotonic() + END_SECONDS
        while select.select([self.errors], [], [], max(0.0, end - time.monotonic()))[0]:
            if not os.read(self.errors, 65536):
                return

    def kill(self) -> None:
        """End it with everything below it, and wait for its end; safe to call twice."""
        self.end()
        if self.handle is not None:
            select.select([self.handle], [], [], END_SECONDS)
            os.close(self.handle)
            self.handle = None
            self._outlive()
        if self.errors >= 0:
            os.close(self.errors)
            self.errors = -1
