"""Distances of a run's clips from the reference recordings of its tier.

`fad` is read between two others, all three of n clips against m recordings: `fad_null`, what
recordings get themselves, and `fad_noise`, what white noise gets. The recordings are divided at
random into m references and n stand-ins for candidates, with n as near to the number of clips as
half of the recordings permits; where there are more clips, n of them are drawn. Each of the three
is the mean over `rounds` divisions, so that a perfect set has a ratio of 1 at every n. FAD of few
clips is biased upwards: compare at equal n only. Runs differ in how many clips are valid, so `fad`
and its null are given at the lower SIZES as well, as `fad_n24` and `fad_null_n24`: every two runs
have a size in common.

`kad` is the unbiased kernel distance, with the 95 % point of the same null. Intervals say how far
a number would move with other tasks, at this n, this m and these recordings.
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
from earmark.metrics.frechet import Pool, one_thread
from earmark.metrics.intervals import MIN_CLUSTERS, clustered_error, student
from earmark.metrics.kernel import bandwidth, between, kad, kernel_matrix
from earmark.records import Clip, Scores, Task
from earmark.references import Reference
from earmark.references.noise import white_noise

# By the null study of benchmarks/null_study.py: with 8 clips, recordings of another tier pass the
# null's 95 % point in 0 to 94 % of the draws (notes, environment), with 12 in all.
MIN_CLIPS = 12
SIZES = (12, 24, 48, 96, 192)  # n at which runs of different numbers of clips can be compared
MIN_TASKS = 8
MIN_ROUNDS = 19
NAMES = (
    "fad",
    "fad_null",
    "fad_null_high",
    "fad_ratio",
    "fad_noise",
    "fad_p",
    "fad_low",
    "fad_high",
    "kad",
    "kad_null_high",
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
        # What is drawn at random must not depend on the order of the pairs.
        pairs = sorted(pairs, key=lambda pair: (pair[1].id, pair[0].sha256))
        try:
            reference = self.references.for_tier(tier_of(pairs))
        except MetricUnavailable as error:
            return _unscored(str(error))
        embed = self.embedder.embed_features
        candidates = embed_set(embed, (clip for clip, _ in pairs))
        recordings = embed_set(embed, reference.clips)
        for what, one, least in (
            ("clips", candidates, MIN_CLIPS),
            ("reference clips", recordings, 2 * MIN_CLIPS),
        ):
            if (reason := too_few(what, one, least)) is not None:
                return _unscored(reason)
        n, _ = sizes(len(candidates.rows), len(recordings.rows))
        noise = embed_set(embed, white_noise(n, self.folder).clips)
        return distances(
            candidates.rows,
            recordings.rows,
            clusters=[pairs[k][1].id for k in candidates.kept],
            noise=noise.rows,
            rounds=self.rounds,
            seed=self.seed,
        )


def sizes(clips: int, recordings: int) -> tuple[int, int]:
    """How many candidates n and references m a distance is taken of."""
    n = min(clips, recordings // 2)
    return n, recordings - n


def too_few(what: str, embedded: EmbeddedSet, least: int = MIN_CLIPS) -> str | None:
    """Why a set is too small for FAD, or None."""
    if len(embedded.rows) >= least:
        return None
    rule = f"fad needs at least {least} {what}, {len(embedded.rows)} could be embedded"
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
        candidates: (N, k) rows.
        reference: (M, k) rows.
        clusters: the task of each candidate.
        noise: (n, k) rows of white noise, n by `sizes`.
        rounds: permutations, and divisions of the reference.
        seed: of both.
    """
    rng = np.random.default_rng(seed)
    with one_thread():
        parts = (
            _permutation(candidates, reference, clusters, rounds, rng),
            _frechet(candidates, reference, clusters, rounds, rng, noise=noise),
            _kernel(candidates, reference, clusters, rounds, rng),
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
    if len(first) < MIN_TASKS:
        reason = f"fad_p takes one clip of each of at least {MIN_TASKS} tasks, got {len(first)}"
        return Scores(unscored={"fad_p": reason})
    pool = Pool.of(candidates[first], reference)
    shuffled = np.fromiter(pool.permuted(rounds, rng), np.float64)
    as_far = int((shuffled >= pool.distance()).sum())
    return Scores(values={"fad_p": (1 + as_far) / (1 + rounds)})


def _frechet(
    candidates: Floats,
    reference: Floats,
    clusters: Sequence[str],
    rounds: int,
    rng: np.random.Generator,
    *,
    noise: Floats,
) -> Scores:
    """`fad`, its null and that of noise, all of n clips against m recordings."""
    n, m = sizes(len(candidates), len(reference))
    has_noise = len(noise) == n
    ours = np.concatenate([candidates, noise]) if has_noise else candidates
    pool = Pool.of(ours, reference)
    fads, nulls, noises = [], [], []
    for _ in range(rounds):
        recordings = len(ours) + rng.permutation(len(reference))
        against = recordings[n:]
        fads.append(pool.between(rng.permutation(len(candidates))[:n], against))
        nulls.append(pool.between(recordings[:n], against))
        if has_noise:
            noises.append(pool.between(np.arange(len(candidates), len(ours)), against))
    fad, null = fmean(fads), fmean(nulls)
    values = {
        "fad": fad,
        "fad_n": float(n),
        "fad_n_reference": float(m),
        "fad_width": float(candidates.shape[1]),
        "fad_rank_deficient": float(min(n, m) < candidates.shape[1] + 1),
        "fad_null": null,
        "fad_null_high": float(np.quantile(nulls, 0.95)),
    }
    unscored: dict[str, str] = {}
    if null > 0:
        values["fad_ratio"] = fad / null
    else:
        unscored["fad_ratio"] = "the null must be above 0: all clips of the reference are alike"
    if has_noise:
        values["fad_noise"] = fmean(noises)
    else:
        rule = f"all {n} clips of white noise must be embedded"
        unscored["fad_noise"] = f"{rule}, {len(noise)} could be"
    alone = Pool.of(candidates, reference)
    values |= _at_sizes(alone, [size for size in SIZES if size <= n], rounds, rng)
    interval = _interval(fad, alone, clusters)
    return Scores({**values, **interval.values}, {**unscored, **interval.unscored})


def _at_sizes(
    pool: Pool, ns: Sequence[int], rounds: int, rng: np.random.Generator
) -> dict[str, float]:
    """`fad` and its null of n clips against all other recordings, for each n."""
    values = {}
    for n in ns:
        fads, nulls = [], []
        for _ in range(rounds):
            recordings = pool.n + rng.permutation(pool.m)
            against = recordings[n:]
            fads.append(pool.between(rng.permutation(pool.n)[:n], against))
            nulls.append(pool.between(recordings[:n], against))
        values[f"fad_n{n}"], values[f"fad_null_n{n}"] = fmean(fads), fmean(nulls)
    return values


def _interval(fad: float, pool: Pool, clusters: Sequence[str]) -> Scores:
    if (reason := _too_few_tasks(clusters)) is not None:
        return Scores(unscored={"fad_low": reason, "fad_high": reason})
    # Not the bootstrap: its resamples repeat clips, and at this n their spread is about twice that
    # of new clips.
    low, high = student(fad, pool.jackknife_error(clusters), len(set(clusters)))
    return Scores(values={"fad_low": max(0.0, low), "fad_high": high})


def _kernel(
    candidates: Floats,
    reference: Floats,
    clusters: Sequence[str],
    rounds: int,
    rng: np.random.Generator,
) -> Scores:
    names = ("kad", "kad_null_high", "kad_low", "kad_high")
    try:
        sigma = bandwidth(reference)
        value, influences = kad(candidates, reference, sigma=sigma)
    except ConfigError as error:
        return Scores(unscored=dict.fromkeys(names, str(error)))
    n, _ = sizes(len(candidates), len(reference))
    kernel = kernel_matrix(reference, sigma=sigma)
    nulls = []
    for _ in range(rounds):
        recordings = rng.permutation(len(reference))
        nulls.append(between(kernel, recordings[:n], recordings[n:]))
    values = {"kad": value, "kad_null_high": float(np.quantile(nulls, 0.95))}
    if (reason := _too_few_tasks(clusters)) is not None:
        return Scores(values=values, unscored={"kad_low": reason, "kad_high": reason})
    low, high = student(value, clustered_error(influences, clusters), len(set(clusters)))
    return Scores(values={**values, "kad_low": low, "kad_high": high})


def _too_few_tasks(clusters: Sequence[str]) -> str | None:
    tasks = len(set(clusters))
    if tasks >= MIN_CLUSTERS:
        return None
    return f"an interval needs at least {MIN_CLUSTERS} tasks, got {tasks}"
