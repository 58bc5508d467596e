"""Every completion on disk before anybody reads it, and served from there ever after.

In: a Model and a folder (see shelf for its files); to replay, a folder or a packed file. Out: a Model. A completion is written
whole (temporary name, flushed, renamed) before it is returned. Processes may share a folder: one asks, the others wait and
read. What was received is never asked for again, refusals and truncations included: they were paid, they are this model's
answer to this request, and they come back as the failures they are, by their finish reason. Whoever wants them asked again
deletes `*.refused.json`, `*.empty.json` or `*.truncated.json`. Errors are written down too, and never served.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Protocol

from earmark.errors import ConfigError, ModelUnavailable
from earmark.identity import completion_key
from earmark.models import Model, optional
from earmark.models.wrappers.cassette_archive import CassetteArchive
from earmark.models.wrappers.completion_store import CompletionStore
from earmark.records import Completion, Request, Sampling


class Recorded(Protocol):
    """A folder of completions, or a packed file."""

    def find(self, key: str) -> Completion | None:
        """The recorded completion, or None. HarnessError names what is corrupt."""


class Cassette:
    """Records a model in `folder`. With `replay` the model is never asked and needs no key: a gap is ModelUnavailable."""

    def __init__(self, model: Model, folder: str | Path, *, replay: bool = False) -> None:
        self._model = model
        self._folder = Path(folder)
        self._replay = replay
        self._shelf = CompletionStore(self._folder)
        self._recorded: Recorded = _to_replay(self._folder) if replay else self._shelf

    @property
    def identity(self) -> Mapping[str, Any]:
        """That of the model: a recorded answer is the model's."""
        return self._model.identity

    def preflight(self, sampling: Sampling | None = None) -> None:
        """Say what the model lacks, if anything; nothing when replaying."""
        if not self._replay:
            optional.preflight(self._model, sampling)

    def recorded(self, request: Request) -> Completion | None:
        """The recorded completion of a request, or None; asks nobody. HarnessError names a corrupt file."""
        return self._recorded.find(completion_key(self.identity, request))

    def answers(self) -> Iterator[Completion]:
        """What is recorded of this model, whatever was asked; nothing when replaying. HarnessError names a corrupt file."""
        return iter(()) if self._replay else self._shelf.answers_of(self.identity)

    def complete(self, request: Request) -> Completion:
        """The recorded completion, else a new one, recorded. Raises what the model raises; HarnessError names a corrupt file."""
        key = completion_key(self.identity, request)
        if (found := self._recorded.find(key)) is not None:
            return found
        if self._replay:
            raise self._gap(key, request)
        with self._shelf.locked(key):
            found = self._shelf.find(key)  # somebody may have asked while we waited
            return self._asked(key, request) if found is None else found

    def close(self) -> None:
        """Close the model."""
        self._model.close()

    def _asked(self, key: str, request: Request) -> Completion:
        with self._shelf.reserved(key) as place:
            try:
                completion = self._model.complete(request)
            except ModelUnavailable as error:
                self._shelf.keep_error(key, request, error)
                raise
            self._shelf.keep(key, self.identity, request, completion, place=place)
        return completion

    def _gap(self, key: str, request: Request) -> ModelUnavailable:
        asked = f"task '{request.task_id}' sample {request.sample} turn {request.turn}"
        hint = "replay with the options it was recorded with, or run without replay to ask for it"
        return ModelUnavailable(
            f"replay of {self._folder}: holds no completion {key} ({asked}); {hint}"
        )


def _to_replay(path: Path) -> Recorded:
    if path.is_dir():
        return CompletionStore(path)
    if path.is_file():
        return CassetteArchive(path)
    raise ConfigError(
        f"replay={path}: there is no such file or folder; give a cassette's folder or a file made by `earmark cassette pack`"
    )
