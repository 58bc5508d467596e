"""Distances of a run's clips from its tier's reference recordings, each beside the floor it must be read against.

In: the clips of a run, its tier. Out: fad with its null floor at equal n, ratio, permutation p and interval; beside it what as many real
recordings (fad_real) and as many clips of white noise (fad_noise) get; kad with its interval; or a reason for each. FAD of few clips is
biased upwards: compare at equal n only, beside fad_null. Below k + 1 clips the covariance is rank-deficient and fad_rank_deficient is 1.

Intervals say how far the number would move with other tasks; fad_low..fad_high is about the expected FAD *at this n*.
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
from earmark.metrics.embedding import Heard, heard, task_of
from earmark.metrics.frechet import Pool, frechet, one_thread
from earmark.metrics.intervals import MIN_CLUSTERS, clustered_error, student
from earmark.metrics.kernel import bandwidth, kad
from earmark.records import Clip, Scores
from earmark.references import Reference
from earmark.references.noise import white_noise

MIN_CLIPS = 8
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
        if rounds < 19:
            raise ConfigError(
                f"metric fad rounds: must be at least 19 for a p of 0.05, got {rounds}; 199 is usual"
            )
        self.embedder = Cached(embedder, cache or str(paths.cache() / "embeddings"))
        self.folder = Path(cache or paths.cache()) / "references"
        self.references, self.rounds, self.seed = references, rounds, seed

    def score(self, clips: Sequence[Clip], tier: str) -> Scores:
        """The numbers, or the reasons. MetricUnavailable only when the embedder itself is dead."""
        if len(clips) < MIN_CLIPS:
            return _none(f"{len(clips)} clips; needs at least {MIN_CLIPS}")
        try:
            reference = self.references.for_tier(tier)
        except MetricUnavailable as error:
            return _none(str(error))
        ours, real = (
            heard(self.embedder.embed_features, clips),
            heard(self.embedder.embed_features, reference.clips),
        )
        if (short := _too_few(ours, real)) is not None:
            return _none(short)
        noise = heard(self.embedder.embed_features, white_noise(len(ours.clips), self.folder).clips)
        tasks = [task_of(clip) for clip in ours.clips]
        return distances(
            ours.rows,
            real.rows,
            clusters=tasks,
            noise=noise.rows,
            rounds=self.rounds,
            seed=self.seed,
        )


def _too_few(ours: Heard, real: Heard) -> str | None:
    for what, found in (("clips", ours), ("reference clips", real)):
        if len(found.clips) < MIN_CLIPS:
            first = f"; the first that was not: {found.deaf[0]}" if found.deaf else ""
            return f"{len(found.clips)} {what} could be heard; needs at least {MIN_CLIPS}{first}"
    return None


def _none(reason: str) -> Scores:
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
    """Everything that `Fad` says, from rows (n, k) and (m, k); `clusters` names the task of each candidate, `noise` is (n, k)."""
    rng = np.random.default_rng(seed)
    with one_thread():
        pool = Pool.of(candidates, reference)
        fad = pool.distance()
        parts = (
            _tested(candidates, reference, clusters, rounds, rng),
            _sizes(pool, fad, candidates.shape[1]),
            _floor(pool, fad, rounds, rng),
            _interval(pool, fad, clusters),
            _kernel(candidates, reference, clusters),
            _ends(pool, noise, reference, rounds, rng),
        )
    return Scores(
        values={name: value for part in parts for name, value in part.values.items()},
        unscored={name: reason for part in parts for name, reason in part.unscored.items()},
    )


def _tested(
    candidates: Floats,
    reference: Floats,
    clusters: Sequence[str],
    rounds: int,
    rng: np.random.Generator,
) -> Scores:
    """Permutation p, by the first clip of each task: those of one task are alike, and clips that are shuffled must not be."""
    first = [clusters.index(task) for task in dict.fromkeys(clusters)]
    if len(first) < MIN_CLIPS:
        return Scores(
            unscored={
                "fad_p": f"{len(first)} tasks; a p needs at least {MIN_CLIPS}, of which it takes a clip each"
            }
        )
    pool = Pool.of(candidates[first], reference)
    shuffled = np.fromiter(pool.permuted(rounds, rng), np.float64)
    return Scores(values={"fad_p": float((1 + (shuffled >= pool.distance()).sum()) / (1 + rounds))})


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
    """What a perfect set and one of white noise get at this n: the ends of the scale on which `fad` lies."""
    values: dict[str, float] = {}
    unscored: dict[str, str] = {}
    if pool.m < 2 * pool.n:
        unscored["fad_real"] = (
            f"{pool.m} reference clips; a half of them must hold at least n = {pool.n}"
        )
    else:
        values["fad_real"] = fmean(pool.halves(rounds, rng))
    if len(noise) != pool.n:
        unscored["fad_noise"] = (
            f"{len(noise)} of {pool.n} clips of white noise could be heard; an equal n needs all"
        )
    else:
        values["fad_noise"] = frechet(noise, reference)
    return Scores(values=values, unscored=unscored)


def _floor(pool: Pool, fad: float, rounds: int, rng: np.random.Generator) -> Scores:
    """FAD of as many reference clips from the rest of the reference, and how many times as far the candidates are."""
    if pool.m < 2 * pool.n:
        reason = f"{pool.m} reference clips; a floor at n = {pool.n} needs at least {2 * pool.n}"
        return Scores(unscored={"fad_null": reason, "fad_ratio": reason})
    null = fmean(pool.null(rounds, rng))
    if not null > 0:
        return Scores(
            values={"fad_null": null},
            unscored={"fad_ratio": "the reference's own floor is 0: its clips are all alike"},
        )
    return Scores(values={"fad_null": null, "fad_ratio": fad / null})


def _interval(pool: Pool, fad: float, clusters: Sequence[str]) -> Scores:
    if (reason := _too_few_tasks(clusters)) is not None:
        return Scores(unscored={"fad_low": reason, "fad_high": reason})
    # Not the bootstrap: its resamples repeat clips, and at this n their spread is about twice that of new clips.
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
    return (
        None
        if tasks >= MIN_CLUSTERS
        else f"{tasks} tasks; an interval needs at least {MIN_CLUSTERS}"
    )
