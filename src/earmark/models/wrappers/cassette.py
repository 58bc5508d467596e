"""A Model whose every completion is on disk before anything reads it, and is served from there ever
after.

What was received is never paid for again, refusals and truncations included: they are this model's
answer to this request. Processes may share a folder: one asks, the others wait and read.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Protocol

from earmark import models
from earmark.errors import ConfigError, ModelUnavailable
from earmark.identity import completion_key
from earmark.models import CallFailed, Model
from earmark.models.wrappers.batch_journal import BatchJournal
from earmark.models.wrappers.cassette_archive import CassetteArchive
from earmark.models.wrappers.completion_store import CompletionStore
from earmark.records import Completion, Request, Sampling


class Recording(Protocol):
    """A folder of completions, or a packed file."""

    def find(self, key: str) -> Completion | None:
        """The recorded completion, or None. HarnessError names what is corrupt."""

    def keys(self) -> frozenset[str]:
        """The keys of all that is recorded."""


class Cassette:
    """Records a model in `folder`. With `replay` the model is never asked and needs no key: a gap
    is ModelUnavailable.
    """

    def __init__(self, model: Model, folder: str | Path, *, replay: bool = False) -> None:
        self._model = model
        self.folder = Path(folder)
        self._replay = replay
        self._store = CompletionStore(self.folder)
        self._recording: Recording = _open_recording(self.folder) if replay else self._store

    @property
    def identity(self) -> Mapping[str, Any]:
        """That of the model: a recorded answer is the model's."""
        return self._model.identity

    def preflight(self, sampling: Sampling | None = None) -> None:
        """Let the model check what it needs; a replay needs nothing.

        A server that is gone is no obstacle where answers of its model are recorded: they may be
        all that is wanted.
        """
        if self._replay:
            return
        try:
            models.preflight(self._model, sampling)
        except CallFailed as failure:
            if not failure.unreachable or next(self.answers(), None) is None:
                raise

    def key(self, request: Request) -> str:
        """What an answer to this request is recorded under."""
        return completion_key(self.identity, request)

    def recorded(self, request: Request) -> Completion | None:
        """The recorded completion of a request, or None, as `find`."""
        return self.find(self.key(request))

    def find(self, key: str) -> Completion | None:
        """The recorded completion of a key, or None; no call is made. HarnessError names a corrupt
        file.
        """
        return self._recording.find(key)

    def keys(self) -> frozenset[str]:
        """The keys of all that is recorded, of whatever model."""
        return self._recording.keys()

    def answers(self) -> Iterator[Completion]:
        """Every recorded answer of this model; nothing for a replay. HarnessError names a corrupt
        file.
        """
        return iter(()) if self._replay else self._store.answers_of(self.identity)

    def complete(self, request: Request) -> Completion:
        """The recorded completion, else a new one, recorded.

        Raises:
            HarnessError: a corrupt file, by name; and what the model raises.
        """
        key = self.key(request)
        if (completion := self._recording.find(key)) is not None:
            return completion
        if self._replay:
            raise self._gap(key, request)
        with self._store.locked(key):
            # Another thread or process may have asked while this one waited for the lock.
            completion = self._store.find(key)
            return self._record(key, request) if completion is None else completion

    def close(self) -> None:
        """Close the model."""
        self._model.close()

    def _record(self, key: str, request: Request) -> Completion:
        with self._store.reserved(key) as space:
            self._refuse_pending(key)
            try:
                completion = self._model.complete(request)
            except ModelUnavailable as error:
                self._store.keep_error(key, request, error)
                raise
            self._store.keep(key, self.identity, request, completion, space=space)
        return completion

    def _refuse_pending(self, key: str) -> None:
        """Refuse to ask what a batch already asks: it would be paid twice."""
        journal = BatchJournal(self.folder)
        if (entry := journal.pending(key)) is not None:
            rule = f"is asked already, by the batch {entry.batch or entry.name}"
            hint = (
                f"a line with asking=batch waits for it; to ask anew, delete {journal.path(entry)}"
            )
            raise ModelUnavailable(f"model '{self.identity.get('name')}': this {rule}; {hint}")

    def _gap(self, key: str, request: Request) -> ModelUnavailable:
        what = f"task '{request.task_id}' sample {request.sample} turn {request.turn}"
        hint = "replay with the options it was recorded with, or run without replay to ask for it"
        return ModelUnavailable(
            f"replay of {self.folder}: holds no completion {key} ({what}); {hint}"
        )


def _open_recording(path: Path) -> Recording:
    if path.is_dir():
        return CompletionStore(path)
    if path.is_file():
        return CassetteArchive(path)
    raise ConfigError(
        f"replay={path}: no such file or folder; "
        "give a cassette's folder or a file made by `earmark cassette pack`"
    )
