"""What a sweep has spent, in one file shared by its threads and processes.

    LEDGER.json   {"spent_usd": 1.25, "held_usd": {"TOKEN": 0.02, …}}

A reservation that was never settled, because its process was killed, stays held: that call may have
been billed. Disk space to settle is taken with the reservation: a disk that fills up meanwhile must
not come between a paid answer and its place on disk.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from math import fsum, isfinite
from pathlib import Path

from earmark.errors import ConfigError, HarnessError
from earmark.records import Json
from earmark.storage.atomic import read_json, reserved, write_json
from earmark.storage.locks import locked

RESERVED_BYTES = 2**16  # a ledger with a thousand calls under way
RECOUNT_HINT = (
    "restore a copy, or delete it: what was spent so far is then forgotten and counted from 0"
)


class BudgetSpent(HarnessError):
    """The next call might cross the budget; nothing was sent, and every recorded answer is kept."""


@dataclass(frozen=True, slots=True)
class Reservation:
    """Money held for one call: the ledger's token for it, and the disk space to settle it with."""

    token: str
    space: Path


class Ledger:
    """Spends at most `budget_usd`, counted in the file at `path` over all that ever share it."""

    def __init__(self, path: Path, *, budget_usd: float) -> None:
        if not isfinite(budget_usd) or budget_usd <= 0:
            raise ConfigError(
                f"budget_usd must be a number above 0, got {budget_usd}; set null for no limit"
            )
        self._path, self._budget_usd = path, budget_usd

    @property
    def spent_usd(self) -> float:
        """What was spent, and what is held for calls that have not been settled."""
        with self._opened() as page:
            return _sum_usd(page)

    @contextmanager
    def reserved(self, max_usd: float) -> Iterator[Reservation]:
        """Hold `max_usd` for one call, which is to be settled inside; what is not settled stays
        held.

        Raises:
            BudgetSpent: the budget does not hold `max_usd` any more.
            HarnessError: the disk is full, or the ledger is damaged.
        """
        token = os.urandom(8).hex()
        with reserved(self._path, RESERVED_BYTES) as space:
            with self._opened() as page:
                if _sum_usd(page) + max_usd > self._budget_usd:
                    raise self._spent(page, max_usd)
                page["held_usd"][token] = max_usd
                write_json(self._path, page)
            yield Reservation(token, space)

    def settle(self, reservation: Reservation, usd: float) -> None:
        """Charge `usd` in place of what was held. Never raises HarnessError."""
        # The answer matters more than the ledger: if the ledger cannot be written, the money stays
        # held and the next reservation reports the problem.
        with suppress(HarnessError), self._opened() as page:
            page["held_usd"].pop(reservation.token, None)  # the ledger may have been deleted
            page["spent_usd"] += usd
            write_json(self._path, page, space=reservation.space)

    def hold(self, token: str, max_usd: float) -> None:
        """Hold `max_usd` under a name, for as long as it takes; holding it again changes nothing.

        Raises:
            BudgetSpent: the budget does not hold `max_usd` any more.
            HarnessError: the disk is full, or the ledger is damaged.
        """
        with self._opened() as page:
            if token in page["held_usd"]:
                return
            if _sum_usd(page) + max_usd > self._budget_usd:
                raise self._spent(page, max_usd, what="the next batch")
            page["held_usd"][token] = max_usd
            write_json(self._path, page)

    def settle_held(self, token: str, usd: float) -> None:
        """Charge `usd` in place of what is held under this name, once."""
        with self._opened() as page:
            if page["held_usd"].pop(token, None) is not None:
                page["spent_usd"] += usd
                write_json(self._path, page)

    def _spent(self, page: Json, max_usd: float, what: str = "the next call") -> BudgetSpent:
        held = fsum(page["held_usd"].values())
        used = f"{page['spent_usd']:.4f} USD are spent and {held:.4f} held for calls under way"
        hint = "raise it and start the same line again: every recorded answer is kept"
        return BudgetSpent(
            f"budget_usd={self._budget_usd:g}: {used}, and {what} may cost {max_usd:.4f}; {hint}"
        )

    @contextmanager
    def _opened(self) -> Iterator[Json]:
        """The ledger's content, under a lock that other processes respect."""
        # A file of its own: the ledger is replaced at each write, so it cannot carry the lock.
        with locked(self._path.with_suffix(".lock")):
            yield self._page()

    def _page(self) -> Json:
        if not self._path.is_file():
            return {"spent_usd": 0.0, "held_usd": {}}
        page = read_json(self._path, hint=RECOUNT_HINT)
        spent, held = page.get("spent_usd"), page.get("held_usd")
        if not isinstance(held, dict) or not all(map(_is_usd, [spent, *held.values()])):
            raise HarnessError(f"{self._path}: must hold spent_usd and held_usd; {RECOUNT_HINT}")
        return page


def _is_usd(value: object) -> bool:
    return isinstance(value, float | int) and value >= 0


def _sum_usd(page: Json) -> float:
    return fsum([page["spent_usd"], *page["held_usd"].values()])
