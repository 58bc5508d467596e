"""Distances of a run's clips from the reference recordings of its tier.

`fad` comes with what it must be read against: its null (what recordings themselves get at this n),
the ratio of the two, a permutation p, an interval, and what white noise gets. FAD of few clips is
biased upwards, so compare at equal n only. Below k + 1 clips the covariance is rank-deficient and
`fad_rank_deficient` is 1. `kad` is the unbiased kernel distance with an interval.

Intervals say how far a number would move with other tasks; `fad_low` and `fad_high` are about the
expected FAD at this n and this reference.
"""

from collections.abc import Sequence
from pathlib import Path
from statistics import fmean

import numpy as np
from numpy.typing import NDArray

from earmark import paths
from earmark.embedders import AudioEmbedder
from earmark.embedders.cached import Cached
from earmark.errors import ConfigError, MetricUnavailable
from earmark.metrics.embedding import EmbeddedSet, embed_set, tier_of
from earmark.metrics.frechet import Pool, frechet, one_thread
from earmark.metrics.intervals import MIN_CLUSTERS, clustered_error, student
from earmark.metrics.kernel import bandwidth, kad
from earmark.records import Clip, Scores, Task
from earmark.references import Reference
from earmark.references.noise import white_noise

MIN_CLIPS = 8
MIN_ROUNDS = 19
NAMES = (
    "fad",
    "fad_null",
    "fad_ratio",
    "fad_p",
    "fad_low",
    "fad_high",
    "fad_real",
    "fad_noise",
    "kad",
    "kad_low",
    "kad_high",
)
Floats = NDArray[np.floating]


class Fad:
    """FAD and KAD of a set against the reference of its tier."""

    def __init__(
        self,
        embedder: AudioEmbedder,
        references: Reference,
        *,
        rounds: int = 199,
        seed: int = 0,
        cache: str | None = None,
    ) -> None:
        if rounds < MIN_ROUNDS:
            raise ConfigError(
                f"metric fad rounds: must be at least {MIN_ROUNDS} for a p of 0.05, got {rounds};"
                " set 199, the default"
            )
        self.embedder = Cached(embedder, cache or str(paths.cache() / "embeddings"))
        self.folder = Path(cache or paths.cache()) / "references"
        self.references, self.rounds, self.seed = references, rounds, seed

    def score(self, pairs: Sequence[tuple[Clip, Task]]) -> Scores:
        """Each of NAMES, or the reason why it is unscored.

        Raises:
            ConfigError: tasks of several tiers.
            MetricUnavailable: the embedder's weights cannot be loaded.
        """
        if len(pairs) < MIN_CLIPS:
            return _unscored(f"fad needs at least {MIN_CLIPS} clips, got {len(pairs)}")
        try:
            reference = self.references.for_tier(tier_of(pairs))
        except MetricUnavailable as error:
            return _unscored(str(error))
        embed = self.embedder.embed_features
        candidates = embed_set(embed, (clip for clip, _ in pairs))
        recordings = embed_set(embed, reference.clips)
        for what, one in (("clips", candidates), ("reference clips", recordings)):
            if (reason := too_few(what, one)) is not None:
                return _unscored(reason)
        noise = embed_set(embed, white_noise(len(candidates.rows), self.folder).clips)
        return distances(
            candidates.rows,
            recordings.rows,
            clusters=[pairs[k][1].id for k in candidates.kept],
            noise=noise.rows,
            rounds=self.rounds,
            seed=self.seed,
        )


def too_few(what: str, embedded: EmbeddedSet) -> str | None:
    """Why a set is too small for FAD, or None."""
    if len(embedded.rows) >= MIN_CLIPS:
        return None
    rule = f"fad needs at least {MIN_CLIPS} {what}, {len(embedded.rows)} could be embedded"
    return f"{rule}{embedded.first_failure}"


def _unscored(reason: str) -> Scores:
    return Scores(unscored=dict.fromkeys(NAMES, reason))


def distances(
    candidates: Floats,
    reference: Floats,
    *,
    clusters: Sequence[str],
    noise: Floats,
    rounds: int = 199,
    seed: int = 0,
) -> Scores:
    """All that `Fad` gives, from rows alone.

    Args:
        candidates: (n, k) rows.
        reference: (m, k) rows.
        clusters: the task of each candidate.
        noise: (n, k) rows of white noise.
        rounds: permutations, and subsets of the reference.
        seed: of both.
    """
    rng = np.random.default_rng(seed)
    with one_thread():
        pool = Pool.of(candidates, reference)
        fad = pool.distance()
        parts = (
            _permutation(candidates, reference, clusters, rounds, rng),
            _sizes(pool, fad, candidates.shape[1]),
            _null(pool, fad, rounds, rng),
            _interval(pool, fad, clusters),
            _kernel(candidates, reference, clusters),
            _ends(pool, noise, reference, rounds, rng),
        )
    return Scores(
        values={name: value for part in parts for name, value in part.values.items()},
        unscored={name: reason for part in parts for name, reason in part.unscored.items()},
    )


