"""Embeddings on disk: the same sound is embedded by the same pipeline only once.

    FOLDER/PIPELINE/AB/ABCD….audio.npy     unit row of the clip with that sha256
    FOLDER/PIPELINE/AB/ABCD….features.npy
    FOLDER/PIPELINE/AB/ABCD….text.npy      unit row of the caption with that sha256

Each file is written whole or not at all, so that processes can share a folder. A file that cannot
be read is computed again. Nothing is ever evicted: a row takes 2 to 8 KB.
"""

import hashlib
import io
from collections.abc import Callable, Sequence
from functools import cached_property
from pathlib import Path
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from earmark.embedders import AudioEmbedder, JointSpace, Rows
from earmark.errors import ConfigError
from earmark.identity import digest
from earmark.records import Clip
from earmark.storage.atomic import write_bytes

T = TypeVar("T", Clip, str)
Row = NDArray[np.float32]


class Cached:
    """An embedder whose rows are kept on disk. Name, id and rows are those of the embedder."""

    def __init__(self, embedder: AudioEmbedder, folder: str) -> None:
        self.embedder, self.folder = embedder, Path(folder)

    @property
    def name(self) -> str:
        """The embedder's."""
        return self.embedder.name

    @property
    def id(self) -> str:
        """The embedder's: a cache changes no number."""
        return self.embedder.id

    @property
    def standin(self) -> bool:
        """The embedder's."""
        return self.embedder.standin

    def embed_audio(self, clips: Sequence[Clip]) -> Rows:
        """As the embedder's."""
        return self._rows(clips, _clip_key, "audio", self._joint_space.embed_audio)

    def embed_features(self, clips: Sequence[Clip]) -> Rows:
        """As the embedder's."""
        return self._rows(clips, _clip_key, "features", self.embedder.embed_features)

    def embed_text(self, captions: Sequence[str]) -> Rows:
        """As the embedder's."""
        return self._rows(captions, _caption_key, "text", self._joint_space.embed_text)

    @cached_property
    def _joint_space(self) -> JointSpace:
        if not isinstance(self.embedder, JointSpace):
            raise ConfigError(no_captions(self.embedder))
        return self.embedder

    def _rows(
        self,
        items: Sequence[T],
        key: Callable[[T], str],
        kind: str,
        embed: Callable[[Sequence[T]], Rows],
    ) -> Rows:
        if not items:
            return embed(items)
        folder = self.folder / digest(self.id)[:16]
        paths = [folder / key(item)[:2] / f"{key(item)}.{kind}.npy" for item in items]
        rows = {path: _read(path) for path in paths}
        missing = {
            path: item for path, item in zip(paths, items, strict=True) if rows[path] is None
        }
        if missing:
            for path, row in zip(missing, embed(list(missing.values())), strict=True):
                write_bytes(path, npy(row))
                rows[path] = row
        return np.stack([row for path in paths if (row := rows[path]) is not None])


def no_captions(embedder: AudioEmbedder) -> str:
    """The message for an embedder of sets where captions must be embedded."""
    hint = f"set embedder=clap, and fad_embedder={embedder.name} for distances between sets"
    return f"embedder {embedder.name}: must embed captions, but it embeds audio only; {hint}"


def npy(array: NDArray[np.float32]) -> bytes:
    """The array as the bytes of a .npy file."""
    stream = io.BytesIO()
    np.save(stream, array)
    return stream.getvalue()


def _read(path: Path) -> Row | None:
    try:
        row: Row = np.load(path, allow_pickle=False)
    except (OSError, ValueError, EOFError):  # absent or torn: it is computed again
        return None
    return row


def _clip_key(clip: Clip) -> str:
    return clip.sha256


def _caption_key(caption: str) -> str:
    return hashlib.sha256(caption.encode()).hexdigest()
