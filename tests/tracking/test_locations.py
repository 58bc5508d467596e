"""The store is where MLflow looks, whatever the project's folder is called."""

import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from earmark.commands import doctor
from earmark.config.compose import compose
from earmark.storage.sweep_folder import SweepFolder
from earmark.storage.urls import file_path, file_url, sqlite_path, sqlite_url, tracking_uri
from earmark.testing.sweeps import make_sweep
from earmark.tracking.mlflow_store import MlflowTracker

from .stores import artifacts, empty_store, mlflow_runs, tracker_at

ODD = ["a b", "a%20b", "a#b", "what?", "it's", 'say "ä"', "100%", "a$b", "{a}"]
NAMES = st.text(st.characters(exclude_characters="/\0", exclude_categories=["Cs"]), min_size=1)

# What a bare `mlflow ui` reads, as MLflow itself decides it, in the current folder.
BARE = """
from mlflow import MlflowClient
for experiment in MlflowClient().search_experiments():
    for run in MlflowClient().search_runs([experiment.experiment_id]):
        print(run.info.run_name)
"""


@given(name=NAMES)
def test_a_path_survives_its_url(name: str) -> None:
    path = Path("/somewhere") / name / "mlflow.db"
    assert sqlite_path(sqlite_url(path)) == path
    assert file_path(file_url(path)) == path


def test_other_stores_are_no_paths() -> None:
    assert sqlite_path("postgresql://host/base") is None
    assert file_path("mlflow-artifacts:/1/abc") is None
    assert file_path("/plain/path") == Path("/plain/path")


@pytest.mark.parametrize("name", ODD)
def test_a_project_may_have_any_name(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = tmp_path / name
    monkeypatch.setenv("EARMARK_ROOT", str(root))
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    folder = make_sweep(root, models=("drawn-a",))
    (root / "mlflow.db").write_bytes(empty_store())
    settings = compose([]).tracking
    assert settings.uri == tracking_uri()
    tracker = MlflowTracker(tracking_uri(), str(settings.settings["artifacts"]))
    tracker.sweep(folder)
    [written] = mlflow_runs(root)
    assert artifacts(written).is_relative_to(root)
    assert (artifacts(written) / "attempts" / "tone-0" / "0-0" / "out.wav").is_file()
    assert doctor.main(["--mend"]) == 0


@pytest.mark.parametrize("name", ["plain", "it's a %20 #1?"])
def test_a_bare_mlflow_finds_the_runs(name: str, tmp_path: Path) -> None:
    root = tmp_path / name
    tracker_at(root).sweep(make_sweep(root, models=("drawn-a",)))
    environment = {key: value for key, value in os.environ.items() if "MLFLOW" not in key}
    line = [sys.executable, "-c", BARE]
    seen = subprocess.check_output(line, cwd=root, env=environment, text=True)
    assert set(seen.splitlines()) == {"small", "drawn-a notes zero_shot t0"}


def test_an_old_store_is_moved_over_once(tmp_path: Path) -> None:
    folder = make_sweep(tmp_path)
    tracker_at(tmp_path).sweep(folder)
    before = {one.info.run_id for one in mlflow_runs(tmp_path)}
    old = tmp_path / "there" / "mlruns" / "mlflow.db"
    old.parent.mkdir(parents=True)
    (tmp_path / "mlflow.db").rename(old)
    new = old.parents[1] / "mlflow.db"
    tracker = MlflowTracker(sqlite_url(new), str(tmp_path / "mlruns" / "artifacts"))
    tracker.sweep(folder)
    assert not old.exists()
    assert {one.info.run_id for one in mlflow_runs(tmp_path / "there")} == before


def test_an_old_store_waits_for_its_writer(tmp_path: Path) -> None:
    from earmark.tracking import connection

    old = tmp_path / "mlruns" / "mlflow.db"
    old.parent.mkdir()
    old.write_bytes(empty_store())
    with closing(sqlite3.connect(old)) as writer:
        writer.execute("BEGIN IMMEDIATE")
        with pytest.raises(sqlite3.OperationalError, match="locked"):
            connection.move_old_store(tmp_path / "mlflow.db", wait_seconds=0.1)
    assert old.exists()
    connection.move_old_store(tmp_path / "mlflow.db")
    assert not old.exists()


def test_a_store_that_is_there_is_not_replaced(tmp_path: Path) -> None:
    folder = make_sweep(tmp_path, models=("drawn-a",))
    tracker = tracker_at(tmp_path)
    old = tmp_path / "mlruns" / "mlflow.db"
    old.parent.mkdir(exist_ok=True)
    old.write_bytes(b"of another time")
    tracker.sweep(SweepFolder(folder.path))
    assert old.read_bytes() == b"of another time"
    assert len(mlflow_runs(tmp_path)) == 1
