"""Which batches are under way, on disk: a process that is killed must never submit one twice.

    CASSETTE/.batches/NAME.json   an Entry

An entry is written before anything is sent, again with the id of the uploaded file, and again with
that of the batch. After the end it is kept, without the requests, as the record of what the batch
cost: another process may have to settle that.
"""

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from earmark.errors import HarnessError
from earmark.identity import completion_key, digest
from earmark.records import Request, dump, load
from earmark.storage.atomic import read_json, write_json
from earmark.storage.locks import locked

FOLDER = ".batches"
HINT = "delete it to ask its requests anew, which pays for them again"


@dataclass(frozen=True, slots=True)
class Entry:
    """One batch: what it asks under which keys, the most it may cost, and how far it got.

    `name` is that of its file and of what a ledger holds for it; `file` and `batch` are the
    provider's ids of the uploaded requests and of the batch. `cost_usd` is None until it has ended,
    and where the price of an answer is unknown.
    """

    name: str
    identity: Mapping[str, Any]
    requests: Mapping[str, Request]
    max_usd: float | None = None
    file: str | None = None
    batch: str | None = None
    ended: bool = False
    cost_usd: float | None = None


@dataclass(frozen=True, slots=True)
class BatchJournal:
    """The entries next to a cassette's answers."""

    cassette: Path

    def entries(self, identity: Mapping[str, Any]) -> list[Entry]:
        """The batches of one model, by name. HarnessError names a damaged file."""
        paths = sorted((self.cassette / FOLDER).glob("*.json"))
        return [entry for entry in map(_load, paths) if dict(entry.identity) == dict(identity)]

    def save(self, entry: Entry) -> None:
        """Write an entry whole; it is on the disk when this returns."""
        write_json(self.path(entry), dump(entry))

    def drop(self, entry: Entry) -> None:
        """Forget a batch of which nothing reached the provider."""
        self.path(entry).unlink(missing_ok=True)

    def path(self, entry: Entry) -> Path:
        """The file of an entry, for messages."""
        return self.cassette / FOLDER / f"{entry.name}.json"

    def pending(self, key: str) -> Entry | None:
        """The batch under way that asks for this key."""
        for path in (self.cassette / FOLDER).glob("*.json"):
            entry = _load(path)
            if not entry.ended and key in entry.requests:
                return entry
        return None

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Keep other processes from submitting or collecting meanwhile; a killed one holds none.

        Raises:
            HarnessError: the file system has no locks.
        """
        with locked(self.cassette / FOLDER / "lock"):
            yield


def entry_of(
    identity: Mapping[str, Any], requests: Sequence[Request], max_usd: float | None
) -> Entry:
    """A batch that is about to be submitted."""
    keyed = {completion_key(identity, request): request for request in requests}
    # Sent once more after it has expired, the same batch is another one.
    name = digest([sorted(keyed), time.time_ns()])[:16]
    return Entry(name, dict(identity), keyed, max_usd)


def _load(path: Path) -> Entry:
    try:
        entry = load(Entry, read_json(path, hint=HINT))
    except (TypeError, ValueError, ValidationError) as error:
        raise HarnessError(f"{path}: must hold a batch of this version; {HINT}") from error
    keys = {completion_key(entry.identity, request) for request in entry.requests.values()}
    if keys != set(entry.requests) or entry.name != path.stem:
        raise HarnessError(f"{path}: holds requests under other names than theirs; {HINT}")
    known = [usd for usd in (entry.cost_usd, entry.max_usd) if usd is not None]
    if any(usd < 0 for usd in known):  # a budget would grow by it
        raise HarnessError(f"{path}: a cost must be at least 0; {HINT}")
    return entry
