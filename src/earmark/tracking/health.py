"""What may be wrong between the sweeps' folders and the MLflow store, and how it is mended.

The folder is right and the store follows it. A run that no folder holds any more is closed where
it looks alive, and never deleted.
"""

import sqlite3
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from earmark.errors import counted
from earmark.storage.run_folder import RunFolder
from earmark.storage.sweep_folder import SweepFolder
from earmark.storage.urls import file_path, file_url, sqlite_path
from earmark.tracking.connection import connect, old_artifact_folder
from earmark.tracking.mlflow_runs import MADE_FROM, find_runs
from earmark.tracking.mlflow_store import MlflowTracker
from earmark.tracking.problems import Folders, Problem, mlflow_name, run_folders
from earmark.tracking.run_content import made_from
from earmark.tracking.trace_health import trace_problems
from earmark.tracking.traces import delete_traces, tracing_client

if TYPE_CHECKING:
    from mlflow import MlflowClient
    from mlflow.entities import Run as MlflowRun

NETWORK_FILE_SYSTEMS = frozenset(
    {"nfs", "nfs4", "cifs", "smb3", "smbfs", "9p", "afs", "ceph", "glusterfs", "lustre", "gpfs"}
    | {"beegfs", "fuse.sshfs", "fuse.glusterfs"}
)
UNFINISHED = ("RUNNING", "SCHEDULED")
# Where our sqlite file keeps the addresses of artifacts; of a trace it is the value of a tag.
KEPT_URLS = (
    ("experiments", "artifact_location"),
    ("runs", "artifact_uri"),
    ("trace_tags", "value"),
)
FILES = ("listen.html", "attempts.json", "run.json")


def find_problems(
    tracker: MlflowTracker, folders: Sequence[SweepFolder], *, mounts: str
) -> list[Problem]:
    """All problems; `mounts` is the text of /proc/mounts.

    Raises:
        TrackingUnavailable: the store does not answer.
    """
    problems = list(_location_problems(tracker, mounts))
    if any(one.kind == "moved" for one in problems):
        return problems  # runs cannot be read before their artifacts are found again
    with connect(tracker.uri, artifacts=tracker.artifacts, experiment=tracker.experiment) as (
        client,
        experiment,
    ):
        by_name = {folder.name: folder for folder in folders}
        mlflow_runs = [
            *find_runs(client, experiment, kind="sweep"),
            *find_runs(client, experiment, kind="run"),
        ]
        for check in (
            _doubles,
            _orphans,
            _unfinished,
            partial(_absent, tracker.uri),
            partial(_missing_files, client),
            partial(trace_problems, tracing_client(tracker.uri), experiment),
        ):
            problems += check(mlflow_runs, by_name)
    return problems


def mend(tracker: MlflowTracker, problems: Sequence[Problem]) -> None:
    """Put right what can be: a moved folder first, then runs, by writing their sweeps again.

    Raises:
        TrackingUnavailable: the store does not answer.
    """
    if any(one.kind == "moved" for one in problems):
        _relocate(tracker)
        return
    with connect(tracker.uri, artifacts=tracker.artifacts, experiment=tracker.experiment) as (
        client,
        experiment,
    ):
        for one in problems:
            for run_id in one.mlflow_runs:
                _put_right(client, one, run_id)
            delete_traces(tracing_client(tracker.uri), experiment, one.traces)
    sweeps = {one.sweep.path: one.sweep for one in problems if one.sweep}
    for folder in sweeps.values():
        tracker.sweep(folder)


def network_filesystem(path: Path, mounts: str) -> str | None:
    """The kind of network file system that `path` is on; None for a local one."""
    kind, depth = "", -1
    for line in mounts.splitlines():
        if line.count(" ") < 2:
            continue
        _, mount_point, mount_kind = line.split(" ")[:3]
        point = Path(mount_point.replace("\\040", " "))
        if point in (path, *path.parents) and len(point.parts) >= depth:
            kind, depth = mount_kind, len(point.parts)
    return kind if kind in NETWORK_FILE_SYSTEMS else None


def _location_problems(tracker: MlflowTracker, mounts: str) -> Iterator[Problem]:
    database = _database(tracker)
    kind = network_filesystem(database.resolve(), mounts) if database else None
    if kind is not None:
        yield Problem(
            "network",
            f"{database} is on {kind}, where sqlite's locks do not hold",
            "set tracking.uri to a file on a local disk, or MLFLOW_TRACKING_URI to a server",
        )
    old = _old_folder(tracker)
    if old is not None:
        yield Problem(
            "moved",
            f"the store keeps artifacts in {old}, the checkout has them in {tracker.artifacts}",
        )


def _doubles(mlflow_runs: Sequence["MlflowRun"], folders: Folders) -> Iterator[Problem]:
    for name, count in Counter(map(mlflow_name, mlflow_runs)).items():
        if count > 1 and name[1] in folders:
            words = " ".join(filter(None, name))
            yield Problem("double", f"{words} has {count} MLflow runs", sweep=folders[name[1]])


