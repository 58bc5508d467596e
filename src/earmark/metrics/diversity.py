"""How much the samples of one task differ from each other: a model that writes one program again and again is not creative.

In: the clips of a run. Out: `diversity`, the mean distance between two samples of one task, and `vendi`, how many different samples a task
has, from 1 to its number of samples; both averaged over the tasks that have two samples or more. Neither says whether a sample is any good:
noise is diverse.

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
from earmark.metrics.embedding import heard, task_of
from earmark.records import Clip, Scores

NAMES = ("diversity", "vendi")


class Diversity:
    """Diversity across the samples of each task."""

    def __init__(self, embedder: AudioEmbedder, *, cache: str | None = None) -> None:
        self.embedder = Cached(embedder, cache or str(paths.cache() / "embeddings"))

    def score(self, clips: Sequence[Clip], tier: str) -> Scores:  # a property of the clips alone
        """Both numbers, or the one reason why there are none."""
        found = heard(self.embedder.embed_features, clips)
        tasks: dict[str, list[NDArray[np.float32]]] = defaultdict(list)
        for clip, row in zip(found.clips, found.rows, strict=True):
            tasks[task_of(clip)].append(row)
        several = [np.stack(rows) for rows in tasks.values() if len(rows) > 1]
        if not several:
            first = (
                f"; the first clip that could not be heard: {found.deaf[0]}" if found.deaf else ""
            )
            return Scores(
                unscored=dict.fromkeys(
                    NAMES,
                    f"no task has two samples that could be heard; samples=2 or more makes them{first}",
                )
            )
        try:
            each = [(mean_distance(rows), vendi(rows)) for rows in several]
        except ConfigError as error:
            return Scores(unscored=dict.fromkeys(NAMES, str(error)))
        return Scores(values=dict(zip(NAMES, map(fmean, zip(*each, strict=True)), strict=True)))


def mean_distance(rows: NDArray[np.floating]) -> float:
    """Mean of 1 - cosine over all pairs of the rows (n, k), n at least 2; 0 when all are alike, at most n / (n - 1)."""
    alike = _similarities(rows)
    return float(1 - alike[np.triu_indices(len(alike), 1)].mean())


def vendi(rows: NDArray[np.floating]) -> float:
    """Vendi score of the rows (n, k) under the cosine: exp of the entropy of the eigenvalues of K / n, within 1..n."""
    share = np.linalg.eigvalsh(_similarities(rows) / len(rows))
    share = share[share > 1e-12]
    return float(np.exp(-(share * np.log(share)).sum()))


def _similarities(rows: NDArray[np.floating]) -> NDArray[np.float64]:
    """(n, n) cosines. ConfigError for fewer than two rows, or a row without a direction."""
    whole = np.asarray(rows, np.float64)
    lengths = np.linalg.norm(whole, axis=1, keepdims=True)
    if len(whole) < 2 or not (lengths > 0).all() or not np.isfinite(whole).all():
        raise ConfigError(
            f"diversity needs at least 2 rows that are finite and not zero, got shape {whole.shape}; look at the embedder"
        )
    unit = whole / lengths
    return np.asarray(np.clip(unit @ unit.T, -1, 1))
