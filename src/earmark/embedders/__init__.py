"""Embedders turn clips and captions into vectors; scoring them is the metrics' task.

Rows are float32, in the order of the arguments, and a row is the same alone and in any batch.
An embedder raises MetricUnavailable when its weights cannot be loaded, and EmbeddingError or
AudioError for a clip that it cannot embed.
"""

from collections.abc import Sequence
from typing import Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from earmark.errors import EarmarkError
from earmark.records import Clip

Rows = NDArray[np.float32]


class EmbeddingError(EarmarkError):
    """A clip that this embedder cannot embed; metrics record the reason in `unscored`."""


class AudioEmbedder(Protocol):
    """Features of clips, for distances between sets."""

    @property
    def name(self) -> str:
        """The name its numbers carry. A stand-in never carries the name clap."""

    @property
    def id(self) -> str:
        """Pipeline id: checkpoint hash, rate, window, hop, short-clip and level rule.

        Values with different ids are never compared.
        """

    @property
    def standin(self) -> bool:
        """True when its numbers must be labelled as a stand-in's."""

    def embed_features(self, clips: Sequence[Clip]) -> Rows:
        """(n, k) float32: one row per clip."""


@runtime_checkable
class JointSpace(Protocol):
    """The ability to embed clips and captions in one space."""

    def embed_audio(self, clips: Sequence[Clip]) -> Rows:
        """(n, d) float32 unit rows."""

    def embed_text(self, captions: Sequence[str]) -> Rows:
        """(m, d) float32 unit rows."""


class Embedder(AudioEmbedder, JointSpace, Protocol):
    """An embedder that can compare a clip with a caption."""


@runtime_checkable
class Framed(Protocol):
    """The ability to embed the windows of a clip one by one, for distances of single clips."""

    def embed_frames(self, clip: Clip) -> Rows:
        """(p, k) float32: one row per window, in the space of `embed_features`."""


@runtime_checkable
class ContentIdentified(Protocol):
    """The ability to say which bytes rows are made from, so that what was checked is not again."""

    def content_id(self) -> str | None:
        """A digest of every weight and table behind a row; None where that is not all.

        Versions of libraries and earmark's own code need not be in it.
        """


@runtime_checkable
class Preloadable(Protocol):
    """The ability to read the weights before they are needed."""

    def load(self) -> object:
        """Read the weights now. Raises MetricUnavailable when they cannot be had."""
