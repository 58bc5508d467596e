"""Each thing that can go wrong between folder and store is found and mended."""

import shutil
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest
from mlflow import MlflowClient
from mlflow.entities import TraceInfo, TraceLocation, TraceState
from mlflow.tracing.client import TracingClient

from earmark.config.schema import TrackingConfig
from earmark.storage.sweep_folder import SweepFolder
from earmark.storage.urls import file_path
from earmark.testing.sweeps import make_sweep
from earmark.tracking import health
from earmark.tracking.mlflow_store import MlflowTracker

from .stores import artifacts, mlflow_runs, traces, tracker_at

LOCAL = "/dev/sda1 / ext4 rw 0 0\n"


def seen(tracker: MlflowTracker, folder: SweepFolder) -> Counter[str]:
    return Counter(one.kind for one in health.find_problems(tracker, [folder], mounts=LOCAL))


def mended(tracker: MlflowTracker, folder: SweepFolder) -> Counter[str]:
    health.mend(tracker, health.find_problems(tracker, [folder], mounts=LOCAL))
    return seen(tracker, folder)


@pytest.fixture
def folder(tmp_path: Path) -> SweepFolder:
    return make_sweep(tmp_path / "here")


@pytest.fixture
def tracker(folder: SweepFolder, tmp_path: Path) -> MlflowTracker:
    made = tracker_at(tmp_path / "here")
    made.sweep(folder)
    return made


@pytest.fixture
def client(tracker: MlflowTracker) -> MlflowClient:
    return MlflowClient(tracker.uri)


def test_a_whole_store_has_no_problem(tracker: MlflowTracker, folder: SweepFolder) -> None:
    assert seen(tracker, folder) == {}


def test_a_run_that_looks_alive_is_finished(
    tracker: MlflowTracker, folder: SweepFolder, client: MlflowClient, tmp_path: Path
) -> None:
    client.update_run(mlflow_runs(tmp_path / "here")[0].info.run_id, status="RUNNING")
    assert seen(tracker, folder) == {"unfinished": 1}
    assert mended(tracker, folder) == {}


def test_a_run_that_no_folder_holds_is_closed_and_kept(
    tracker: MlflowTracker, folder: SweepFolder, client: MlflowClient
) -> None:
    tags = {"earmark.kind": "run", "earmark.sweep": "gone", "earmark.run": "k"}
    lost = client.create_run("1", tags=tags)
    assert seen(tracker, folder) == {"unfinished": 1}
    assert mended(tracker, folder) == {}
    assert client.get_run(lost.info.run_id).info.status == "KILLED"


def test_doubles_orphans_and_strays_end(
    tracker: MlflowTracker, folder: SweepFolder, client: MlflowClient, tmp_path: Path
) -> None:
    one, other = mlflow_runs(tmp_path / "here")
    named = {name: value for name, value in one.data.tags.items() if name.startswith("earmark.")}
    for run in (named["earmark.run"], "of another line"):
        copy = client.create_run(
            one.info.experiment_id, tags={**named, "earmark.run": run, "mlflow.parentRunId": "none"}
        )
        client.set_terminated(copy.info.run_id)
    client.set_tag(other.info.run_id, "mlflow.parentRunId", "none")
    assert seen(tracker, folder) == {
        "double": 1,
        "orphan": 2,
        "stray": 1,
        "missing": 1,  # the double was never filled
        "traces": 1,
    }
    assert mended(tracker, folder) == {}
    [parent] = mlflow_runs(tmp_path / "here", "sweep")
    assert [
        mlflow_run.data.tags["mlflow.parentRunId"] for mlflow_run in mlflow_runs(tmp_path / "here")
    ] == [parent.info.run_id] * 2


def test_lost_artifacts_come_back(
    tracker: MlflowTracker, folder: SweepFolder, tmp_path: Path
) -> None:
    place = artifacts(mlflow_runs(tmp_path / "here")[0])
    (place / "listen.html").unlink()
    shutil.rmtree(place / "attempts" / "tone-0")
    [problem] = health.find_problems(tracker, [folder], mounts=LOCAL)
    assert problem.kind == "missing"
    assert "lacks listen.html and 7 more" in problem.message
    assert mended(tracker, folder) == {}
    assert (place / "attempts" / "tone-0" / "0-0" / "out.wav").is_file()


