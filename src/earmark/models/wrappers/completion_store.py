"""Where recorded completions lie: a folder that many processes write and read.

    FOLDER/KK/KEY.json             an answer; KEY is identity.completion_key(model identity, request), KK its first two digits
    FOLDER/KK/KEY.refused.json     so named (refused, empty, truncated): an answer that is a failure by answers.failure_of
    FOLDER/KK/KEY.error.json       the last error of a call that brought no answer: evidence, never served

In: keys and entries. Out: the other. An entry holds question and answer, so that it proves its own key. Nobody is asked here.
"""

import fcntl
import os
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from earmark.errors import HarnessError
from earmark.extract.answers import failure_of
from earmark.identity import completion_key
from earmark.records import Completion, Json, Request, dump, load
from earmark.storage.folders import TEMPORARY, read_json, reserved, tidy, write_json

ROOM_BYTES = 2**18  # the longest answers and their questions take half of it
KINDS = ("", ".refused", ".empty", ".truncated")


@dataclass(frozen=True, slots=True)
class CompletionStore:
    """A folder of entries."""

    folder: Path

    def find(self, key: str) -> Completion | None:
        """The recorded completion, or None. HarnessError names a file that is corrupt."""
        for kind in KINDS:
            if (
                path := self._place(key, kind)
            ).exists():  # also what is no file: it is named before anything is asked
                return completion_of(read_json(path), key, where=str(path))
        return None

    def reserved(self, key: str) -> AbstractContextManager[Path]:
        """Room for an answer that is about to be paid for. HarnessError where the disk is full."""
        return reserved(self._place(key, ""), ROOM_BYTES)

    def keep(
        self,
        key: str,
        identity: Mapping[str, Any],
        request: Request,
        completion: Completion,
        *,
        place: Path | None = None,
    ) -> None:
        """Write an answer whole, into its reserved `place`; it is on the disk when this returns."""
        failure = failure_of(completion)
        kind = "" if failure is None else f".{failure.kind}"
        entry = {
            "identity": dict(identity),
            "request": dump(request),
            "completion": dump(completion),
        }
        write_json(self._place(key, kind), entry, place=place)

    def keep_error(self, key: str, request: Request, error: Exception) -> None:
        """Write why no answer came; an earlier error of the same key gives way."""
        evidence = {"error": type(error).__name__, "message": str(error), "request": dump(request)}
        write_json(self._place(key, ".error"), evidence)

    def entries(self) -> Iterator[Path]:
        """The files of all recorded answers, by key."""
        found = self.folder.glob("[0-9a-f][0-9a-f]/*.json")
        return iter(
            sorted(
                path
                for path in found
                if not path.name.startswith(".") and not path.name.endswith(".error.json")
            )
        )

    def answers_of(self, identity: Mapping[str, Any]) -> Iterator[Completion]:
        """The answers of one model, by key. HarnessError names a file that is corrupt."""
        for path in self.entries():
            entry = read_json(path)
            if entry.get("identity") == dict(identity):
                yield completion_of(entry, path.name[:64], where=str(path))

    def tidy(self) -> None:
        """Remove what killed writers left half written."""
        tidy(self.folder.glob(f"[0-9a-f][0-9a-f]/{TEMPORARY}"))

    @contextmanager
    def locked(self, key: str) -> Iterator[None]:
        """Keep all other threads and processes from asking for `key` meanwhile; a killed holder holds nothing."""
        path = self._place(key).with_suffix(".lock")
        path.parent.mkdir(parents=True, exist_ok=True)
        lock = _lock(path)
        try:
            yield
        finally:
            path.unlink(missing_ok=True)
            os.close(lock)

    def _place(self, key: str, kind: str = "") -> Path:
        return self.folder / key[:2] / f"{key}{kind}.json"


def completion_of(entry: Json, key: str, *, where: str) -> Completion:
    """The completion of an entry. HarnessError when it is none, or answers another question than its name says."""
    try:
        found = completion_key(entry["identity"], load(Request, entry["request"]))
        completion = load(Completion, entry["completion"])
    except (KeyError, TypeError, ValueError, ValidationError) as error:
        raise HarnessError(
            f"{where}: is no completion of this version; delete it to ask again"
        ) from error
    if found != key:
        raise HarnessError(
            f"{where}: holds the entry of key {found[:16]}…, not of its name; delete it to ask again"
        )
    return completion


def _lock(path: Path) -> int:
    while True:
        lock = os.open(path, os.O_CREAT | os.O_RDWR, 0o644)
        fcntl.flock(lock, fcntl.LOCK_EX)
        try:
            if os.path.samestat(os.fstat(lock), path.stat()):
                return lock
        except FileNotFoundError:
            pass  # the holder before us removed the file after we had opened it: what we hold is nobody's lock any more
        os.close(lock)
