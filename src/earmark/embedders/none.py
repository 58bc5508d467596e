"""The null embedder: runs a sweep on a machine without weights; every score is left unscored."""

from collections.abc import Sequence
from typing import NoReturn

from earmark.embedders import EmbeddingError, Rows
from earmark.records import Clip


class NoEmbedder:
    """Embeds nothing and says so."""

    standin = False

    def __init__(self, *, name: str = "none") -> None:
        self.name = name

    @property
    def id(self) -> str:
        """Pipeline id."""
        return self.name

    def embed_audio(self, clips: Sequence[Clip]) -> Rows:
        """Always EmbeddingError."""
        return self._refuse(clips)

    def embed_text(self, captions: Sequence[str]) -> Rows:
        """Always EmbeddingError."""
        return self._refuse(captions)

    def embed_features(self, clips: Sequence[Clip]) -> Rows:
        """Always EmbeddingError."""
        return self._refuse(clips)

    def _refuse(self, _: object) -> NoReturn:
        hint = "earmark rescore SWEEP --embedder NAME scores the same clips later"
        raise EmbeddingError(f"embedder={self.name} embeds nothing; {hint}")
