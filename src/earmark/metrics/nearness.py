"""How far one clip is from the recording nearest to it, among the references of its tier.

`reference_distance` is in units of the median distance of a recording to its own nearest one: 1 is
as near as recordings are to each other, a copy of one is 0. Captions play no part.
"""

import threading

import numpy as np
from numpy.typing import NDArray

from earmark import paths
from earmark.embedders import AudioEmbedder, EmbeddingError
from earmark.embedders.cached import Cached
from earmark.errors import AudioError, ConfigError, MetricUnavailable
from earmark.metrics.embedding import embed_set
from earmark.records import Clip, Scores, Task
from earmark.references import Reference, ReferenceSet

NAME = "reference_distance"
MIN_CLIPS = 8

_one_embeds = threading.Lock()
_recordings: dict[tuple[str, str], tuple[NDArray[np.floating], float]] = {}


class Nearness:
    """The distance of a clip to the nearest recording of its tier."""

    def __init__(
        self, fad_embedder: AudioEmbedder, references: Reference, *, cache: str | None = None
    ) -> None:
        self.embedder = Cached(fad_embedder, cache or str(paths.cache() / "embeddings"))
        self.references = references

    def score(self, clip: Clip, task: Task) -> Scores:
        """`reference_distance`, 0 or more, or the reason why it is unscored.

        Raises:
            MetricUnavailable: the embedder's weights cannot be loaded.
        """
        try:
            reference = self.references.for_tier(task.tier)
        except MetricUnavailable as error:
            return Scores(unscored={NAME: str(error)})
        try:
            row = self.embedder.embed_features([clip])[0]
            recordings, scale = self._embedded(reference)
            return Scores(values={NAME: nearness(row, recordings, scale)})
        except (AudioError, EmbeddingError, ConfigError) as error:
            return Scores(unscored={NAME: str(error)})

    def _embedded(self, reference: ReferenceSet) -> tuple[NDArray[np.floating], float]:
        """Rows of the recordings and the scale between them, which all runs of a process share."""
        key = self.embedder.id, reference.digest
        with _one_embeds:
            if key not in _recordings:
                rows = embed_set(self.embedder.embed_features, reference.clips).rows
                _recordings[key] = rows, neighbour_distance(rows)
            return _recordings[key]


def neighbour_distance(recordings: NDArray[np.floating]) -> float:
    """Median over the rows (m, k) of the distance to the nearest other row.

    Raises:
        ConfigError: fewer than 8 rows, or a median of 0.
    """
    if len(recordings) < MIN_CLIPS:
        raise ConfigError(
            f"{NAME} needs at least {MIN_CLIPS} reference clips,"
            f" {len(recordings)} could be embedded"
        )
    nearest = [_to_others(recordings, at).min() for at in range(len(recordings))]
    median = float(np.median(nearest))
    if not median > 0:
        raise ConfigError(
            f"the reference's {len(recordings)} clips must differ, most have a copy;"
            " add other recordings"
        )
    return median


def _to_others(recordings: NDArray[np.floating], at: int) -> NDArray[np.floating]:
    """(m,) distances of one of the rows to all: at once for all rows they would take gigabytes."""
    distances: NDArray[np.floating] = np.linalg.norm(recordings - recordings[at], axis=1)
    distances[at] = np.inf
    return distances


def nearness(row: NDArray[np.floating], recordings: NDArray[np.floating], scale: float) -> float:
    """Distance of a row (k,) to the nearest of the recordings (m, k), in units of `scale`.

    Raises:
        ConfigError: a row that is not finite.
    """
    if not np.isfinite(row).all():
        raise ConfigError("its embedding must be finite, it is not; check the levels of the clip")
    return float(np.linalg.norm(recordings - row, axis=1).min()) / scale
