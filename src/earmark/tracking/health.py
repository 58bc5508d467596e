"""What may be wrong between the sweeps' folders and the store: both -> problems, and the mending of each.

In: a tracker of an MLflow store and the folders that it was filled from. Out: Problems to show; after `mend` none of those that can be
mended. The folder is right and the store follows it; what no folder holds any more is closed where it looks alive, never deleted. It
asks, runs and scores nothing.
"""

import sqlite3
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from earmark.storage.run_folder import RunFolder
from earmark.storage.sweep_folder import SweepFolder
from earmark.tracking.connection import connected, moved_from
from earmark.tracking.mlflow_store import MlflowTracker
from earmark.tracking.runs import MADE_FROM, found

if TYPE_CHECKING:
    from mlflow import MlflowClient
    from mlflow.entities import Run as MlflowRun

NETWORK = (
    "nfs",
    "nfs4",
    "cifs",
    "smb3",
    "smbfs",
    "9p",
    "afs",
    "ceph",
    "glusterfs",
    "lustre",
    "gpfs",
    "beegfs",
    "fuse.sshfs",
    "fuse.glusterfs",
)
ALIVE = ("RUNNING", "SCHEDULED")
FILES = ("listen.html", "attempts.json", "run.json")


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong. `runs` are the runs meant, `sweep` the folder that can put it right, where there is one."""

    kind: str
    seen: str
    hint: str
    mlflow_runs: tuple[str, ...] = ()
    sweep: SweepFolder | None = None


def look(tracker: MlflowTracker, folders: Sequence[SweepFolder], *, mounts: str) -> list[Problem]:
    """All problems; `mounts` is the text of /proc/mounts. Raises TrackingUnavailable for a store that does not answer."""
    found_there = list(_places(tracker, mounts))
    if any(one.kind == "moved" for one in found_there):
        return found_there  # runs cannot be looked at before their places are right
    with connected(tracker.uri, artifacts=tracker.artifacts, experiment=tracker.experiment) as (
        client,
        experiment,
    ):
        by_name = {folder.name: folder for folder in folders}
        mlflow_runs = [
            *found(client, experiment, kind="sweep"),
            *found(client, experiment, kind="run"),
        ]
        for looked in (
            _doubles,
            _orphans,
            _unfinished,
            partial(_absent, tracker.uri),
            partial(_missing, client),
        ):
            found_there += looked(mlflow_runs, by_name)
    return found_there


def mend(tracker: MlflowTracker, problems: Sequence[Problem]) -> None:
    """Put right what can be: places first, then runs by writing their sweeps again. Raises TrackingUnavailable."""
    if any(one.kind == "moved" for one in problems):
        _relocate(tracker)
        return
    with connected(tracker.uri, artifacts=tracker.artifacts, experiment=tracker.experiment) as (
        client,
        _,
    ):
        for one in problems:
            for mlflow_run in one.mlflow_runs:
                _put_right(client, one, mlflow_run)
    for folder in {one.sweep.path: one.sweep for one in problems if one.sweep}.values():
        tracker.sweep(folder)


def network_filesystem(path: Path, mounts: str) -> str | None:
    """The kind of network file system that `path` lies on, by the longest mount point above it; None for a local one."""
    rows = [line.split(" ")[1:3] for line in mounts.splitlines() if line.count(" ") >= 2]
    above = [(unquote(point.replace("\\040", " ")), kind) for point, kind in rows]
    held = [
        (len(Path(point).parts), kind)
        for point, kind in above
        if Path(point) in (path, *path.parents)
    ]
    kind = max(held, default=(0, ""))[1]
    return kind if kind in NETWORK else None


def _places(tracker: MlflowTracker, mounts: str) -> Iterator[Problem]:
    if (database := _database(tracker)) is not None and (
        kind := network_filesystem(database.resolve(), mounts)
    ):
        hint = "set tracking.uri to a file on a local disk, or MLFLOW_TRACKING_URI to a server"
        yield Problem(
            "network", f"{database} lies on {kind}, where sqlite's locks do not hold", hint
        )
    if (
        old := moved_from(tracker.uri, artifacts=tracker.artifacts, experiment=tracker.experiment)
    ) is not None:
        yield Problem(
            "moved",
            f"the store keeps artifacts in {old}, the checkout has them in {tracker.artifacts}",
            "earmark doctor --mend",
        )


def _doubles(
    mlflow_runs: Sequence["MlflowRun"], folders: dict[str, SweepFolder]
) -> Iterator[Problem]:
    counted = Counter(_name(mlflow_run) for mlflow_run in mlflow_runs)
    for name, count in counted.items():
        if count > 1 and name[1] in folders:
            yield Problem(
                "double",
                f"{' '.join(filter(None, name))} has {count} runs",
                "earmark doctor --mend",
                sweep=folders[name[1]],
            )


def _orphans(
    mlflow_runs: Sequence["MlflowRun"], folders: dict[str, SweepFolder]
) -> Iterator[Problem]:
    """Children whose parent is not there, and runs of runs that their sweep's folder does not hold."""
    parents = {
        mlflow_run.info.run_id
        for mlflow_run in mlflow_runs
        if mlflow_run.data.tags["earmark.kind"] == "sweep"
    }
    keys = {name: {run.summary().key for run in folder.runs()} for name, folder in folders.items()}
    for mlflow_run in mlflow_runs:
        kind, sweep, run = _name(mlflow_run)
        if kind != "run" or sweep not in folders:
            continue
        if run not in keys[sweep]:
            yield Problem(
                "stray",
                f"{mlflow_run.info.run_name}: {sweep} holds no such run",
                "earmark doctor --mend",
                (mlflow_run.info.run_id,),
            )
        elif mlflow_run.data.tags.get("mlflow.parentRunId") not in parents:
            yield Problem(
                "orphan",
                f"{mlflow_run.info.run_name}: its parent is gone",
                "earmark doctor --mend",
                sweep=folders[sweep],
            )


