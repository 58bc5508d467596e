"""How far one clip is from the reference recordings of its tier, by the recording nearest to it.

In: a Clip and its Task. Out: `reference_distance`: the distance of its features to those of the nearest recording, over the median distance
of a recording to the one nearest to it. 1 is as near as the recordings are to each other; a copy of one is 0. It knows no captions.
"""

import threading

import numpy as np
from numpy.typing import NDArray

from earmark import paths
from earmark.embedders import AudioEmbedder, EmbeddingError
from earmark.embedders.cached import Cached
from earmark.errors import AudioError, ConfigError, MetricUnavailable
from earmark.metrics.embedding import heard
from earmark.records import Clip, Scores, Task
from earmark.references import Reference, ReferenceSet

NAME = "reference_distance"
MIN_CLIPS = 8


class Nearness:
    """The distance of a clip to the nearest recording of its tier."""

    def __init__(
        self, fad_embedder: AudioEmbedder, references: Reference, *, cache: str | None = None
    ) -> None:
        self.embedder = Cached(fad_embedder, cache or str(paths.cache() / "embeddings"))
        self.references = references
        self._lock = threading.Lock()
        self._heard: dict[str, tuple[NDArray[np.floating], float]] = {}

    def score(self, clip: Clip, task: Task) -> Scores:
        """The number, or the reason why there is none. MetricUnavailable only when the embedder itself is dead."""
        try:
            reference = self.references.for_tier(task.tier)
        except MetricUnavailable as error:
            return Scores(unscored={NAME: str(error)})
        try:
            row = self.embedder.embed_features([clip])[0]
            return Scores(values={NAME: nearness(row, *self._recordings(reference))})
        except (AudioError, EmbeddingError, ConfigError) as error:
            return Scores(unscored={NAME: str(error)})

    def _recordings(self, reference: ReferenceSet) -> tuple[NDArray[np.floating], float]:
        """Rows of the recordings and how near they are to each other; kept per reference set."""
        with self._lock:
            if reference.digest not in self._heard:
                rows = heard(self.embedder.embed_features, reference.clips).rows
                self._heard[reference.digest] = (rows, between_neighbours(rows))
            return self._heard[reference.digest]


def between_neighbours(recordings: NDArray[np.floating]) -> float:
    """Median over the rows (m, k) of the distance to the nearest other row. ConfigError for fewer than 8 rows, or when it is 0."""
    if len(recordings) < MIN_CLIPS:
        raise ConfigError(
            f"{len(recordings)} reference clips could be heard; needs at least {MIN_CLIPS}"
        )
    apart = np.linalg.norm(recordings[:, None] - recordings[None], axis=2)
    np.fill_diagonal(apart, np.inf)
    found = float(np.median(apart.min(axis=1)))
    if not found > 0:
        raise ConfigError(
            f"the reference's {len(recordings)} clips must differ, most have a twin; add other recordings"
        )
    return found


def nearness(row: NDArray[np.floating], recordings: NDArray[np.floating], scale: float) -> float:
    """Distance of a row (k,) to the nearest of the recordings (m, k), in units of `scale`. ConfigError for a row that is not finite."""
    if not np.isfinite(row).all():
        raise ConfigError("its embedding is not finite; look at the levels of the clip")
    return float(np.linalg.norm(recordings - row, axis=1).min()) / scale
