"""Nearness: 1 is as near as recordings are to each other; reasons where it is unscored."""

from pathlib import Path

import numpy as np
import pytest
from scipy.spatial.distance import cdist

from earmark.embedders.none import NoEmbedder
from earmark.errors import ConfigError, MetricUnavailable
from earmark.metrics.nearness import NAME, Nearness, nearness, neighbour_distance
from earmark.references import ReferenceSet
from earmark.references.none import NoReference
from earmark.testing.metrics import ClipMetricContract

from .conftest import tone


class Tones:
    """A reference of tones, a hundred hertz apart."""

    name = "tones"

    def __init__(self, folder: Path, count: int = 10) -> None:
        self.clips = tuple(tone(folder / f"{k}.wav", 300 + 100 * k) for k in range(count))

    def for_tier(self, tier):
        return ReferenceSet(self.clips, {}, rendered=True, digest=f"tones {len(self.clips)}")


def test_the_scale_is_the_median_distance_to_the_nearest_other_by_scipy_too():
    recordings = np.random.default_rng(1).normal(size=(90, 30))
    between = cdist(recordings, recordings) + np.diag(np.full(90, np.inf))
    assert neighbour_distance(recordings) == pytest.approx(np.median(between.min(axis=1)))


class TestContract(ClipMetricContract):
    @pytest.fixture
    def metric(self, embedder, tmp_path):
        return Nearness(embedder, Tones(tmp_path), cache=str(tmp_path))

    @pytest.fixture
    def names(self):
        return (NAME,)


def test_new_draws_are_about_as_near_as_the_recordings_are_and_strangers_are_not():
    rng = np.random.default_rng(0)
    recordings = rng.normal(size=(200, 8))
    scale = neighbour_distance(recordings)
    assert np.median(
        [nearness(row, recordings, scale) for row in rng.normal(size=(200, 8))]
    ) == pytest.approx(1, abs=0.1)
    assert nearness(np.full(8, 4.0), recordings, scale) > 2
    assert nearness(recordings[3], recordings, scale) == 0


def test_no_reference_and_no_embedder_are_reasons(embedder, clip, task, tmp_path):
    assert (
        "set reference=auto"
        in Nearness(embedder, NoReference(), cache=str(tmp_path)).score(clip, task).unscored[NAME]
    )
    assert (
        "embeds nothing"
        in Nearness(NoEmbedder(), Tones(tmp_path), cache=str(tmp_path))
        .score(clip, task)
        .unscored[NAME]
    )
    small = Nearness(embedder, Tones(tmp_path, 5), cache=str(tmp_path)).score(clip, task)
    assert (
        small.unscored[NAME]
        == "reference_distance needs at least 8 reference clips, 5 could be embedded"
    )


def test_a_dead_embedder_is_not_a_score(clip, task, tmp_path):
    class Dead:
        name, id, standin = "dead", "dead", False

        def embed_features(self, clips):
            raise MetricUnavailable("the weights are gone")

    with pytest.raises(MetricUnavailable, match="weights are gone"):
        Nearness(Dead(), Tones(tmp_path), cache=str(tmp_path)).score(clip, task)


def test_twins_and_rows_that_are_not_finite_are_refused():
    with pytest.raises(ConfigError, match="9 clips must differ"):
        neighbour_distance(np.ones((9, 3)))
    with pytest.raises(ConfigError, match="must be finite"):
        nearness(np.full(3, np.nan), np.ones((9, 3)), 1.0)
