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

from earmark.archive import CellFolder, SweepFolder
from earmark.tracking.connection import connected, moved_from
from earmark.tracking.mlflow_store import MlflowTracker
from earmark.tracking.runs import MADE_FROM, found

if TYPE_CHECKING:
    from mlflow import MlflowClient
    from mlflow.entities import Run

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
FILES = ("listen.html", "attempts.json", "cell.json")


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong. `runs` are the runs meant, `sweep` the folder that can put it right, where there is one."""

    kind: str
    seen: str
    way_out: str
    runs: tuple[str, ...] = ()
    sweep: SweepFolder | None = None


def look(tracker: MlflowTracker, folders: Sequence[SweepFolder], *, mounts: str) -> list[Problem]:
    """All problems; `mounts` is the text of /proc/mounts. Raises TrackingUnavailable for a store that does not answer."""
    found_there = list(_places(tracker, mounts))
    if any(one.kind == "moved" for one in found_there):
        return found_there  # runs cannot be looked at before their places are right
    with connected(tracker.uri, artifacts=tracker.artifacts, experiment=tracker.experiment) as (client, experiment):
        by_name = {folder.name: folder for folder in folders}
        runs = [*found(client, experiment, kind="sweep"), *found(client, experiment, kind="cell")]
        for looked in (_doubles, _orphans, _unfinished, partial(_absent, tracker.uri), partial(_missing, client)):
            found_there += looked(runs, by_name)
    return found_there


def mend(tracker: MlflowTracker, problems: Sequence[Problem]) -> None:
    """Put right what can be: places first, then runs by writing their sweeps again. Raises TrackingUnavailable."""
    if any(one.kind == "moved" for one in problems):
        _relocate(tracker)
        return
    with connected(tracker.uri, artifacts=tracker.artifacts, experiment=tracker.experiment) as (client, _):
        for one in problems:
            for run in one.runs:
                _put_right(client, one, run)
    for folder in {one.sweep.path: one.sweep for one in problems if one.sweep}.values():
        tracker.sweep(folder)


def network_filesystem(path: Path, mounts: str) -> str | None:
    """The kind of network file system that `path` lies on, by the longest mount point above it; None for a local one."""
    rows = [line.split(" ")[1:3] for line in mounts.splitlines() if line.count(" ") >= 2]
    above = [(unquote(point.replace("\\040", " ")), kind) for point, kind in rows]
    held = [(len(Path(point).parts), kind) for point, kind in above if Path(point) in (path, *path.parents)]
    kind = max(held, default=(0, ""))[1]
    return kind if kind in NETWORK else None


def _places(tracker: MlflowTracker, mounts: str) -> Iterator[Problem]:
    if (database := _database(tracker)) is not None and (kind := network_filesystem(database.resolve(), mounts)):
        way_out = "set tracking.uri to a file on a local disk, or MLFLOW_TRACKING_URI to a server"
        yield Problem("network", f"{database} lies on {kind}, where sqlite's locks do not hold", way_out)
    if (old := moved_from(tracker.uri, artifacts=tracker.artifacts, experiment=tracker.experiment)) is not None:
        yield Problem("moved", f"the store keeps artifacts in {old}, the checkout has them in {tracker.artifacts}", "earmark doctor --mend")


def _doubles(runs: Sequence["Run"], folders: dict[str, SweepFolder]) -> Iterator[Problem]:
    counted = Counter(_name(run) for run in runs)
    for name, count in counted.items():
        if count > 1 and name[1] in folders:
            yield Problem("double", f"{' '.join(filter(None, name))} has {count} runs", "earmark doctor --mend", sweep=folders[name[1]])


def _orphans(runs: Sequence["Run"], folders: dict[str, SweepFolder]) -> Iterator[Problem]:
    """Children whose parent is not there, and runs of cells that their sweep's folder does not hold."""
    parents = {run.info.run_id for run in runs if run.data.tags["earmark.kind"] == "sweep"}
    keys = {name: {cell.summary().key for cell in folder.cells()} for name, folder in folders.items()}
    for run in runs:
        kind, sweep, cell = _name(run)
        if kind != "cell" or sweep not in folders:
            continue
        if cell not in keys[sweep]:
            yield Problem("stray", f"{run.info.run_name}: {sweep} holds no such cell", "earmark doctor --mend", (run.info.run_id,))
        elif run.data.tags.get("mlflow.parentRunId") not in parents:
            yield Problem("orphan", f"{run.info.run_name}: its parent is gone", "earmark doctor --mend", sweep=folders[sweep])


