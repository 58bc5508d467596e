"""Embeddings kept by content: the same sound through the same pipeline is computed once, ever.

    FOLDER/PIPELINE/AB/ABCD….audio.npy     unit row of the clip with that sha256
    FOLDER/PIPELINE/AB/ABCD….features.npy
    FOLDER/PIPELINE/AB/ABCD….text.npy      unit row of the caption with that sha256

In: an embedder and a folder. Out: an embedder of the same name, id and rows. Files are written under a temporary name and renamed, so
that many writers do no harm; a file that cannot be read is computed again. It evicts nothing: a row takes 2 to 8 KB.
"""

import hashlib
import io
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar, cast

import numpy as np
from numpy.typing import NDArray

from earmark.embedders import AudioEmbedder, Embedder, Rows
from earmark.errors import ConfigError
from earmark.identity import digest
from earmark.records import Clip
from earmark.storage.atomic import write_bytes

T = TypeVar("T", Clip, str)
Row = NDArray[np.float32]


class Cached:
    """Any embedder, with its rows on disk."""

    def __init__(self, embedder: AudioEmbedder, folder: str) -> None:
        self.embedder, self.folder = embedder, Path(folder)

    @property
    def name(self) -> str:
        """The embedder's."""
        return self.embedder.name

    @property
    def id(self) -> str:
        """The embedder's: keeping rows changes no number."""
        return self.embedder.id

    @property
    def standin(self) -> bool:
        """The embedder's."""
        return self.embedder.standin

    def embed_audio(self, clips: Sequence[Clip]) -> Rows:
        """As the embedder's."""
        return self._rows(clips, lambda clip: clip.sha256, "audio", self._joint().embed_audio)

    def embed_features(self, clips: Sequence[Clip]) -> Rows:
        """As the embedder's."""
        return self._rows(clips, lambda clip: clip.sha256, "features", self.embedder.embed_features)

    def embed_text(self, captions: Sequence[str]) -> Rows:
        """As the embedder's."""
        return self._rows(
            captions,
            lambda caption: hashlib.sha256(caption.encode()).hexdigest(),
            "text",
            self._joint().embed_text,
        )

    def _joint(self) -> Embedder:
        if not hasattr(self.embedder, "embed_text"):
            raise ConfigError(
                f"embedder {self.name}: hears sets only and reads no captions; set embedder=clap, fad_embedder={self.name}"
            )
        return cast(Embedder, self.embedder)

    def _rows(
        self,
        items: Sequence[T],
        key: Callable[[T], str],
        kind: str,
        embed: Callable[[Sequence[T]], Rows],
    ) -> Rows:
        if not items:
            return embed(items)
        place = self.folder / digest(self.id)[:16]
        paths = [place / key(item)[:2] / f"{key(item)}.{kind}.npy" for item in items]
        rows = {path: _kept(path) for path in paths}
        missing = {
            path: item for path, item in zip(paths, items, strict=True) if rows[path] is None
        }
        if missing:
            for path, row in zip(missing, embed(list(missing.values())), strict=True):
                write_bytes(path, npy(row))
                rows[path] = row
        return np.stack([row for path in paths if (row := rows[path]) is not None])


def _kept(path: Path) -> Row | None:
    try:
        row: Row = np.load(path, allow_pickle=False)
    except (OSError, ValueError, EOFError):  # absent or torn: it is computed again
        return None
    return row


def npy(array: NDArray[np.float32]) -> bytes:
    """The array as a .npy file."""
    stream = io.BytesIO()
    np.save(stream, array)
    return stream.getvalue()