def _unfinished(
    mlflow_runs: Sequence["MlflowRun"], folders: dict[str, SweepFolder]
) -> Iterator[Problem]:
    """Runs that look alive and are not: nothing runs in a store, it is written when a run is finished."""
    for mlflow_run in mlflow_runs:
        kind, sweep, _ = _name(mlflow_run)
        waits = (
            kind == "sweep" and mlflow_run.info.status == "SCHEDULED" and sweep in folders
        )  # for the rest of its runs
        if mlflow_run.info.status in ALIVE and not waits:
            seen = f"{mlflow_run.info.run_name} of {sweep} is {mlflow_run.info.status} for ever"
            yield Problem(
                "unfinished",
                seen,
                "earmark doctor --mend",
                (mlflow_run.info.run_id,),
                folders.get(sweep),
            )


def _absent(
    uri: str, mlflow_runs: Sequence["MlflowRun"], folders: dict[str, SweepFolder]
) -> Iterator[Problem]:
    """Finished runs without a run, of sweeps that this store knows or was to know."""
    known, written = (
        {_name(mlflow_run)[1] for mlflow_run in mlflow_runs},
        {_name(mlflow_run)[1:] for mlflow_run in mlflow_runs if _name(mlflow_run)[0] == "run"},
    )
    for name, folder in folders.items():
        runs = [run.summary() for run in folder.runs()]
        lacking = [run for run in runs if (name, run.key) not in written]
        ours = name in known or any(run.config.tracking.uri == uri for run in runs)
        if lacking and ours:
            seen = f"{len(lacking)} of the {len(runs)} runs of {name} have no run"
            yield Problem("absent", seen, "earmark doctor --mend", sweep=folder)


def _missing(
    client: "MlflowClient", mlflow_runs: Sequence["MlflowRun"], folders: dict[str, SweepFolder]
) -> Iterator[Problem]:
    runs = {
        (name, run.summary().key): run for name, folder in folders.items() for run in folder.runs()
    }
    for mlflow_run in mlflow_runs:
        kind, sweep, run = _name(mlflow_run)
        if (
            kind == "run"
            and (sweep, run) in runs
            and (lost := _lost(client, mlflow_run, runs[sweep, run]))
        ):
            seen = f"{mlflow_run.info.run_name} lacks {lost[0]}" + (
                f" and {len(lost) - 1} more" if len(lost) > 1 else ""
            )
            yield Problem(
                "missing", seen, "earmark doctor --mend", (mlflow_run.info.run_id,), folders[sweep]
            )


def _lost(client: "MlflowClient", mlflow_run: "MlflowRun", run: RunFolder) -> list[str]:
    """Files that the run should hold and does not; of a server only the first levels are asked for, since each folder is a call."""
    place = urlsplit(str(mlflow_run.info.artifact_uri))
    if place.scheme in ("", "file"):
        wanted = [
            str(path.relative_to(run.path))
            for path in run.path.glob("attempts/*/*/*")
            if not path.name.startswith(".")
        ]
        return [name for name in (*FILES, *wanted) if not Path(unquote(place.path), name).is_file()]
    there = {
        one.path
        for folder in ("", "attempts")
        for one in client.list_artifacts(mlflow_run.info.run_id, folder)
    }
    return [
        name
        for name in (*FILES, *(f"attempts/{path.name}" for path in run.path.glob("attempts/*")))
        if name not in there
    ]


def _put_right(client: "MlflowClient", problem: Problem, mlflow_run: str) -> None:
    if problem.kind == "stray":
        client.delete_run(mlflow_run)
    elif problem.kind == "missing":
        client.set_tag(
            mlflow_run, MADE_FROM, ""
        )  # the next look at the folder finds it stale and writes it again
    elif problem.kind == "unfinished" and problem.sweep is None:
        client.set_terminated(mlflow_run, "KILLED")


def _relocate(tracker: MlflowTracker) -> None:
    """Give experiments and runs of our sqlite file the place where their artifacts are now, all or none."""
    old = moved_from(tracker.uri, artifacts=tracker.artifacts, experiment=tracker.experiment)
    database = _database(tracker)
    if old is None or database is None or tracker.artifacts is None:
        return
    new = Path(tracker.artifacts).absolute().as_uri()
    with closing(sqlite3.connect(database)) as store, store:
        for table, column in (("experiments", "artifact_location"), ("runs", "artifact_uri")):
            moved = f"UPDATE {table} SET {column} = ? || substr({column}, ?) WHERE {column} = ? OR substr({column}, 1, ?) = ?"  # names of ours
            store.execute(moved, (new, len(old) + 1, old, len(old) + 1, f"{old}/"))


def _database(tracker: MlflowTracker) -> Path | None:
    return (
        Path(tracker.uri.removeprefix("sqlite:///"))
        if tracker.uri.startswith("sqlite:///")
        else None
    )


def _name(mlflow_run: "MlflowRun") -> tuple[str, str, str]:
    tags = mlflow_run.data.tags
    return tags["earmark.kind"], tags.get("earmark.sweep", ""), tags.get("earmark.run", "")
