"""Excludes tasks and episodes of a finished sweep from its numbers, and undoes that.

Nothing is deleted: every attempt stays, and so does the summary of all of them (whole.json). What
is interrupted is finished by the next call.
"""

from collections.abc import Sequence

from earmark.analysis.compact import Compactor
from earmark.analysis.exclusion import applying, without, words_of
from earmark.analysis.labels import label
from earmark.config.factory import build_scorers, tasks_of
from earmark.config.from_record import compose_from_record
from earmark.errors import ConfigError, MetricUnavailable
from earmark.metrics import SetMetric
from earmark.records import Exclusion, Run
from earmark.storage.exclusions import FILE, is_excluded, load_exclusions, save_exclusions
from earmark.storage.foreign import place_of
from earmark.storage.run_folder import RunFolder
from earmark.storage.sweep_folder import SweepFolder

DESCRIBED = ("model", "sandbox")  # of these nothing is built


def exclude(folder: SweepFolder, names: Sequence[str], reason: str) -> None:
    """Exclude tasks and attempts by name, and make every number again.

    Args:
        folder: of the sweep.
        names: TASK, TIER/TASK, or RUN/attempts/TASK/SAMPLE-TURN as pages and exports print it.
        reason: what a reader of the numbers should know.

    Raises:
        ConfigError: an unknown name, one excluded for another reason, or nothing left of a run.
    """
    runs = _whole_runs(folder)
    kept = load_exclusions(folder.path)
    added = [one for name in names for one in find(name, runs, reason)]
    for one in added:
        for other in kept:
            if _of(one) == _of(other) and one.reason != other.reason:
                rule = f"is excluded already ({other.reason})"
                raise ConfigError(f"{words_of(one)}: {rule}; undo that first: --undo")
    exclusions = tuple(dict.fromkeys([*kept, *added]))
    _check_something_left(runs, exclusions)
    apply(folder, exclusions)


def undo(folder: SweepFolder, names: Sequence[str]) -> None:
    """Let tasks and attempts count again: those named as in `exclude`, or all of them.

    Raises:
        ConfigError: a name of nothing that is excluded.
    """
    kept = load_exclusions(folder.path)
    runs = _whole_runs(folder)
    found: list[tuple[object, ...]] = []
    for name in names:
        of = {_of(one) for one in find(name, runs, "")}
        if not of & {_of(one) for one in kept}:
            known = ", ".join(map(words_of, kept)) or "nothing"
            raise ConfigError(f"{name}: is not excluded from {folder.name}; excluded: {known}")
        found += of
    apply(folder, [one for one in kept if names and _of(one) not in found])


def apply(folder: SweepFolder, exclusions: Sequence[Exclusion]) -> None:
    """Write the exclusions, and make the numbers of each run again that they change.

    Called again with what is written, it finishes what was interrupted.
    """
    if not exclusions and not (folder.path / FILE).is_file():
        return
    save_exclusions(folder.path, exclusions, applied=False)
    for run_folder in folder.finished_runs():
        _apply(run_folder, exclusions)
    save_exclusions(folder.path, exclusions, applied=True)


def find(name: str, runs: Sequence[tuple[RunFolder, Run]], reason: str) -> list[Exclusion]:
    """The exclusions that a name means: one for each tier that has a task of the name.

    Raises:
        ConfigError: no run of the sweep has it.
    """
    if "/attempts/" in name:
        return [_episode(name, runs, reason)]
    tier, _, task = name.rpartition("/")
    asked = {(one.task.tier, one.task.id) for _, run in runs for one in run.attempts}
    found = sorted(one for one in asked if one[1] == task and tier in ("", one[0]))
    if not found:
        known = ", ".join(sorted(f"{of}/{task_id}" for of, task_id in asked))
        raise ConfigError(f"{name}: no run of this sweep asked such a task; they asked: {known}")
    return [Exclusion(of, task_id, reason) for of, task_id in found]


def _episode(name: str, runs: Sequence[tuple[RunFolder, Run]], reason: str) -> Exclusion:
    for folder, run in runs:
        for one in run.attempts:
            place = folder.folder_of(one)
            if name.strip("/") == place.relative_to(folder.path.parent).as_posix():
                task, sample, _ = place_of(place / "attempt.json")
                return Exclusion(one.task.tier, task, reason, run=run.key, sample=sample)
    rule = "no such attempt in this sweep"
    hint = "give its folder as the page and attempts.csv have it: RUN/attempts/TASK/SAMPLE-TURN"
    raise ConfigError(f"{name}: {rule}; {hint}")


def _whole_runs(folder: SweepFolder) -> list[tuple[RunFolder, Run]]:
    small = Compactor().small
    runs = [
        (one, one.whole(each=lambda _, attempt: small(attempt))) for one in folder.finished_runs()
    ]
    if not runs:
        raise ConfigError(f"{folder.name}: holds no finished run yet; finish it by its line first")
    return runs


def _of(one: Exclusion) -> tuple[object, ...]:
    return one.tier, one.task, one.run, one.sample


def _check_something_left(
    runs: Sequence[tuple[RunFolder, Run]], exclusions: Sequence[Exclusion]
) -> None:
    for _, run in runs:
        own = applying(exclusions, run)
        if all(is_excluded(one, own) for one in run.attempts):
            rule = "would have no episode left"
            raise ConfigError(f"{label(run)}: {rule}; exclude fewer, or delete the run's folder")


def _apply(run_folder: RunFolder, exclusions: Sequence[Exclusion]) -> None:
    whole = run_folder.whole()
    own = applying(exclusions, whole)
    if run_folder.summary().excluded == own:
        return
    if not own:
        run_folder.restore()
        return
    metrics = set_metrics_of(whole)
    left = without(whole, own, sweep=run_folder.path.parent, set_metrics=metrics)
    run_folder.save_left(left)


def set_metrics_of(run: Run) -> Sequence[SetMetric] | MetricUnavailable:
    """FAD and its kin as this machine builds them for a record, or why it cannot."""
    if not run.config.metric.set:
        return ()
    try:
        config = compose_from_record(run.config, described=DESCRIBED)
        return build_scorers(config, tasks_of(config)).set_metrics
    except (ConfigError, MetricUnavailable) as error:
        return MetricUnavailable(str(error))
