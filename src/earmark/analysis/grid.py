"""Finished runs as arrays: the score of every run on every task and sample, by one metric.

Only runs of one pipeline that asked the same tasks stand in one grid; everything else is refused,
because a difference between such runs would be one of tasks or embedders. What counts as an
episode's score is decided in `scores`: for the headline a failed episode counts as the floor, for
a share (`check_ok`, `valid`) as 0; by other metrics only valid episodes have a score.

A missing score is NaN. A run without any score leaves the grid, with the reason. A comparison uses
the tasks on which every run has a score, and for each run the mean over the samples that it has
there; what that leaves out is counted.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from math import inf

import numpy as np
from numpy.typing import NDArray

from earmark.analysis.estimates import Estimate, estimate_mean, estimate_share
from earmark.analysis.labels import headline, label, pipeline_id
from earmark.analysis.scores import Pair, picked_attempts, scores, why_no_floored_mean
from earmark.errors import ConfigError
from earmark.records import Run

Floats = NDArray[np.float64]
CHECKS, VALID = "check_ok", "valid"
SHARES = (CHECKS, VALID, "retrieval_hit")  # a failed episode counts as 0


@dataclass(frozen=True, slots=True, eq=False)
class ScoreGrid:
    """`values` is (R, T, S): runs by tasks by samples, NaN where there is no score.

    `left_out` gives the reason for each run that has none, by its key.
    """

    metric: str
    pipeline: str
    runs: tuple[Run, ...]
    tasks: tuple[str, ...]
    samples: tuple[int, ...]
    values: Floats
    left_out: Mapping[str, str] = field(default_factory=dict)

    @property
    def shared(self) -> NDArray[np.bool_]:
        """(T,) the tasks on which every run has a score."""
        scored = np.isfinite(self.values).any(axis=2)
        return np.asarray(scored.all(axis=0), bool)

    @property
    def shared_tasks(self) -> tuple[str, ...]:
        """The ids of the tasks on which every run has a score."""
        return tuple(task for task, both in zip(self.tasks, self.shared, strict=True) if both)

    @property
    def means(self) -> Floats:
        """(T, R) mean over samples of each run on each shared task, as `comparisons` takes them."""
        values = self.values[:, self.shared, :]
        counts = np.isfinite(values).sum(axis=2)
        means: Floats = (np.nansum(values, axis=2) / np.maximum(counts, 1)).T
        return means

    @property
    def silent(self) -> bool:
        """True where no run has a valid clip: every score is what a failure counts as."""
        counted = [one for run in self.runs for one in picked_attempts(run).values()]
        return not any(one.valid for one in counted)

    @property
    def missing(self) -> int:
        """How many episodes of runs in the grid have no score."""
        return int(np.isnan(self.values).sum())

    @property
    def balanced(self) -> Floats:
        """(R, T, S) without missing scores: the samples and then the tasks that all runs have."""
        values = self.values[:, self.shared, :]
        finite = np.isfinite(values)
        kept = finite.mean(axis=(0, 1)) >= 0.5 if finite.size else np.zeros(0, bool)
        values = values[:, :, kept]
        balanced: Floats = values[:, np.isfinite(values).all(axis=(0, 2)), :]
        return balanced

    def estimate(self, run: int) -> Estimate:
        """The mean of one run over all its episodes, whether or not other runs have them."""
        finite = np.isfinite(self.values[run])
        names = np.repeat(np.array(self.tasks, object), len(self.samples))
        values = self.values[run][finite]
        tasks = list(names[finite.ravel()])
        if self.metric == VALID:
            return estimate_share([bool(value) for value in values], tasks)
        bounds = (0.0, 1.0) if self.metric in SHARES else (-inf, inf)
        return estimate_mean(list(values), tasks, bounds=bounds)


def score_grid(runs: Iterable[Run], metric: str) -> ScoreGrid:
    """The grid of `runs` by a metric: their headline, `check_ok`, or `valid`.

    Raises:
        ConfigError: no runs, runs of several pipelines, or runs that asked different tasks.
    """
    candidates = tuple(runs)
    pipeline = _only_pipeline(candidates, metric)
    asked = _asked_tasks(candidates, metric)
    found: list[tuple[Run, Mapping[Pair, float]]] = []
    left_out: dict[str, str] = {}
    for run in candidates:
        values = episode_scores(run, metric)
        if isinstance(values, str):
            left_out[run.key] = values
        else:
            found.append((run, values))
    pairs = set().union(*(values for _, values in found))
    scored = {task for task, _ in pairs}
    tasks = [task for task in asked if task in scored]
    samples = sorted({sample for _, sample in pairs})
    return ScoreGrid(
        metric,
        pipeline,
        tuple(run for run, _ in found),
        tuple(tasks),
        tuple(samples),
        _array([values for _, values in found], tasks, samples),
        left_out,
    )


def episode_scores(run: Run, metric: str) -> dict[Pair, float] | str:
    """The score of each episode with failures at the floor, or the reason why there is none."""
    if not run.attempts:
        return "no attempts"
    if metric == VALID:
        return {pair: float(one.valid) for pair, one in picked_attempts(run).items()}
    if metric == headline(run):
        floor = run.scores.get("floor")
        reason = why_no_floored_mean(run, metric, floor)
        return scores(run, metric, floor=floor) if reason is None else reason
    values = scores(run, metric, floor=0.0 if metric in SHARES else None)
    if metric == CHECKS:
        judged = {one.task.id for one in run.attempts if one.task.spec}
        values = {pair: value for pair, value in values.items() if pair[0] in judged}
    if values:
        return values
    if metric in run.scores:
        return f"{metric} is one number of a whole run: it has no tasks to compare by"
    return f"no episode has a {metric} score"


def _only_pipeline(runs: Sequence[Run], metric: str) -> str:
    ids = sorted({pipeline_id(run) for run in runs})
    if not ids:
        raise ConfigError(f"{metric}: there must be a run to compare, got none")
    if len(ids) > 1:
        raise ConfigError(
            f"{metric}: numbers of {len(ids)} pipelines ({', '.join(ids)}) "
            "cannot be ranked together; rank each alone"
        )
    return ids[0]


def _asked_tasks(runs: Sequence[Run], metric: str) -> list[str]:
    """The tasks that the runs asked, in order of appearance; runs without attempts asked none.

    A task whose episodes are all excluded from one run was asked, and its scores are missing.
    """
    first: tuple[Run, list[str]] | None = None
    for run in runs:
        tasks = list(dict.fromkeys(one.task.id for one in run.attempts))
        if tasks:
            excluded = (one.task for one in run.excluded if one.run is not None)
            tasks = list(dict.fromkeys([*tasks, *excluded]))
        if first is None and tasks:
            first = run, tasks
        elif first is not None and tasks and set(tasks) != set(first[1]):
            odd = sorted(set(tasks) ^ set(first[1]))
            raise ConfigError(
                f"{metric}: runs must have asked the same tasks, but {label(run)} and "
                f"{label(first[0])} differ in {len(odd)} ({', '.join(odd[:3])}); "
                "exclude the tasks that only one of them asked"
            )
    return first[1] if first else []


def _array(
    found: Sequence[Mapping[Pair, float]], tasks: Sequence[str], samples: Sequence[int]
) -> Floats:
    values = np.full((len(found), len(tasks), len(samples)), np.nan)
    row = {task: at for at, task in enumerate(tasks)}
    column = {sample: at for at, sample in enumerate(samples)}
    for at, by_pair in enumerate(found):
        for (task, sample), value in by_pair.items():
            values[at, row[task], column[sample]] = value
    return values
