"""A finished run without what is excluded by hand: every number made again from what is left.

An excluded task leaves the runs and the baselines of its tier; an excluded episode leaves its run
alone. An episode leaves whole: a later turn answers the earlier ones.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType

from earmark.analysis import baseline_clips
from earmark.analysis.baselines import Baselines, kept_baselines, to_json, without_tasks
from earmark.analysis.calibration import calibrate
from earmark.analysis.labels import headline
from earmark.analysis.summary import summarise_picked
from earmark.errors import MetricUnavailable
from earmark.metrics import SetMetric
from earmark.records import Exclusion, Run
from earmark.storage.atomic import write_json
from earmark.storage.exclusions import is_excluded


def applying(exclusions: Iterable[Exclusion], run: Run) -> tuple[Exclusion, ...]:
    """Those of a sweep's exclusions that take something from a run, which has its attempts.

    What is excluded from a run is excluded from its rescored twin: the answer is the same.
    """
    asked = {(one.task.tier, one.task.id) for one in run.attempts}
    names = (run.key, run.facts.rescored_from)
    return tuple(
        one
        for one in exclusions
        if (one.tier, one.task) in asked and (one.run is None or one.run in names)
    )


def without(
    whole: Run,
    exclusions: Sequence[Exclusion],
    *,
    sweep: Path,
    set_metrics: Sequence[SetMetric] | MetricUnavailable,
) -> Run:
    """The run with its numbers from what is left; its baselines are kept in the sweep's folder.

    Args:
        whole: the run with every attempt.
        exclusions: those that apply to it.
        sweep: the folder of its sweep.
        set_metrics: FAD and its kin, or why they cannot be had here: then they are unscored.
    """
    kept = tuple(one for one in whole.attempts if not is_excluded(one, exclusions))
    keys = {one.key for one in kept}
    picked = tuple(key for key in whole.picked if key in keys)
    left = replace(whole, attempts=kept, picked=picked, excluded=tuple(exclusions))
    baselines = _baselines_left(whole, exclusions, sweep)
    return remade(left, whole, baselines=baselines, set_metrics=set_metrics)


def remade(
    run: Run,
    before: Run,
    *,
    baselines: Baselines | None,
    set_metrics: Sequence[SetMetric] | MetricUnavailable,
) -> Run:
    """A run with every number made from the attempts that it has now.

    Args:
        run: with its attempts and picks.
        before: the same run with its earlier numbers; one that is gone leaves a reason.
        baselines: what its scores are read against, None where they are not kept.
        set_metrics: as in `without`.
    """
    floor = baselines.floor if baselines else before.scores.get("floor")
    made, reason = _summarised(run, floor, set_metrics)
    made = calibrate(made, baselines) if baselines else made
    gone = {*before.scores, *before.unscored} - {*made.scores, *made.unscored}
    numbers = sorted(name for name in gone if not name.endswith("_se"))
    return replace(made, unscored={**made.unscored, **dict.fromkeys(numbers, reason)})


def words_of(exclusion: Exclusion, runs: Mapping[str, str] = MappingProxyType({})) -> str:
    """What is excluded, as `notes/piano_c4`; of one run with its sample and what it is called."""
    name = f"{exclusion.tier}/{exclusion.task}"
    if exclusion.run is None:
        return name
    return f"{name} sample {exclusion.sample} of {runs.get(exclusion.run, exclusion.run)}"


def _summarised(
    left: Run, floor: float | None, set_metrics: Sequence[SetMetric] | MetricUnavailable
) -> tuple[Run, str]:
    """The run with its scores, and why some that it had may be missing."""
    name = headline(left)
    try:
        if isinstance(set_metrics, MetricUnavailable):
            raise set_metrics
        summary = summarise_picked(left, headline=name, floor=floor, set_metrics=set_metrics)
    except MetricUnavailable as error:
        summary = summarise_picked(left, headline=name, floor=floor, set_metrics=())
        return summary, f"cannot be made again here without what is excluded: {error}"
    return summary, "nothing that is left has one"


def _baselines_left(whole: Run, exclusions: Iterable[Exclusion], sweep: Path) -> Baselines | None:
    """The run's baselines without the tasks that are excluded from every run."""
    kept = kept_baselines(sweep, [whole]).get(str(whole.facts.baselines))
    tasks = {one.task for one in exclusions if one.run is None}
    if kept is None or not tasks:
        return kept
    left = without_tasks(kept, tasks)
    folder = sweep / "baselines"
    source, target = folder / f"{kept.tier}-{kept.id}", folder / f"{left.tier}-{left.id}"
    baseline_clips.relink(source, target, without=tasks)
    write_json(target.with_name(f"{target.name}.json"), to_json(left))
    return left
