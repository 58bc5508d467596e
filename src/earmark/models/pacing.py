"""How many calls may be under way at one provider, and how long to wait before the next try.

The limit rises by one call per round of good answers and halves at each 429, within 1..concurrency;
a Retry-After pauses every caller of that provider.
"""

import random
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

FIRST_WAIT_SECONDS = 0.5
MAX_BACKOFF_SECONDS = 30.0

# A provider that asks for longer than this is down for our purposes: an error now beats a silent
# night.
MAX_WAIT_SECONDS = 300.0


@dataclass(frozen=True, slots=True)
class Pacing:
    """How a provider may be asked.

    provider     calls to one provider share one limiter in this process
    retries      tries after the first
    concurrency  most calls under way at once
    """

    provider: str
    retries: int = 5
    concurrency: int = 8


class Limiter:
    """Adaptive concurrency, shared by all threads that call one provider.

    `down` is True after a caller gave up because no server could be reached, until a call succeeds:
    others then need not wait for it as long.
    """

    def __init__(self, concurrency: int) -> None:
        self._max_limit = concurrency
        self._limit = float(concurrency)
        self._under_way = 0
        self._resume_at = 0.0
        self.down = False
        self._changed = threading.Condition()

    @property
    def limit(self) -> int:
        """Calls that may be under way now."""
        return int(self._limit)

    @contextmanager
    def slot(self) -> Iterator[None]:
        """Wait for a free slot and for the end of a pause; hold the slot while inside."""
        with self._changed:
            while (wait := self._wait_seconds()) is None or wait > 0:
                self._changed.wait(timeout=wait)
            self._under_way += 1
        try:
            yield
        finally:
            with self._changed:
                self._under_way -= 1
                self._changed.notify_all()

    def succeed(self) -> None:
        """Raise the limit a little."""
        with self._changed:
            self.down = False
            self._limit = min(self._limit + 1 / self._limit, self._max_limit)
            self._changed.notify_all()

    def throttle(self, pause_seconds: float) -> None:
        """Halve the limit, and let no call start for `pause_seconds`."""
        with self._changed:
            self._limit = max(self._limit / 2, 1.0)
            self._resume_at = max(self._resume_at, time.monotonic() + pause_seconds)
            self._changed.notify_all()

    def _wait_seconds(self) -> float | None:
        """Seconds until the pause ends; None while no slot is free."""
        if self._under_way >= int(self._limit):
            return None
        return self._resume_at - time.monotonic()


_limiters: dict[tuple[str, int], Limiter] = {}
_limiters_lock = threading.Lock()


def limiter_for(provider: str, concurrency: int) -> Limiter:
    """The limiter of one provider: what one run of this process learned serves the next."""
    with _limiters_lock:
        return _limiters.setdefault((provider, concurrency), Limiter(concurrency))


def backoff_seconds(failures: int) -> float:
    """A random wait below a bound that doubles with each failure: full jitter, so that callers do
    not return in step.
    """
    return random.uniform(0, min(MAX_BACKOFF_SECONDS, FIRST_WAIT_SECONDS * 2**failures))