def _unfinished(runs: Sequence["Run"], folders: dict[str, SweepFolder]) -> Iterator[Problem]:
    """Runs that look alive and are not: nothing runs in a store, it is written when a cell is finished."""
    for run in runs:
        kind, sweep, _ = _name(run)
        waits = kind == "sweep" and run.info.status == "SCHEDULED" and sweep in folders  # for the rest of its cells
        if run.info.status in ALIVE and not waits:
            seen = f"{run.info.run_name} of {sweep} is {run.info.status} for ever"
            yield Problem("unfinished", seen, "earmark doctor --mend", (run.info.run_id,), folders.get(sweep))


def _absent(uri: str, runs: Sequence["Run"], folders: dict[str, SweepFolder]) -> Iterator[Problem]:
    """Finished cells without a run, of sweeps that this store knows or was to know."""
    known, written = {_name(run)[1] for run in runs}, {_name(run)[1:] for run in runs if _name(run)[0] == "cell"}
    for name, folder in folders.items():
        cells = [cell.summary() for cell in folder.cells()]
        lacking = [cell for cell in cells if (name, cell.key) not in written]
        ours = name in known or any(cell.config.get("tracking", {}).get("uri") == uri for cell in cells)
        if lacking and ours:
            seen = f"{len(lacking)} of the {len(cells)} cells of {name} have no run"
            yield Problem("absent", seen, "earmark doctor --mend", sweep=folder)


def _missing(client: "MlflowClient", runs: Sequence["Run"], folders: dict[str, SweepFolder]) -> Iterator[Problem]:
    cells = {(name, cell.summary().key): cell for name, folder in folders.items() for cell in folder.cells()}
    for run in runs:
        kind, sweep, cell = _name(run)
        if kind == "cell" and (sweep, cell) in cells and (lost := _lost(client, run, cells[sweep, cell])):
            seen = f"{run.info.run_name} lacks {lost[0]}" + (f" and {len(lost) - 1} more" if len(lost) > 1 else "")
            yield Problem("missing", seen, "earmark doctor --mend", (run.info.run_id,), folders[sweep])


def _lost(client: "MlflowClient", run: "Run", cell: CellFolder) -> list[str]:
    """Files that the run should hold and does not; of a server only the first levels are asked for, since each folder is a call."""
    place = urlsplit(str(run.info.artifact_uri))
    if place.scheme in ("", "file"):
        wanted = [str(path.relative_to(cell.path)) for path in cell.path.glob("attempts/*/*/*") if not path.name.startswith(".")]
        return [name for name in (*FILES, *wanted) if not Path(unquote(place.path), name).is_file()]
    there = {one.path for folder in ("", "attempts") for one in client.list_artifacts(run.info.run_id, folder)}
    return [name for name in (*FILES, *(f"attempts/{path.name}" for path in cell.path.glob("attempts/*"))) if name not in there]


def _put_right(client: "MlflowClient", problem: Problem, run: str) -> None:
    if problem.kind == "stray":
        client.delete_run(run)
    elif problem.kind == "missing":
        client.set_tag(run, MADE_FROM, "")  # the next look at the folder finds it stale and writes it again
    elif problem.kind == "unfinished" and problem.sweep is None:
        client.set_terminated(run, "KILLED")


def _relocate(tracker: MlflowTracker) -> None:
    """Give experiments and runs of our sqlite file the place where their artifacts are now, all or none."""
    old = moved_from(tracker.uri, artifacts=tracker.artifacts, experiment=tracker.experiment)
    database = _database(tracker)
    if old is None or database is None or tracker.artifacts is None:
        return
    new = Path(tracker.artifacts).absolute().as_uri()
    with closing(sqlite3.connect(database)) as store, store:
        for table, column in (("experiments", "artifact_location"), ("runs", "artifact_uri")):
            moved = f"UPDATE {table} SET {column} = ? || substr({column}, ?) WHERE {column} = ? OR substr({column}, 1, ?) = ?"  # noqa: S608  # names of ours
            store.execute(moved, (new, len(old) + 1, old, len(old) + 1, f"{old}/"))


def _database(tracker: MlflowTracker) -> Path | None:
    return Path(tracker.uri.removeprefix("sqlite:///")) if tracker.uri.startswith("sqlite:///") else None


def _name(run: "Run") -> tuple[str, str, str]:
    tags = run.data.tags
    return tags["earmark.kind"], tags.get("earmark.sweep", ""), tags.get("earmark.cell", "")


def sweeps_under(multirun: Path) -> list[SweepFolder]:
    """The sweeps there are."""
    return [SweepFolder(path.parent) for path in sorted(multirun.glob("*/sweep.json"))]