def test_lost_traces_and_sounds_come_back(
    tracker: MlflowTracker, folder: SweepFolder, tmp_path: Path
) -> None:
    here = tmp_path / "here"
    before = {one.trace_id for one in traces(here)}
    TracingClient(tracker.uri).delete_traces("1", trace_ids=[min(before)])
    [problem] = health.find_problems(tracker, [folder], mounts=LOCAL)
    assert (problem.kind, "has 3 traces for 4 attempts" in problem.message) == ("traces", True)
    assert mended(tracker, folder) == {}
    assert {one.trace_id for one in traces(here)} == before
    shutil.rmtree(here / "mlruns" / "artifacts" / "traces")
    assert seen(tracker, folder) == {"traces": 2}
    assert mended(tracker, folder) == {}


def test_traces_of_no_run_are_deleted_and_those_of_others_kept(
    tracker: MlflowTracker, folder: SweepFolder, client: MlflowClient, tmp_path: Path
) -> None:
    here = tmp_path / "here"
    tracing = TracingClient(tracker.uri)
    place = TraceLocation.from_experiment_id("1")
    for trace_id, tags in (("tr-1", {"earmark.run": "gone"}), ("tr-2", {})):
        tracing.start_trace(
            TraceInfo(trace_id, place, request_time=0, state=TraceState.OK, tags=tags)
        )
    before = {one.trace_id for one in traces(here)}
    assert seen(tracker, folder) == {"astray": 1}
    assert mended(tracker, folder) == {}
    assert {one.trace_id for one in traces(here)} == before - {"tr-1"}


def test_a_finished_run_without_a_run_gets_one(
    tracker: MlflowTracker, folder: SweepFolder, client: MlflowClient, tmp_path: Path
) -> None:
    client.delete_run(mlflow_runs(tmp_path / "here")[0].info.run_id)
    [problem] = health.find_problems(tracker, [folder], mounts=LOCAL)
    assert (problem.kind, problem.message) == (
        "absent",
        "1 of 2 runs of small are not in the store",
    )
    assert mended(tracker, folder) == {}
    assert len(mlflow_runs(tmp_path / "here")) == 2


def test_a_store_that_was_lost_is_missed_by_the_sweeps_that_it_held(
    tracker: MlflowTracker, folder: SweepFolder, tmp_path: Path
) -> None:
    empty = tracker_at(tmp_path / "elsewhere")
    assert seen(empty, folder) == {}  # it was never to be there
    for run in folder.runs():
        run.save_run(
            replace(
                run.summary(),
                config=replace(run.summary().config, tracking=TrackingConfig("", uri=empty.uri)),
            )
        )
    assert seen(empty, folder) == {"absent": 1}


def test_a_moved_checkout_is_written_to_the_store(tracker: MlflowTracker, tmp_path: Path) -> None:
    before = {mlflow_run.info.run_id for mlflow_run in mlflow_runs(tmp_path / "here")}
    (tmp_path / "here").rename(tmp_path / "there")
    moved, folder = (
        tracker_at(tmp_path / "there"),
        SweepFolder(tmp_path / "there" / "multirun" / "small"),
    )
    assert seen(moved, folder) == {"moved": 1}
    assert mended(moved, folder) == {}
    after = mlflow_runs(tmp_path / "there")
    assert {mlflow_run.info.run_id for mlflow_run in after} == before
    assert all(
        (artifacts(mlflow_run) / "attempts.json").is_file()
        and artifacts(mlflow_run).is_relative_to(tmp_path / "there")
        for mlflow_run in after
    )
    places = [file_path(one.tags["mlflow.artifactLocation"]) for one in traces(tmp_path / "there")]
    playing = [place for place in places if place and len(list(place.glob("attachments/*"))) == 2]
    assert len(playing) == len(list(folder.path.glob("*/attempts/*/*/out.wav")))
    assert all(place.is_relative_to(tmp_path / "there") for place in playing)


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/home/someone/x.db", "nfs4"),
        ("/home/local/x.db", None),
        ("/tmp/x.db", None),
        ("/my data/x.db", "cifs"),
    ],
)
def test_a_network_file_system_is_named(path: str, kind: str | None) -> None:
    mounts = LOCAL + (
        "server:/h /home nfs4 rw 0 0\n"
        "/dev/sdb /home/local ext4 rw 0 0\n"
        "//s/d /my\\040data cifs rw 0 0\n"
    )
    assert health.network_filesystem(Path(path), mounts) == kind


def test_a_store_on_a_network_is_warned_of(tracker: MlflowTracker, folder: SweepFolder) -> None:
    [problem] = health.find_problems(tracker, [folder], mounts="server:/h / nfs rw 0 0\n")
    assert (problem.kind, "local disk" in problem.hint) == ("network", True)
