"""The other end of a worker: sends one program, keeps its streams within bounds, ends it at its limits.

In: the worker's socket and source bytes. Out: Outcome. It trusts nothing that a program can write: streams are read without waiting for
their end, the clock is this process's own, a result is taken only when the program is dead. Lost says that the worker died or hung.
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

from earmark.sandbox.inside import wire

# A program may print more than is kept, which is cut; this many times more is a flood, which ends it.
FLOOD_FACTOR = 16
GRACE_SECONDS = 5.0
POLL_SECONDS = 0.05


class Lost(Exception):
    """The worker is gone or does not answer: replace it."""


@dataclass
class Outcome:
    """How one program ended, before anybody has judged it. `result` is an open descriptor, the caller's to close."""

    status: int = 0
    cut: str | None = None  # timeout, output or memory, when it was we who ended it
    streams: tuple[str, str] = ("", "")
    seconds: float = 0.0
    cpu_seconds: float = 0.0
    peak_bytes: int = 0
    found: str = "missing"
    result: int | None = None


@dataclass
class _Stream:
    descriptor: int
    max_bytes: int
    head: bytearray = field(default_factory=bytearray)
    tail: bytearray = field(default_factory=bytearray)
    seen: int = 0
    ended: bool = False

    def drain(self) -> None:
        """Take what is there, at most what a flood may be."""
        while not self.ended and self.seen <= self.max_bytes * FLOOD_FACTOR:
            try:
                data = os.read(self.descriptor, 65536)
            except BlockingIOError:
                return
            self.ended = not data
            self._keep(data)

    def _keep(self, data: bytes) -> None:
        """The first half of what may be kept, and the last half, where a traceback is."""
        self.seen += len(data)
        room = self.max_bytes // 2 - len(self.head)
        self.head += data[: max(0, room)]
        self.tail += data[max(0, room) :]
        del self.tail[: -(self.max_bytes - self.max_bytes // 2)]

    def text(self) -> str:
        """What was kept, with the cut marked where something is missing."""
        cut = self.seen - len(self.head) - len(self.tail)
        mark = f"\n[... {cut} bytes cut by the sandbox ...]\n".encode() if cut else b""
        return bytes(self.head + mark + self.tail).decode("utf-8", "replace")


class Supervised:
    """One program under way."""

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
        """Send, watch, gather. Raises Lost."""
        started = time.monotonic()
        with contextlib.ExitStack() as stack:
            stack.callback(self._let_go)
            self._send(source, processes)
            try:
                self._watch(started + wall_seconds)
            except BaseException:
                if self.outcome.result is not None:
                    os.close(self.outcome.result)
                raise
            for stream in self.streams:
                stream.drain()
        self.outcome.seconds = time.monotonic() - started
        self.outcome.streams = (self.streams[0].text(), self.streams[1].text())
        return self.outcome

    def _send(self, source: bytes, processes: int) -> None:
        memory = os.memfd_create("program")
        ends = [os.pipe(), os.pipe()]
        try:
            os.write(memory, source)
            for reading, _ in ends:
                os.set_blocking(reading, False)
                self.streams.append(_Stream(reading, self.output_bytes))
            wire.send_order(
                self.control, {"processes": processes}, [memory, ends[0][1], ends[1][1]]
            )
        except wire.Closed as error:
            raise Lost(str(error)) from error
        finally:
            for descriptor in (memory, ends[0][1], ends[1][1]):
                os.close(descriptor)

    def _watch(self, deadline: float) -> None:
        with selectors.DefaultSelector() as preflight:
            preflight.register(self.control, selectors.EVENT_READ, None)
            for stream in self.streams:
                preflight.register(stream.descriptor, selectors.EVENT_READ, stream)
            while not self.done:
                left = deadline - time.monotonic()
                if left <= 0:
                    self._end("timeout")
                    deadline = time.monotonic() + GRACE_SECONDS
                self._turn(
                    preflight, min(max(left, 0.0), POLL_SECONDS if self.over_quota else left)
                )

    def _turn(self, preflight: selectors.BaseSelector, seconds: float) -> None:
        for key, _ in preflight.select(seconds):
            if key.data is None:
                self._hear()
            else:
                key.data.drain()
                if key.data.ended:
                    preflight.unregister(key.fd)
                elif key.data.seen > self.output_bytes * FLOOD_FACTOR:
                    preflight.unregister(key.fd)
                    self._end("output")
        if not self.done and self.over_quota and self.outcome.cut is None and self.over_quota():
            self._end("memory")

    def _hear(self) -> None:
        try:
            message, descriptors = wire.receive_report(self.control)
        except wire.Closed as error:
            raise Lost(f"the worker ended while a program ran ({error})") from error
        if "started" in message:
            self.handle = descriptors[0]
            return
        self._finish(message, descriptors)

    def _finish(self, message: dict[str, Any], descriptors: list[int]) -> None:
        self.done = True
        self.outcome.status, self.outcome.found = message["done"], message["found"]
        self.outcome.cpu_seconds, self.outcome.peak_bytes = (
            message["cpu_seconds"],
            message["peak_bytes"],
        )
        self.outcome.result = descriptors[0] if descriptors else None

    def _end(self, cut: str) -> None:
        """Kill the program; the second time it is the worker that hangs."""
        if self.handle is None or (cut == "timeout" and self.expired):
            raise Lost("the worker does not answer")
        self.expired = cut == "timeout"
        self.outcome.cut = self.outcome.cut or cut
        with contextlib.suppress(ProcessLookupError):
            signal.pidfd_send_signal(self.handle, signal.SIGKILL)

    def _let_go(self) -> None:
        for descriptor in [stream.descriptor for stream in self.streams] + (
            [] if self.handle is None else [self.handle]
        ):
            os.close(descriptor)
