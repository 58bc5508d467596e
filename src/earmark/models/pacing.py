"""How many calls may be under way at one provider, and when to try again.

In: what calls report (it went well; too many). Out: permission to call, and waiting times. Limits rise by one call per round of good
answers and halve at each 429, within 1..concurrency; a Retry-After pauses everybody. Nothing is sent from here.
"""

import random
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

FIRST_WAIT_SECONDS = 0.5
LONGEST_BACKOFF_SECONDS = 30.0

# A provider that asks for longer than this is down for our purposes: better to say so than to sleep through the night.
LONGEST_WAIT_SECONDS = 300.0


class Gate:
    """Adaptive concurrency shared by all threads that ask one provider."""

    def __init__(self, concurrency: int) -> None:
        self._most = concurrency
        self._limit = float(concurrency)
        self._in_flight = 0
        self._open_at = 0.0
        self._changed = threading.Condition()

    @property
    def limit(self) -> int:
        """Calls that may be under way now."""
        return int(self._limit)

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Wait for room and for the end of a pause; hold one place while inside."""
        with self._changed:
            while (wait := self._wait_seconds()) is None or wait > 0:
                self._changed.wait(timeout=wait)
            self._in_flight += 1
        try:
            yield
        finally:
            with self._changed:
                self._in_flight -= 1
                self._changed.notify_all()

    def went_well(self) -> None:
        """Raise the limit a little."""
        with self._changed:
            self._limit = min(self._limit + 1 / self._limit, self._most)
            self._changed.notify_all()

    def too_many(self, pause_seconds: float) -> None:
        """Halve the limit, and let nobody start for `pause_seconds`."""
        with self._changed:
            self._limit = max(self._limit / 2, 1.0)
            self._open_at = max(self._open_at, time.monotonic() + pause_seconds)
            self._changed.notify_all()

    def _wait_seconds(self) -> float | None:
        if self._in_flight >= int(self._limit):
            return None
        return self._open_at - time.monotonic()


_gates: dict[tuple[str, int], Gate] = {}
_gates_lock = threading.Lock()


def gate_of(provider: str, concurrency: int) -> Gate:
    """The gate of one provider, shared over runs of this process: what one run learned of the limits serves the next."""
    with _gates_lock:
        return _gates.setdefault((provider, concurrency), Gate(concurrency))


def backoff_seconds(failures: int) -> float:
    """A random wait under a bound that doubles with each failure: full jitter, so that callers do not return in step."""
    return random.uniform(0, min(LONGEST_BACKOFF_SECONDS, FIRST_WAIT_SECONDS * 2**failures))
