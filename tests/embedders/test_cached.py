"""Rows on disk: computed once, kept apart by pipeline, healed when torn."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest

from earmark.embedders.cached import Cached
from earmark.embedders.none import NoEmbedder
from earmark.errors import ConfigError, HarnessError
from earmark.records import Clip
from earmark.testing.embedders import EmbedderContract


class Levels:
    """A real, tiny embedder of a clip's levels and a caption's letters, which counts its work."""

    name, standin = "levels", True

    def __init__(self, pipeline: str = "levels 1") -> None:
        self.id, self.embedded = pipeline, 0

    def embed_features(self, clips: Sequence[Clip]) -> Any:
        self.embedded += len(clips)
        return np.array([[c.peak, c.rms, c.seconds] for c in clips], np.float32).reshape(-1, 3)

    def embed_audio(self, clips: Sequence[Clip]) -> Any:
        rows = self.embed_features(clips)
        return rows / np.linalg.norm(rows, axis=1, keepdims=True)

    def embed_text(self, captions: Sequence[str]) -> Any:
        rows = np.array(
            [[len(c), c.count("a") + 1, c.count("e") + 1] for c in captions], np.float32
        ).reshape(-1, 3)
        return rows / np.linalg.norm(rows, axis=1, keepdims=True)


class TestContract(EmbedderContract):
    @pytest.fixture
    def embedder(self, tmp_path):
        return Cached(Levels(), str(tmp_path))


def test_a_clip_is_embedded_once_ever(tmp_path, clips):
    first, second = Levels(), Levels()
    rows = Cached(first, str(tmp_path)).embed_features([*clips, clips[0]])
    again = Cached(second, str(tmp_path)).embed_features([*clips, clips[0]])
    np.testing.assert_array_equal(rows, again)
    assert (first.embedded, second.embedded) == (len(clips), 0)


def test_another_pipeline_never_gets_these_rows(tmp_path, clips):
    Cached(Levels(), str(tmp_path)).embed_features(clips)
    other = Levels("levels 2")
    Cached(other, str(tmp_path)).embed_features(clips)
    assert other.embedded == len(clips)


def test_a_torn_file_is_computed_again(tmp_path, clips):
    rows = Cached(Levels(), str(tmp_path)).embed_features(clips)
    for path in tmp_path.rglob("*.npy"):
        path.write_bytes(path.read_bytes()[:40])
    embedder = Levels()
    np.testing.assert_array_equal(Cached(embedder, str(tmp_path)).embed_features(clips), rows)
    assert embedder.embedded == len(clips)


def test_a_place_that_cannot_be_written_is_named_in_one_line(tmp_path, clips):
    (tmp_path / "full").write_text("a file where a folder should be")
    with pytest.raises(
        HarnessError, match=r"\.npy: cannot be written \(.*\); make room or permit writing"
    ):
        Cached(Levels(), str(tmp_path / "full")).embed_features(clips)


def test_an_embedder_of_sets_says_that_it_reads_no_captions(tmp_path):
    class Sets:
        name, id, standin = "sets", "sets 1", False

        def embed_features(self, clips):
            return np.zeros((len(clips), 2), np.float32)

    with pytest.raises(ConfigError, match=r"sets: must embed captions.*fad_embedder=sets"):
        Cached(Sets(), str(tmp_path)).embed_text(["rain"])


def test_the_null_embedder_says_so_for_every_question(clips):
    from earmark.embedders import EmbeddingError

    for ask in (NoEmbedder().embed_audio, NoEmbedder().embed_features, NoEmbedder().embed_text):
        with pytest.raises(EmbeddingError, match="embedder=none embeds nothing"):
            ask(clips)