def _permutation(
    candidates: Floats,
    reference: Floats,
    clusters: Sequence[str],
    rounds: int,
    rng: np.random.Generator,
) -> Scores:
    """Permutation p by the first clip of each task: clips that are shuffled must not be alike."""
    first = [clusters.index(task) for task in dict.fromkeys(clusters)]
    if len(first) < MIN_CLIPS:
        reason = f"fad_p takes one clip of each of at least {MIN_CLIPS} tasks, got {len(first)}"
        return Scores(unscored={"fad_p": reason})
    pool = Pool.of(candidates[first], reference)
    shuffled = np.fromiter(pool.permuted(rounds, rng), np.float64)
    as_far = int((shuffled >= pool.distance()).sum())
    return Scores(values={"fad_p": (1 + as_far) / (1 + rounds)})


def _sizes(pool: Pool, fad: float, columns: int) -> Scores:
    values = {
        "fad": fad,
        "fad_n": float(pool.n),
        "fad_n_reference": float(pool.m),
        "fad_rank_deficient": float(min(pool.n, pool.m) < columns + 1),
    }
    return Scores(values=values)


def _ends(
    pool: Pool, noise: Floats, reference: Floats, rounds: int, rng: np.random.Generator
) -> Scores:
    """What recordings and white noise get at this n: the ends of the scale on which `fad` lies."""
    values: dict[str, float] = {}
    unscored: dict[str, str] = {}
    if pool.m < 2 * pool.n:
        rule = f"a half of the reference must hold at least n = {pool.n} clips"
        unscored["fad_real"] = f"{rule}, the whole holds {pool.m}"
    else:
        values["fad_real"] = fmean(pool.halves(rounds, rng))
    if len(noise) != pool.n:
        rule = f"all {pool.n} clips of white noise must be embedded"
        unscored["fad_noise"] = f"{rule}, {len(noise)} could be"
    else:
        values["fad_noise"] = frechet(noise, reference)
    return Scores(values=values, unscored=unscored)


def _null(pool: Pool, fad: float, rounds: int, rng: np.random.Generator) -> Scores:
    """FAD of as many reference clips from the rest of the reference, and the ratio to it."""
    if pool.m < 2 * pool.n:
        rule = f"a null at n = {pool.n} needs at least {2 * pool.n} reference clips"
        return Scores(unscored=dict.fromkeys(("fad_null", "fad_ratio"), f"{rule}, got {pool.m}"))
    null = fmean(pool.null(rounds, rng))
    if not null > 0:
        reason = "the null must be above 0, it is 0: all clips of the reference are alike"
        return Scores(values={"fad_null": null}, unscored={"fad_ratio": reason})
    return Scores(values={"fad_null": null, "fad_ratio": fad / null})


def _interval(pool: Pool, fad: float, clusters: Sequence[str]) -> Scores:
    if (reason := _too_few_tasks(clusters)) is not None:
        return Scores(unscored={"fad_low": reason, "fad_high": reason})
    # Not the bootstrap: its resamples repeat clips, and at this n their spread is about twice that
    # of new clips.
    low, high = student(fad, pool.jackknife_error(clusters), len(set(clusters)))
    return Scores(values={"fad_low": max(0.0, low), "fad_high": high})


def _kernel(candidates: Floats, reference: Floats, clusters: Sequence[str]) -> Scores:
    try:
        value, influences = kad(candidates, reference, sigma=bandwidth(reference))
    except ConfigError as error:
        return Scores(unscored=dict.fromkeys(("kad", "kad_low", "kad_high"), str(error)))
    if (reason := _too_few_tasks(clusters)) is not None:
        return Scores(values={"kad": value}, unscored={"kad_low": reason, "kad_high": reason})
    low, high = student(value, clustered_error(influences, clusters), len(set(clusters)))
    return Scores(values={"kad": value, "kad_low": low, "kad_high": high})


def _too_few_tasks(clusters: Sequence[str]) -> str | None:
    tasks = len(set(clusters))
    if tasks >= MIN_CLUSTERS:
        return None
    return f"an interval needs at least {MIN_CLUSTERS} tasks, got {tasks}"
