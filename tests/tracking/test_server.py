"""A sweep of four processes into an MLflow server on PostgreSQL that goes away meanwhile."""

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
from mlflow import MlflowClient
from mlflow.tracing.client import TracingClient

from earmark.storage.sweep_folder import SweepFolder
from earmark.tracking import run_content
from earmark.tracking.traces import find_traces
from tests.caches import new_cache
from tests.sweep.conftest import SMALL

from .postgres import MlflowServer, database, free_port

LINE = ("-m", "model=expert,noise,random_program,silence", "temperature=0,0.5", *SMALL, "name=far")
PARALLEL = ("hydra/launcher=joblib", "hydra.launcher.n_jobs=2")
RUNS = 8  # of a tier


@pytest.mark.xdist_group("server")
@pytest.mark.parametrize(
    ("away_seconds", "tiers"),
    [(8, ("notes",)), pytest.param(60, ("notes", "speech"), marks=pytest.mark.long)],
    ids=["8", "60"],
)
def test_a_server_that_goes_away_costs_nothing(
    away_seconds: float, tiers: tuple[str, ...], tmp_path: Path
) -> None:
    root = tmp_path / "root"
    with database() as store:
        server = MlflowServer(store, tmp_path / "artifacts", free_port())
        server.start()
        try:
            environment = {
                **os.environ,
                "EARMARK_ROOT": str(root),
                "EARMARK_CACHE": str(new_cache(root / "cache")),
                "MLFLOW_TRACKING_URI": server.uri,
            }
            tier = f"tier={','.join(tiers)}"
            line = [sys.executable, "-m", "earmark.cli", *LINE, tier, *PARALLEL]
            sweep = subprocess.Popen(
                line, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
            )
            while sweep.poll() is None and len(SweepFolder(root / "multirun" / "far").runs()) < 3:
                time.sleep(0.1)
            assert sweep.poll() is None, sweep.communicate()
            server.stop()
            time.sleep(away_seconds)
            server.start()
            out, said = sweep.communicate(timeout=500)
            if (
                sweep.returncode != 0
            ):  # the sweep was over before the server came back: what is left is a sync
                assert "earmark sync NAME" in said
                out = subprocess.check_output(
                    [sys.executable, "-m", "earmark.cli", "sync", "far"],
                    env=environment,
                    text=True,
                    timeout=300,
                )
            assert server.uri in out
            check(server.uri, root, RUNS * len(tiers))
        finally:
            server.stop()


def check(uri: str, root: Path, runs: int, *, name: str = "far") -> None:
    """The server holds what the folder holds, once."""
    client = MlflowClient(uri)
    experiment = client.get_experiment_by_name("earmark")
    assert experiment is not None
    mlflow_runs = client.search_runs([experiment.experiment_id], max_results=1000)
    assert {mlflow_run.info.status for mlflow_run in mlflow_runs} == {"FINISHED"}
    [parent] = [
        mlflow_run for mlflow_run in mlflow_runs if mlflow_run.data.tags["earmark.kind"] == "sweep"
    ]
    children = {
        mlflow_run.data.tags["earmark.run"]: mlflow_run
        for mlflow_run in mlflow_runs
        if mlflow_run.data.tags["earmark.kind"] == "run"
    }
    folders = SweepFolder(root / "multirun" / name).runs()
    assert len(folders) == runs == len(mlflow_runs) - 1
    for folder in folders:
        run = folder.run()
        mlflow_run = children[run.key]
        assert mlflow_run.data.tags["mlflow.parentRunId"] == parent.info.run_id
        assert mlflow_run.data.metrics == run_content.metrics(run)
        written = find_traces(TracingClient(uri), "1", mlflow_run.info.run_id)
        assert len(written) == len(run.attempts)
        there = {one.path for one in client.list_artifacts(mlflow_run.info.run_id, "attempts")}
        assert there == {f"attempts/{one.task.id}" for one in run.attempts}
    some = next(iter(children.values())).info.run_id
    assert {"listen.html", "attempts.json", "run.json", "attempts"} <= {
        one.path for one in client.list_artifacts(some)
    }
