"""How much the samples of one task differ: a model that repeats one program is not creative.

`diversity` is the mean distance between two samples of one task; `vendi` is how many different
samples a task has, from 1 to its number of samples. Both are means over the tasks that have two
samples or more. Neither says whether a sample is good: noise is diverse.

Source: Friedman and Dieng 2023 for the Vendi score, here with the cosine of features as similarity.
"""

from collections import defaultdict
from collections.abc import Sequence
from statistics import fmean

import numpy as np
from numpy.typing import NDArray

from earmark import paths
from earmark.embedders import AudioEmbedder
from earmark.embedders.cached import Cached
from earmark.errors import ConfigError
from earmark.metrics.embedding import embed_set
from earmark.records import Clip, Scores, Task

NAMES = ("diversity", "vendi")


class Diversity:
    """Diversity across the samples of each task."""

    def __init__(self, embedder: AudioEmbedder, *, cache: str | None = None) -> None:
        self.embedder = Cached(embedder, cache or str(paths.cache() / "embeddings"))

    def score(self, pairs: Sequence[tuple[Clip, Task]]) -> Scores:
        """`diversity` in 0..2 and `vendi` in 1..samples, or one reason for both."""
        embedded = embed_set(self.embedder.embed_features, (clip for clip, _ in pairs))
        by_task: dict[str, list[NDArray[np.float32]]] = defaultdict(list)
        for k, row in zip(embedded.kept, embedded.rows, strict=True):
            by_task[pairs[k][1].id].append(row)
        several = [np.stack(rows) for rows in by_task.values() if len(rows) > 1]
        if not several:
            rule = "at least one task must have two embedded samples, none has; set samples=2"
            return _unscored(f"{rule}{embedded.first_failure}")
        try:
            distances = [mean_distance(rows) for rows in several]
            counts = [vendi(rows) for rows in several]
        except ConfigError as error:
            return _unscored(str(error))
        return Scores(values={"diversity": fmean(distances), "vendi": fmean(counts)})


def _unscored(reason: str) -> Scores:
    return Scores(unscored=dict.fromkeys(NAMES, reason))


def mean_distance(rows: NDArray[np.floating]) -> float:
    """Mean of 1 - cosine over all pairs of rows (n, k).

    0 when all are alike, at most n / (n - 1).

    Raises:
        ConfigError: fewer than two rows, or a row that is zero or not finite.
    """
    alike = _similarities(rows)
    return float(1 - alike[np.triu_indices(len(alike), 1)].mean())


def vendi(rows: NDArray[np.floating]) -> float:
    """Vendi score of rows (n, k), in 1..n: exp of the entropy of the eigenvalues of K / n.

    K holds the cosines.

    Raises:
        ConfigError: fewer than two rows, or a row that is zero or not finite.
    """
    share = np.linalg.eigvalsh(_similarities(rows) / len(rows))
    share = share[share > 1e-12]
    return float(np.exp(-(share * np.log(share)).sum()))


def _similarities(rows: NDArray[np.floating]) -> NDArray[np.float64]:
    """(n, n) cosines."""
    wide = np.asarray(rows, np.float64)
    lengths = np.linalg.norm(wide, axis=1, keepdims=True)
    if len(wide) < 2 or not (lengths > 0).all() or not np.isfinite(wide).all():
        raise ConfigError(
            "diversity needs at least 2 rows that are finite and not zero,"
            f" got shape {wide.shape}; check the embedder"
        )
    unit = wide / lengths
    return np.asarray(np.clip(unit @ unit.T, -1, 1))
