"""What the numbers of a sweep allow one to say: means with errors, intervals, paired differences, an order.

In: arrays of scores with the task each belongs to, or finished Runs. Out: frozen verdicts. Tasks are the clusters: samples of one task
are alike, so errors count tasks, not attempts. Pure, numpy only. Numbers of different pipelines are never put in one ranking.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import isfinite, sqrt

import numpy as np
from numpy.typing import NDArray

from earmark.config.schema import RunConfig
from earmark.errors import ConfigError, printable
from earmark.records import Attempt, Run
from earmark.strategies.selection import best_scored, last_valid

Pair = tuple[str, int]
Floats = NDArray[np.float64]
DRAWS = 2000
LEVEL = 0.95
NAMED = ("model", "tier", "strategy")  # what a run's label names by itself, beside the temperature


@dataclass(frozen=True, slots=True)
class Mean:
    """A mean over `n` values of `tasks` tasks; the error and the interval are None where one task alone was heard."""

    value: float
    standard_error: float | None
    low: float | None
    high: float | None
    n: int
    tasks: int


@dataclass(frozen=True, slots=True)
class Rank:
    """A run's place: `best_rank` and `worst_rank` are where its interval allows it to be, 1 for the best."""

    run: Run
    mean: Mean | None
    rank: int
    best_rank: int
    worst_rank: int


def picked(run: Run) -> dict[Pair, Attempt]:
    """The attempt that counts of each episode, by task and sample, as the run's own strategy picked it.

    A strategy whose settings name a `metric` keeps the highest by it, every other one the last valid attempt, else the last.
    """
    episodes: dict[Pair, list[Attempt]] = defaultdict(list)
    for one in sorted(run.attempts, key=lambda a: (a.task.id, a.sample, a.turn)):
        episodes[one.task.id, one.sample].append(one)
    metric = run.config.strategy.metric
    return {
        pair: best_scored(history, metric=metric) if metric else last_valid(history)
        for pair, history in episodes.items()
    }


def standard_error(values: Sequence[float], tasks: Sequence[str]) -> float | None:
    """Error of the mean of `values` clustered by `tasks`, in the unit of the values; None with fewer than two tasks.

    Source: the sandwich estimator of a mean with the small-sample factor C / (C - 1) for C clusters (Cameron and Miller 2015, eq. 11-12).
    """
    residuals = _sums(
        np.asarray(values, float) - float(np.mean(values)) if values else np.zeros(0), tasks
    )
    count = len(residuals)
    if count < 2:
        return None
    return sqrt(count / (count - 1) * float(np.sum(residuals**2))) / len(values)


def interval(
    values: Sequence[float],
    tasks: Sequence[str],
    *,
    level: float = LEVEL,
    draws: int = DRAWS,
    seed: int = 0,
) -> tuple[float, float]:
    """Percentile bootstrap interval of the mean, whole tasks drawn with replacement. ValueError for fewer than two tasks."""
    sums, sizes = _sums(np.asarray(values, float), tasks), _sums(np.ones(len(values)), tasks)
    if len(sums) < 2:
        raise ValueError(f"an interval needs at least 2 tasks, got {len(sums)}: ask more tasks")
    chosen = np.random.default_rng(seed).integers(len(sums), size=(draws, len(sums)))
    means = sums[chosen].sum(axis=1) / sizes[chosen].sum(axis=1)
    low, high = np.quantile(means, [(1 - level) / 2, (1 + level) / 2])
    return float(low), float(high)


def mean(values: Sequence[float], tasks: Sequence[str], *, seed: int = 0) -> Mean:
    """The mean with its clustered error and bootstrap interval. ValueError for no values, or one that is not finite."""
    if not values or not all(isfinite(value) for value in values):
        raise ValueError(
            f"a mean needs finite values, got {list(values)[:5]}: leave out what was not scored"
        )
    low, high = interval(values, tasks, seed=seed) if len(set(tasks)) > 1 else (None, None)
    return Mean(
        float(np.mean(values)),
        standard_error(values, tasks),
        low,
        high,
        n=len(values),
        tasks=len(set(tasks)),
    )


def scores(run: Run, metric: str, *, floor: float | None = None) -> dict[Pair, float]:
    """`metric` of each picked attempt by task and sample; invalid episodes count `floor`, or are left out when it is None."""
    found: dict[Pair, float] = {}
    for pair, one in picked(run).items():
        if one.valid and metric in one.scores:
            found[pair] = one.scores[metric]
        elif not one.valid and floor is not None:
            found[pair] = floor
    return found


def run_mean(run: Run, metric: str, *, floor: float | None = None) -> Mean | None:
    """The run's mean of a clip metric, or None where no attempt was given one."""
    found = scores(run, metric, floor=floor)
    return mean(list(found.values()), [task for task, _ in found]) if found else None


def floored_mean(run: Run, metric: str) -> Mean | None:
    """The mean with invalid episodes at the run's floor; None where a heard one has no score, or the floor is needed and not known."""
    picks, floor = picked(run), run.scores.get("floor")
    unknown = any(
        metric not in one.scores if one.valid else floor is None for one in picks.values()
    )
    return None if unknown else run_mean(run, metric, floor=floor)


