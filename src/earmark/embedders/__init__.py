"""The seam of hearing: clips and captions -> vectors.

In: Clips, captions. Out: float32 rows in the order given, the same for a clip alone or in any batch. An embedder does not
score: see metrics. It raises MetricUnavailable when its weights cannot be loaded, and names what to set instead; EmbeddingError or AudioError
for a clip that it cannot hear.
"""

from collections.abc import Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from earmark.errors import EarmarkError
from earmark.records import Clip

Rows = NDArray[np.float32]


class EmbeddingError(EarmarkError):
    """A clip that this embedder cannot embed, and why: the metrics put it into `unscored`; other clips are not concerned."""


class AudioEmbedder(Protocol):
    """What hears a set: features for FAD and its kin."""

    @property
    def name(self) -> str:
        """The name its numbers carry; a stand-in never carries the name clap."""

    @property
    def id(self) -> str:
        """Pipeline id: checkpoint hash, rate, window, hop, short-clip rule, level rule. Values with different ids never meet."""

    @property
    def standin(self) -> bool:
        """True when its numbers must be labelled as a stand-in's."""

    def embed_features(self, clips: Sequence[Clip]) -> Rows:
        """(n, k) float32: one row per clip, for distances between sets."""


class Embedder(AudioEmbedder, Protocol):
    """What hears a clip against a caption, in one joint space."""

    def embed_audio(self, clips: Sequence[Clip]) -> Rows:
        """(n, d) float32, unit rows in the joint space."""

    def embed_text(self, captions: Sequence[str]) -> Rows:
        """(m, d) float32, unit rows in the joint space."""
