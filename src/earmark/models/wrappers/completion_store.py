"""A folder of recorded completions that many processes write and read.

    FOLDER/KK/KEY.json           an answer
    FOLDER/KK/KEY.refused.json   so named (refused, empty, truncated) by how the provider ended it
    FOLDER/KK/KEY.error.json     the last error of a call that brought no answer; never served

KEY is identity.completion_key(model identity, request), KK its first two digits.

An entry holds request and answer, so that it proves its own key. The name of a file is only for
people who want to delete a kind of answer, to have it asked anew: no text is parsed before it is
stored.
"""

import os
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from earmark.errors import HarnessError
from earmark.identity import completion_key
from earmark.records import LENGTH_REASONS, REFUSED_REASONS, Completion, Json, Request, dump, load
from earmark.storage.atomic import TEMPORARY, read_json, reserved, tidy, write_json
from earmark.storage.locks import lock_exclusively

RESERVED_BYTES = 2**18  # the longest answers and their requests take half of it
KINDS = ("", ".refused", ".empty", ".truncated")


@dataclass(frozen=True, slots=True)
class CompletionStore:
    """A folder of entries."""

    folder: Path

    def find(self, key: str) -> Completion | None:
        """The recorded completion, or None. HarnessError names a file that is corrupt."""
        for kind in KINDS:
            path = self._path(key, kind)
            if path.exists():  # a folder of that name too: it is an error before anything is paid
                return load_entry(read_json(path), key, where=str(path))
        return None

    def reserved(self, key: str) -> AbstractContextManager[Path]:
        """Disk space for an answer that is about to be paid for. HarnessError where the disk is
        full.
        """
        return reserved(self._path(key, ""), RESERVED_BYTES)

    def keep(
        self,
        key: str,
        identity: Mapping[str, Any],
        request: Request,
        completion: Completion,
        *,
        space: Path | None = None,
    ) -> None:
        """Write an answer whole, into its reserved `space`; it is on the disk when this returns."""
        entry = {
            "identity": dict(identity),
            "request": dump(request),
            "completion": dump(completion),
        }
        write_json(self._path(key, _kind(completion)), entry, space=space)

    def keep_error(self, key: str, request: Request, error: Exception) -> None:
        """Write why no answer came, over an earlier error of the same key."""
        evidence = {"error": type(error).__name__, "message": str(error), "request": dump(request)}
        write_json(self._path(key, ".error"), evidence)

    def error(self, key: str) -> str | None:
        """The last reason why a call brought no answer, or None."""
        path = self._path(key, ".error")
        return str(read_json(path).get("message")) if path.is_file() else None

    def entries(self) -> Iterator[Path]:
        """The files of all recorded answers, by key."""
        for path in sorted(self.folder.glob("[0-9a-f][0-9a-f]/*.json")):
            if not path.name.startswith(".") and not path.name.endswith(".error.json"):
                yield path

    def keys(self) -> frozenset[str]:
        """The keys of all recorded answers."""
        return frozenset(path.name.partition(".")[0] for path in self.entries())

    def answers_of(self, identity: Mapping[str, Any]) -> Iterator[Completion]:
        """The answers of one model, by key. HarnessError names a file that is corrupt."""
        for path in self.entries():
            entry = read_json(path)
            if entry.get("identity") == dict(identity):
                yield load_entry(entry, path.name[:64], where=str(path))

    def tidy(self) -> None:
        """Remove files that killed writers left half written."""
        tidy(self.folder.glob(f"[0-9a-f][0-9a-f]/{TEMPORARY}"))

    @contextmanager
    def locked(self, key: str) -> Iterator[None]:
        """Keep other threads and processes from asking for `key` meanwhile; a killed process holds
        no lock.
        """
        path = self._path(key).with_suffix(".lock")
        path.parent.mkdir(parents=True, exist_ok=True)
        lock = _lock(path)
        try:
            yield
        finally:
            path.unlink(missing_ok=True)
            os.close(lock)

    def _path(self, key: str, kind: str = "") -> Path:
        return self.folder / key[:2] / f"{key}{kind}.json"


def load_entry(entry: Json, key: str, *, where: str) -> Completion:
    """The completion of an entry. HarnessError when there is none in it, or it answers another
    request than its name says.
    """
    try:
        own_key = completion_key(entry["identity"], load(Request, entry["request"]))
        completion = load(Completion, entry["completion"])
    except (KeyError, TypeError, ValueError, ValidationError) as error:
        raise HarnessError(
            f"{where}: must hold a completion of this version; delete it to ask anew"
        ) from error
    if own_key != key:
        raise HarnessError(
            f"{where}: holds the entry of key {own_key[:16]}…, not of its name; "
            "delete it to ask anew"
        )
    return completion


def _kind(completion: Completion) -> str:
    """How the provider ended the answer, as a part of the file's name."""
    if completion.finish_reason.lower() in REFUSED_REASONS:
        return ".refused"
    if completion.finish_reason.lower() in LENGTH_REASONS:
        return ".truncated"
    return "" if completion.text.strip() else ".empty"


def _lock(path: Path) -> int:
    while True:
        lock = os.open(path, os.O_CREAT | os.O_RDWR, 0o644)
        try:
            lock_exclusively(lock, path)
            if os.path.samestat(os.fstat(lock), path.stat()):
                return lock
        except FileNotFoundError:
            pass  # the last holder removed the file after it was opened here: lock the new one
        except HarnessError:
            os.close(lock)
            raise
        os.close(lock)
