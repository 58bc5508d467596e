"""Supervises one program from outside: sends it to a worker, bounds its streams, ends it at a
limit.

Nothing that a program can write is trusted. Its streams are read without waiting for their end,
since a descendant could keep them open for ever; the clock is this process's own; a result is
taken only when the program is dead.
"""

import contextlib
import os
import selectors
import signal
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from earmark.sandbox.inside import sockets

# What is printed beyond `output_bytes` is cut; this many times more is a flood, which ends the
# program.
FLOOD_FACTOR = 16
GRACE_SECONDS = 5.0
POLL_SECONDS = 0.05


class WorkerLost(Exception):
    """The worker is gone or does not answer, and must be replaced."""


@dataclass
class Outcome:
    """How one program ended, not yet judged."""

    status: int = 0
    cut: str | None = None  # timeout, output or memory, when the supervisor ended it
    streams: tuple[str, str] = ("", "")
    seconds: float = 0.0
    cpu_seconds: float = 0.0
    peak_bytes: int = 0
    result: str = "missing"  # one of records.ResultKind
    files: tuple[str, ...] = ()
    descriptor: int | None = None  # of the result; the caller closes it


@dataclass
class _Stream:
    descriptor: int
    max_bytes: int
    head: bytearray = field(default_factory=bytearray)
    tail: bytearray = field(default_factory=bytearray)
    seen: int = 0
    ended: bool = False

    def drain(self) -> None:
        """Read what is there, at most as much as makes a flood."""
        while not self.ended and self.seen <= self.max_bytes * FLOOD_FACTOR:
            try:
                data = os.read(self.descriptor, 65536)
            except BlockingIOError:
                return
            self.ended = not data
            self._keep(data)

    def _keep(self, data: bytes) -> None:
        """Keep the first half of what may be kept, and the last half, where a traceback is."""
        self.seen += len(data)
        room = max(0, self.max_bytes // 2 - len(self.head))
        self.head += data[:room]
        self.tail += data[room:]
        del self.tail[: -(self.max_bytes - self.max_bytes // 2)]

    def text(self) -> str:
        """What was kept, with a mark where something is missing."""
        cut = self.seen - len(self.head) - len(self.tail)
        mark = f"\n[... {cut} bytes cut by the sandbox ...]\n".encode() if cut else b""
        return bytes(self.head + mark + self.tail).decode("utf-8", "replace")


def _stream_pair() -> tuple[int, int]:
    """The ends of a program's output: ours, which does not block, and the program's.

    A socket, because where there is /proc a program could open a pipe again through it, to read.
    """
    ours, theirs = socket.socketpair()
    ours.setblocking(False)
    ours.shutdown(socket.SHUT_WR)  # who reads from it finds the end, and does not wait
    return ours.detach(), theirs.detach()


class Supervisor:
    """Supervises one program on the worker at the other end of `control`.

    Args:
        control: the worker's socket.
        output_bytes: how much of each stream is kept.
        over_quota: whether the scratch folder holds too much; polled, where no quota is enforced.
    """

    def __init__(
        self,
        control: socket.socket,
        *,
        output_bytes: int,
        over_quota: Callable[[], bool] | None = None,
    ) -> None:
        self.control = control
        self.over_quota = over_quota
        self.outcome = Outcome()
        self.handle: int | None = None
        self.done = self.expired = False
        self.output_bytes = output_bytes
        self.streams: list[_Stream] = []

    def run(self, source: bytes, *, wall_seconds: float, processes: int) -> Outcome:
        """Run one program to its end or a limit. Raises WorkerLost."""
        started = time.monotonic()
        with contextlib.ExitStack() as stack:
            stack.callback(self._close_descriptors)
            self._send(source, processes)
            try:
                self._watch(started + wall_seconds)
            except BaseException:
                if self.outcome.descriptor is not None:
                    os.close(self.outcome.descriptor)
                raise
            for stream in self.streams:
                stream.drain()
        self.outcome.seconds = time.monotonic() - started
        self.outcome.streams = (self.streams[0].text(), self.streams[1].text())
        return self.outcome

    def _send(self, source: bytes, processes: int) -> None:
        memory = os.memfd_create("program")
        descriptors = [memory]
        try:
            os.write(memory, source)
            for _ in range(2):
                reading, writing = _stream_pair()
                self.streams.append(_Stream(reading, self.output_bytes))
                descriptors.append(writing)
            sockets.send_order(self.control, {"processes": processes}, descriptors)
        except sockets.Closed as error:
            raise WorkerLost(str(error)) from error
        finally:
            for descriptor in descriptors:
                os.close(descriptor)

    def _watch(self, deadline: float) -> None:
        with selectors.DefaultSelector() as selector:
            selector.register(self.control, selectors.EVENT_READ, None)
            for stream in self.streams:
                selector.register(stream.descriptor, selectors.EVENT_READ, stream)
            while not self.done:
                left = deadline - time.monotonic()
                if left <= 0:
                    self._end_program("timeout")
                    deadline = time.monotonic() + GRACE_SECONDS
                pause = POLL_SECONDS if self.over_quota else left
                self._handle_events(selector, min(max(left, 0.0), pause))

    def _handle_events(self, selector: selectors.BaseSelector, seconds: float) -> None:
        for key, _ in selector.select(seconds):
            if key.data is None:
                self._receive_report()
                continue
            key.data.drain()
            flood = key.data.seen > self.output_bytes * FLOOD_FACTOR
            if key.data.ended or flood:
                selector.unregister(key.fd)
            if flood:
                self._end_program("output")
        if not self.done and self.over_quota and self.outcome.cut is None and self.over_quota():
            self._end_program("memory")

    def _receive_report(self) -> None:
        try:
            message, descriptors = sockets.receive_report(self.control)
        except sockets.Closed as error:
            raise WorkerLost(f"the worker ended while a program ran ({error})") from error
        try:
            if "started" in message:
                self.handle = descriptors[0]
                return
            self.outcome.descriptor = descriptors[0] if descriptors else None
            self._finish(message)
        except (KeyError, IndexError, TypeError, ValueError) as error:
            raise WorkerLost(f"the worker sent what is not a report ({error!r})") from error

    def _finish(self, message: dict[str, Any]) -> None:
        outcome = self.outcome
        outcome.status, outcome.result = int(message["done"]), str(message["result"])
        outcome.cpu_seconds = float(message["cpu_seconds"])
        outcome.peak_bytes = int(message["peak_bytes"])
        names = bytes.fromhex(message["files"]).decode("utf-8", "replace")
        outcome.files = tuple(names.split("\0")) if names else ()
        self.done = True

    def _end_program(self, cut: str) -> None:
        """Kill the program; when its time runs out twice, it is the worker that hangs."""
        if self.handle is None or (cut == "timeout" and self.expired):
            raise WorkerLost("the worker does not answer")
        self.expired = cut == "timeout"
        self.outcome.cut = self.outcome.cut or cut
        with contextlib.suppress(ProcessLookupError):
            signal.pidfd_send_signal(self.handle, signal.SIGKILL)

    def _close_descriptors(self) -> None:
        handle = [] if self.handle is None else [self.handle]
        for descriptor in [stream.descriptor for stream in self.streams] + handle:
            os.close(descriptor)
