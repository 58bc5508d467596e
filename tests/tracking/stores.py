"""Small sqlite stores for tests, and what is in them."""

import tempfile
from functools import cache
from pathlib import Path

from mlflow import MlflowClient
from mlflow.entities import Run as MlflowRun
from mlflow.entities import TraceInfo

from earmark.storage.urls import file_path, sqlite_url
from earmark.tracking.mlflow_store import MlflowTracker


@cache
def empty_store() -> bytes:
    """A store with empty tables: to make them takes seconds, to copy them does not."""
    with tempfile.TemporaryDirectory() as place:
        MlflowClient(sqlite_url(Path(place, "mlflow.db"))).search_experiments()
        return Path(place, "mlflow.db").read_bytes()


def tracker_at(root: Path) -> MlflowTracker:
    database = root / "mlflow.db"
    if not database.exists():
        root.mkdir(parents=True, exist_ok=True)
        database.write_bytes(empty_store())
    return MlflowTracker(uri_at(root), str(root / "mlruns" / "artifacts"))


def uri_at(root: Path) -> str:
    return sqlite_url(root / "mlflow.db")


def mlflow_runs(root: Path, kind: str = "run") -> list[MlflowRun]:
    client = MlflowClient(uri_at(root))
    experiment = client.get_experiment_by_name("earmark")
    assert experiment is not None
    return list(client.search_runs([experiment.experiment_id], f"tags.`earmark.kind` = '{kind}'"))


def artifacts(mlflow_run: MlflowRun) -> Path:
    path = file_path(str(mlflow_run.info.artifact_uri))
    assert path is not None
    return path


def traces(root: Path) -> list[TraceInfo]:
    """Every trace of the experiment, without spans."""
    client = MlflowClient(uri_at(root))
    experiment = client.get_experiment_by_name("earmark")
    assert experiment is not None
    page = client.search_traces(
        locations=[experiment.experiment_id], max_results=1000, include_spans=False
    )
    return [one.info for one in page]