def _orphans(mlflow_runs: Sequence["MlflowRun"], folders: Folders) -> Iterator[Problem]:
    """Children without a parent, and MLflow runs that their sweep's folder does not hold."""
    parents = {one.info.run_id for one in mlflow_runs if mlflow_name(one)[0] == "sweep"}
    keys = {(name, run.summary().key) for name, run in run_folders(folders)}
    for mlflow_run in mlflow_runs:
        kind, sweep, key = mlflow_name(mlflow_run)
        name, run_id = mlflow_run.info.run_name, mlflow_run.info.run_id
        if kind != "run" or sweep not in folders:
            continue
        if (sweep, key) not in keys:
            yield Problem("stray", f"{name}: {sweep} holds no such run", mlflow_runs=(run_id,))
        elif mlflow_run.data.tags.get("mlflow.parentRunId") not in parents:
            yield Problem("orphan", f"{name}: its parent is gone", sweep=folders[sweep])


def _unfinished(mlflow_runs: Sequence["MlflowRun"], folders: Folders) -> Iterator[Problem]:
    """MLflow runs that look alive: none should, since a run is written once it is finished."""
    for mlflow_run in mlflow_runs:
        kind, sweep, _ = mlflow_name(mlflow_run)
        status = mlflow_run.info.status
        # A parent may wait for the rest of its sweep.
        waits = kind == "sweep" and status == "SCHEDULED" and sweep in folders
        if status in UNFINISHED and not waits:
            yield Problem(
                "unfinished",
                f"{mlflow_run.info.run_name} of {sweep} is {status} for ever",
                mlflow_runs=(mlflow_run.info.run_id,),
                sweep=folders.get(sweep),
            )


def _absent(uri: str, mlflow_runs: Sequence["MlflowRun"], folders: Folders) -> Iterator[Problem]:
    """Finished runs that are not in this store, of sweeps that it holds or was to hold."""
    names = [mlflow_name(one) for one in mlflow_runs]
    known = {sweep for _, sweep, _ in names}
    written = {(sweep, key) for kind, sweep, key in names if kind == "run"}
    sources = {one.data.tags.get(MADE_FROM) for one in mlflow_runs}
    for name, folder in folders.items():
        runs = [run.summary() for run in folder.runs()]
        copied = {run.summary().key for run in folder.runs() if made_from(run) in sources}
        lacking = [run for run in runs if (name, run.key) not in written and run.key not in copied]
        uris = {run.config.tracking.uri for run in runs}
        if lacking and (name in known or uri in uris):
            message = (
                f"{len(lacking)} of {counted(len(runs), 'run')} of {name} are not in the store"
            )
            yield Problem("absent", message, sweep=folder)


def _missing_files(
    client: "MlflowClient", mlflow_runs: Sequence["MlflowRun"], folders: Folders
) -> Iterator[Problem]:
    runs = {(name, run.summary().key): run for name, run in run_folders(folders)}
    for mlflow_run in mlflow_runs:
        kind, sweep, key = mlflow_name(mlflow_run)
        if kind != "run" or (sweep, key) not in runs:
            continue
        missing = _missing(client, mlflow_run, runs[sweep, key])
        if missing:
            more = f" and {len(missing) - 1} more" if len(missing) > 1 else ""
            yield Problem(
                "missing",
                f"{mlflow_run.info.run_name} lacks {missing[0]}{more}",
                mlflow_runs=(mlflow_run.info.run_id,),
                sweep=folders[sweep],
            )


def _missing(client: "MlflowClient", mlflow_run: "MlflowRun", run: RunFolder) -> list[str]:
    """Artifacts that are not there; of a server only two levels, since each folder is a call."""
    root = file_path(str(mlflow_run.info.artifact_uri))
    if root is not None:
        evidence = [path for path in run.path.glob("attempts/*/*/*") if path.name[0] != "."]
        wanted = [*FILES, *(str(path.relative_to(run.path)) for path in evidence)]
        return [name for name in wanted if not (root / name).is_file()]
    there: set[str] = set()
    for folder in ("", "attempts"):
        there.update(one.path for one in client.list_artifacts(mlflow_run.info.run_id, folder))
    wanted = [*FILES, *(f"attempts/{path.name}" for path in run.path.glob("attempts/*"))]
    return [name for name in wanted if name not in there]


def _put_right(client: "MlflowClient", problem: Problem, run_id: str) -> None:
    if problem.kind == "stray":
        client.delete_run(run_id)
    elif problem.kind in ("missing", "traces"):
        client.set_tag(run_id, MADE_FROM, "")  # it is no longer fresh, and is written again
    elif problem.kind == "unfinished" and problem.sweep is None:
        client.set_terminated(run_id, "KILLED")


def _relocate(tracker: MlflowTracker) -> None:
    """Tell our sqlite file where the artifacts are now, all or none."""
    old, database = _old_folder(tracker), _database(tracker)
    if old is None or database is None or tracker.artifacts is None:
        return
    new = file_url(tracker.artifacts)
    with closing(sqlite3.connect(database)) as store, store:
        for table, column in KEPT_URLS:
            move = (
                f"UPDATE {table} SET {column} = ? || substr({column}, ?) "  # noqa: S608  our names
                f"WHERE {column} = ? OR substr({column}, 1, ?) = ?"
            )
            store.execute(move, (new, len(old) + 1, old, len(old) + 1, f"{old}/"))


def _old_folder(tracker: MlflowTracker) -> str | None:
    return old_artifact_folder(
        tracker.uri, artifacts=tracker.artifacts, experiment=tracker.experiment
    )


def _database(tracker: MlflowTracker) -> Path | None:
    return sqlite_path(tracker.uri)
