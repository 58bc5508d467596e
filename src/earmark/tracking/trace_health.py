"""What may be wrong with the traces of a store: lost, without their sounds, or of no run."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from earmark.storage.run_folder import RunFolder
from earmark.storage.urls import file_path
from earmark.tracking.problems import Folders, Problem, mlflow_name, run_folders
from earmark.tracking.traces import SOURCE_RUN, find_traces

if TYPE_CHECKING:
    from mlflow.entities import Run as MlflowRun
    from mlflow.entities import TraceInfo
    from mlflow.tracing.client import TracingClient

OURS = "earmark.run"  # the tag by which a trace is one of ours


def trace_problems(
    tracing: "TracingClient",
    experiment: str,
    mlflow_runs: Sequence["MlflowRun"],
    folders: Folders,
) -> Iterator[Problem]:
    """Attempts that have no trace or lost what it plays, and traces that belong to no run."""
    by_run: dict[str, list[TraceInfo]] = defaultdict(list)
    for info in find_traces(tracing, experiment):
        by_run[info.trace_metadata.get(SOURCE_RUN, "")].append(info)
    runs = {(name, run.summary().key): run for name, run in run_folders(folders)}
    for mlflow_run in mlflow_runs:
        kind, sweep, key = mlflow_name(mlflow_run)
        run_id = mlflow_run.info.run_id
        there = by_run.pop(run_id, [])
        run = runs.get((sweep, key)) if kind == "run" else None
        if run is not None and (words := _lacking(run, there)):
            message = f"{mlflow_run.info.run_name} {words}"
            yield Problem("traces", message, mlflow_runs=(run_id,), sweep=folders[sweep])
    # A run that is absent takes its traces up again when it is written.
    rest = [info for infos in by_run.values() for info in infos if OURS in info.tags]
    lost = [info.trace_id for info in rest if _owner(info) not in runs]
    if lost:
        yield Problem("astray", f"{len(lost)} traces belong to no run", traces=tuple(lost))


def _owner(info: "TraceInfo") -> tuple[str, str]:
    """Sweep and run key."""
    return info.tags.get("earmark.sweep", ""), info.tags[OURS]


def _lacking(run: RunFolder, there: Sequence["TraceInfo"]) -> str:
    """What the traces of a run lack; empty where nothing."""
    if not run.summary().config.tracking.traces:
        return ""
    attempts = len(list(run.path.glob("attempts/*/*/attempt.json")))
    if attempts != len(there):
        return f"has {len(there)} traces for {attempts} attempts"
    clips = len(list(run.path.glob("attempts/*/*/out.png")))
    places = [file_path(info.tags["mlflow.artifactLocation"]) for info in there]
    if None in places:
        return ""  # a server keeps them, and each look is a call
    playing = sum(any(place.glob("attachments/*")) for place in places if place is not None)
    return f"plays {playing} of {clips} clips" if playing < clips else ""
