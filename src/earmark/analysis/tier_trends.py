"""The abstract's claim on a sweep: does quality fall from notes to environment to speech?

Asked of what is measured alike in every tier: the calibrated score, spec checks met, and validity,
each as the mean over the runs that every tier has, and of each such run alone. Raw scores of tiers
are not comparable: captions differ.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from earmark.analysis.baselines import Baselines
from earmark.analysis.calibration import calibrated_scores
from earmark.analysis.estimates import Estimate, Floats, estimate_mean
from earmark.analysis.grid import CHECKS, VALID, ScoreGrid
from earmark.analysis.labels import is_baseline, settings_of
from earmark.analysis.trend import Step, Trend, difficulty_slope, tier_trend
from earmark.records import Run

ORDER = ("notes", "environment", "speech")  # of the abstract
CLAIM = (
    "quality falls with the complexity of the audio, "
    "from musical notes to environmental sounds to speech"
)
CALIBRATED = "the calibrated score"
METRIC_WORDS = {CHECKS: "the share of spec checks met", VALID: "the share of valid clips"}


@dataclass(frozen=True, slots=True)
class TierTrend:
    """One quantity over the tiers: its mean in each, and what the test says.

    `runs` is how many runs the mean is over; `reasons` are of tiers that have no value.
    """

    quantity: str
    of: str
    runs: int
    tiers: Mapping[str, Estimate]
    result: Trend | str
    reasons: tuple[str, ...] = ()

    @property
    def sentence(self) -> str:
        """What was tested and what follows."""
        if isinstance(self.result, Trend):
            return self.result.sentence(f"{self.quantity} of {self.of}")
        reasons = f" ({'; '.join(self.reasons)})" if self.reasons else ""
        return f"{self.quantity} of {self.of}: {self.result}{reasons}"


def tier_trends(
    grids: Mapping[str, Mapping[str, ScoreGrid]],
    headline: str,
    baselines: Mapping[str, Baselines],
    names: Mapping[str, str],
) -> list[TierTrend]:
    """The trend of every quantity, of all shared runs together and then of each.

    Args:
        grids: by tier and metric: the headline, `check_ok` and `valid`.
        headline: the metric that is calibrated.
        baselines: by id.
        names: what runs are called, by the words of their settings (see `settings_key`).
    """
    tiers = [tier for tier in ORDER if tier in grids]
    if len(tiers) < 2:
        return []
    trends = []
    for metric in (headline, CHECKS, VALID):
        by_tier = {tier: grids[tier][metric] for tier in tiers if metric in grids[tier]}
        shared = _shared_settings(by_tier) if len(by_tier) == len(tiers) else []
        quantity = METRIC_WORDS.get(metric, CALIBRATED)
        if not shared:
            why = "cannot tell: no run has a score in every tier"
            trends.append(TierTrend(quantity, "all runs", 0, {}, why))
            continue
        groups = [("all runs together", shared)]
        groups += [(names.get(one, one), [one]) for one in shared] if len(shared) > 1 else []
        for of, chosen in groups:
            calibrate = metric == headline
            trends.append(_trend(quantity, of, by_tier, chosen, baselines if calibrate else None))
    return trends


def settings_key(run: Run) -> str:
    """The run's settings in words; runs of two tiers that have the same are the same but for it."""
    return " ".join(f"{name}={value}" for name, value in settings_of(run).items())


def difficulty_trend(grid: ScoreGrid) -> Step | str:
    """How the mean over runs falls with the difficulty of the task, within one tier."""
    difficulty = {one.task.id: one.task.difficulty for run in grid.runs for one in run.attempts}
    if not grid.runs or not grid.shared.any():
        return "cannot tell: no task has a score of every run"
    levels = [difficulty[task] for task in grid.shared_tasks]
    return difficulty_slope(grid.means.mean(axis=1), levels)


def _shared_settings(grids: Mapping[str, ScoreGrid]) -> list[str]:
    """The settings that a run has in every tier, in the order of the first.

    Baselines count only where there is nothing else: the claim is about models.
    """
    asked = [run for grid in grids.values() for run in grid.runs if not is_baseline(run)]
    models = {run.key for run in asked}
    each = []
    for grid in grids.values():
        each.append([settings_key(run) for run in grid.runs if not models or run.key in models])
    shared = set(each[0]).intersection(*each[1:])
    return [one for one in each[0] if one in shared]


def _trend(
    quantity: str,
    of: str,
    grids: Mapping[str, ScoreGrid],
    chosen: Sequence[str],
    baselines: Mapping[str, Baselines] | None,
) -> TierTrend:
    values: dict[str, Floats] = {}
    reasons: list[str] = []
    for tier, grid in grids.items():
        rows = [at for at, run in enumerate(grid.runs) if settings_key(run) in chosen]
        by_task = dict(zip(grid.shared_tasks, grid.means[:, rows].mean(axis=1), strict=True))
        found: Floats | str = np.array(list(by_task.values()))
        if baselines is not None:
            found = _calibrated(by_task, [grid.runs[at] for at in rows], baselines)
        if isinstance(found, str):
            reasons.append(f"{tier}: {found}")
        else:
            values[tier] = found
    estimates = {tier: _estimate(found) for tier, found in values.items() if len(found)}
    result: Trend | str = "cannot tell: not every tier has a value"
    if not reasons:
        result = tier_trend(values)
    return TierTrend(quantity, of, len(chosen), estimates, result, tuple(reasons))


def _calibrated(
    by_task: Mapping[str, float], runs: Sequence[Run], baselines: Mapping[str, Baselines]
) -> Floats | str:
    """Linearised calibrated values, with failures at the floor, or why there are none."""
    ids = {run.facts.baselines or "" for run in runs}
    kept = [baselines[one] for one in ids if one in baselines]
    if len(ids) != 1 or not kept:
        return "no floor and expert are kept for these runs"
    return calibrated_scores(list(by_task.values()), list(by_task), kept[0], floored=True)


def _estimate(task_values: Floats) -> Estimate:
    return estimate_mean(list(task_values), [str(at) for at in range(len(task_values))])