def difference(ours: Mapping[Pair, float], theirs: Mapping[Pair, float]) -> Mean:
    """Mean of ours minus theirs over the (task, sample) pairs that both have. ValueError when they share none."""
    shared = sorted(ours.keys() & theirs.keys())
    if not shared:
        raise ValueError("the two share no (task, sample): compare runs of one tier")
    return mean([ours[pair] - theirs[pair] for pair in shared], [task for task, _ in shared])


def sign_flip_p(
    ours: Mapping[Pair, float], theirs: Mapping[Pair, float], *, draws: int = 10_000, seed: int = 0
) -> float:
    """Two-sided p-value of the paired difference: whole tasks flip their sign; at least 1 / (draws + 1)."""
    shared = sorted(ours.keys() & theirs.keys())
    sums = _sums(
        np.array([ours[pair] - theirs[pair] for pair in shared]), [task for task, _ in shared]
    )
    signs = np.random.default_rng(seed).choice([-1.0, 1.0], size=(draws, len(sums)))
    # Sums that differ only by rounding count as equal, else a tie would be a matter of summation order.
    reached = np.abs(signs @ sums) >= abs(sums.sum()) - 1e-12 * np.abs(sums).sum()
    return float((reached.sum() + 1) / (draws + 1))


def ranking(runs: Iterable[Run], metric: str) -> list[Rank]:
    """Runs from best to worst by `metric` with invalid episodes at the run's floor; runs without such a mean come last.

    Raises:
        ConfigError: the runs were heard by different pipelines; see `by_pipeline`.
    """
    listed = list(runs)
    if len(ids := {pipeline_id(run) for run in listed}) > 1:
        raise ConfigError(
            f"{metric}: numbers of {len(ids)} pipelines ({', '.join(sorted(ids))}) cannot be ranked together; rank each alone"
        )
    means = [(run, floored_mean(run, metric)) for run in listed]
    ordered = sorted(
        means, key=lambda pair: (pair[1] is None, -pair[1].value if pair[1] else 0.0, pair[0].key)
    )
    known = [found for _, found in ordered if found is not None]
    return [_standing(run, found, at, known) for at, (run, found) in enumerate(ordered, start=1)]


def by_pipeline(runs: Iterable[Run]) -> dict[str, list[Run]]:
    """The runs of each pipeline and tier: what may stand in one table. Keys are readable, in order of first appearance."""
    groups: dict[str, list[Run]] = defaultdict(list)
    for run in runs:
        groups[pipeline_id(run)].append(run)
    return dict(groups)


def label(run: Run) -> str:
    """The run by its swept values: `model tier strategy t0.7`, then what else was swept, as in `shots=2`."""
    return f"{config_label(run.config)} {printable(run.facts.get('swept', ''))}".rstrip()


def config_label(config: RunConfig) -> str:
    """A configuration by its swept values; fit for a terminal, whoever wrote it."""
    named = f"{config.model.name} {config.tier.name} {config.strategy.name}"
    return printable(f"{named} t{config.temperature:g}")


def swept_words(config: RunConfig, axes: Iterable[str]) -> str:
    """The values of those swept settings that the label does not name already: `strategy.shots` becomes `shots=2`."""
    extra = [
        axis
        for axis in axes
        if axis not in (*NAMED, "temperature") and axis.split(".")[-1] != "name"
    ]
    return " ".join(f"{axis.split('.')[-1]}={config.setting(axis)}" for axis in extra)


def pipeline_id(run: Run) -> str:
    """What heard the run, and against what: tier, embedder and its id, wordings, and what its distances were taken by and from.

    Captions differ between tiers and between choices of their tasks, so their scores have no common scale; neither have distances to other
    recordings.
    """
    tier = run.config.tier
    parts = (("split", tier.split), ("limit", tier.limit))
    chosen = [f"{key}={value}" for key, value in parts if value not in (None, "all")]
    if tier.only:
        chosen.append(f"only={','.join(sorted(set(tier.only)))}")
    facts = (run.facts.get(name, "") for name in ("embedder_id", "pipeline", "fad_embedder_id"))
    heard = [
        tier.name,
        *chosen,
        run.config.embedder.name,
        *facts,
        run.facts.get("reference_digest", "")[:8],
    ]
    return " ".join(part for part in heard if part)


def _standing(run: Run, found: Mean | None, rank: int, known: Sequence[Mean]) -> Rank:
    if found is None:
        return Rank(run, None, rank, rank, rank)
    low, high = _bounds(found)
    better = sum(_bounds(other)[0] > high for other in known)
    worse = sum(_bounds(other)[1] < low for other in known)
    return Rank(run, found, rank, 1 + better, len(known) - worse)


def _bounds(found: Mean) -> tuple[float, float]:
    if found.low is None or found.high is None:
        return (-np.inf, np.inf)
    return found.low, found.high


def _sums(values: Floats, tasks: Sequence[str]) -> Floats:
    if len(values) != len(tasks):
        raise ValueError(
            f"one task for each value: got {len(values)} values and {len(tasks)} tasks"
        )
    _, cluster = np.unique(np.asarray(tasks, dtype=object).astype(str), return_inverse=True)
    return np.bincount(cluster, weights=values).astype(np.float64) if len(values) else np.zeros(0)
