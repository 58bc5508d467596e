"""What a sweep has spent, on disk, shared by its threads and processes.

    LEDGER.json   {"spent_usd": 1.25, "held_usd": {"TOKEN": 0.02, …}}

In: the most a call can cost, before it; what it did cost, after. Out: permission, or BudgetSpent. A hold that was never settled, because
its process was killed, stays held: that call may have been billed. Room to settle is taken with the hold: a disk that fills up meanwhile
must not come between a paid answer and whoever keeps it. Nothing is asked here.
"""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from math import fsum, isfinite
from pathlib import Path

from earmark.errors import ConfigError, HarnessError
from earmark.models.optional import Charge
from earmark.records import Json
from earmark.storage.folders import read_json, reserved, write_json

ROOM_BYTES = 2**16  # a page with a thousand calls under way
COUNT_AGAIN = "put back a copy, or delete it: what was spent so far is then forgotten and the budget counted from 0"


class BudgetSpent(HarnessError):
    """The next call might cross the budget; nothing was asked, and what was received is kept."""


class Ledger:
    """Spends at most `budget_usd`, counted in the file at `path` over all that ever share it."""

    def __init__(self, path: Path, *, budget_usd: float) -> None:
        if not isfinite(budget_usd) or budget_usd <= 0:
            raise ConfigError(
                f"budget_usd must be a number above 0, got {budget_usd}; leave it null for no limit"
            )
        self._path, self._budget_usd = path, budget_usd

    @property
    def spent_usd(self) -> float:
        """What was spent, and what calls hold that have not reported."""
        with self._opened() as page:
            return _sum_usd(page)

    @contextmanager
    def hold(self, max_usd: float) -> Iterator[Charge]:
        """Reserve `max_usd`, and spend what the Charge says at the end: the whole of it unless it was lowered.

        Raises BudgetSpent; HarnessError where the disk is full.
        """
        token = os.urandom(8).hex()
        charge = Charge(max_usd)
        with reserved(self._path, ROOM_BYTES) as place:
            self._reserve(token, max_usd)
            try:
                yield charge
            finally:
                with suppress(
                    HarnessError
                ):  # the answer goes first: the call stays held, and the next one says what is wrong
                    self._settle(token, charge.usd, place)

    def _reserve(self, token: str, max_usd: float) -> None:
        with self._opened() as page:
            if _sum_usd(page) + max_usd > self._budget_usd:
                raise self._spent(page, max_usd)
            page["held_usd"][token] = max_usd
            write_json(self._path, page)

    def _settle(self, token: str, usd: float, place: Path) -> None:
        with self._opened() as page:
            page["held_usd"].pop(token, None)  # the page may have been deleted meanwhile
            page["spent_usd"] += usd
            write_json(self._path, page, place=place)

    def _spent(self, page: Json, max_usd: float) -> BudgetSpent:
        held = fsum(page["held_usd"].values())
        used = f"{page['spent_usd']:.4f} USD are spent and {held:.4f} held by calls that have not reported"
        hint = "raise it and start the same line again: what was received is kept"
        return BudgetSpent(
            f"budget_usd={self._budget_usd:g}: {used}, and the next call may cost {max_usd:.4f}; {hint}"
        )

    @contextmanager
    def _opened(self) -> Iterator[Json]:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        # Never removed: the page itself is replaced at each writing, so it cannot carry the lock.
        lock = os.open(self._path.with_suffix(".lock"), os.O_CREAT | os.O_RDWR, 0o644)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield self._page()
        finally:
            os.close(lock)

    def _page(self) -> Json:
        page = (
            read_json(self._path, hint=COUNT_AGAIN)
            if self._path.is_file()
            else {"spent_usd": 0.0, "held_usd": {}}
        )
        held = page.get("held_usd")
        if not isinstance(page.get("spent_usd"), float | int) or not isinstance(held, dict):
            raise HarnessError(f"{self._path}: must hold spent_usd and held_usd; {COUNT_AGAIN}")
        return page


def _sum_usd(page: Json) -> float:
    return fsum([page["spent_usd"], *page["held_usd"].values()])
