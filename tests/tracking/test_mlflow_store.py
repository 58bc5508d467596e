"""Runs in a real sqlite store: whole, written once, and always what the folder holds."""

import errno
import os
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from mlflow import MlflowClient

from earmark.errors import TrackingUnavailable
from earmark.storage.sweep_folder import SweepFolder
from earmark.sweep.exclude import exclude, undo
from earmark.testing.sweeps import config, make_run, make_sweep
from earmark.testing.tracking import TrackerContract
from earmark.tracking.health import find_problems
from earmark.tracking.mlflow_store import MlflowTracker
from earmark.tracking.run_content import metrics

from .stores import artifacts, mlflow_runs, tracker_at, uri_at


class TestMlflowTracker(TrackerContract):
    @pytest.fixture
    def tracker(self, tmp_path: Path) -> MlflowTracker:
        return tracker_at(tmp_path)


@pytest.fixture
def swept(tmp_path: Path) -> SweepFolder:
    folder = make_sweep(tmp_path, tiers=("notes", "speech"))
    tracker_at(tmp_path).sweep(folder)
    return folder


def test_a_store_on_a_file_system_without_locks_is_unavailable_and_says_how_to_mount_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(descriptor: int, operation: int) -> None:
        raise OSError(errno.ENOLCK, os.strerror(errno.ENOLCK))

    folder, tracker = make_sweep(tmp_path), tracker_at(tmp_path)
    monkeypatch.setattr("fcntl.flock", refuse)
    with pytest.raises(
        TrackingUnavailable, match=r"\.lock: cannot be locked .* mount it with locks"
    ):
        tracker.sweep(folder)


def test_a_parent_that_lost_a_number_keeps_its_children(tmp_path: Path) -> None:
    folder = make_sweep(tmp_path)
    tracker_at(tmp_path).sweep(folder)
    [before] = mlflow_runs(tmp_path, "sweep")
    for place in folder.runs():
        run = place.run()
        place.save_run(
            replace(
                run,
                scores={name: value for name, value in run.scores.items() if name != "valid_rate"},
            )
        )
    tracker_at(tmp_path).sweep(folder)
    [after] = mlflow_runs(tmp_path, "sweep")
    assert after.info.run_id != before.info.run_id
    assert "valid_rate" not in after.data.metrics
    assert [mlflow_run.data.tags["mlflow.parentRunId"] for mlflow_run in mlflow_runs(tmp_path)] == [
        after.info.run_id
    ] * 2


def test_written_twice_there_is_one_run(swept: SweepFolder, tmp_path: Path) -> None:
    before = {
        mlflow_run.info.run_id: mlflow_run.to_dictionary()
        for mlflow_run in mlflow_runs(tmp_path) + mlflow_runs(tmp_path, "sweep")
    }
    tracker_at(tmp_path).sweep(swept)
    for run in swept.runs():
        tracker_at(tmp_path).run(run)
    assert {
        mlflow_run.info.run_id: mlflow_run.to_dictionary()
        for mlflow_run in mlflow_runs(tmp_path) + mlflow_runs(tmp_path, "sweep")
    } == before


def test_a_renamed_folder_keeps_its_runs_and_makes_no_others(
    swept: SweepFolder, tmp_path: Path
) -> None:
    swept.save_facts({**swept.facts(), "started": "2026-01-02T03:04:05+00:00"})
    tracker_at(tmp_path).sweep(swept)
    before = {one.info.run_id for one in mlflow_runs(tmp_path)}
    renamed = SweepFolder(swept.path.rename(swept.path.with_name("other")))
    for _ in range(2):
        tracker_at(tmp_path).sweep(renamed)
        assert {one.info.run_id for one in mlflow_runs(tmp_path)} == before
        assert {one.data.tags["earmark.sweep"] for one in mlflow_runs(tmp_path)} == {"other"}
        [parent] = mlflow_runs(tmp_path, "sweep")
        assert parent.info.run_name == "other"
    assert {run.summary().sweep for run in renamed.runs()} == {"other"}


def test_a_copied_folder_makes_no_run_twice(swept: SweepFolder, tmp_path: Path) -> None:
    tracker = tracker_at(tmp_path)
    link = tracker.sweep(swept)
    before = {one.info.run_id for one in mlflow_runs(tmp_path)}
    copy = SweepFolder(shutil.copytree(swept.path, swept.path.with_name("copy")))
    assert tracker.sweep(copy) == link  # to what is in it
    for run in copy.runs():
        tracker.run(run)
    assert {one.info.run_id for one in mlflow_runs(tmp_path)} == before
    assert len(mlflow_runs(tmp_path, "sweep")) == 1
    assert find_problems(tracker, [swept, copy], mounts="") == []

    # What is in the copy alone is a run of its own, under a parent of its own.
    [first, *_] = copy.runs()
    changed = first.run()
    first.save_run(replace(changed, scores={**changed.scores, "valid_rate": 0.5}))
    tracker.sweep(copy)
    [more] = [one for one in mlflow_runs(tmp_path) if one.info.run_id not in before]
    assert more.data.tags["earmark.sweep"] == "copy"
    assert len(mlflow_runs(tmp_path, "sweep")) == 2

    # A copy whose original is gone is the sweep.
    shutil.rmtree(swept.path)
    tracker.sweep(copy)
    mine = [one for one in mlflow_runs(tmp_path) if one.data.tags["earmark.sweep"] == "copy"]
    assert {one.data.tags["earmark.run"] for one in mine} == {
        one.summary().key for one in copy.runs()
    }


def test_run_by_run_equals_all_at_once(tmp_path: Path) -> None:
    for root in (tmp_path / "one", tmp_path / "other"):
        folder = make_sweep(root)
        if root.name == "one":
            for run in folder.runs():
                tracker_at(root).run(run)
        tracker_at(root).sweep(folder)
    written = []
    for name in ("one", "other"):
        by_name = {one.info.run_name: one.data for one in mlflow_runs(tmp_path / name)}
        written.append({key: (one.metrics, one.params) for key, one in by_name.items()})
    assert written[0] == written[1]


def test_a_run_left_half_written_is_mended(swept: SweepFolder, tmp_path: Path) -> None:
    client = MlflowClient(uri_at(tmp_path))
    victim = mlflow_runs(tmp_path)[0]
    client.update_run(victim.info.run_id, status="RUNNING")
    (artifacts(victim) / "attempts" / "tone-0" / "0-0" / "out.wav").unlink()
    tracker_at(tmp_path).sweep(swept)
    [mended] = [
        mlflow_run
        for mlflow_run in mlflow_runs(tmp_path)
        if mlflow_run.info.run_id == victim.info.run_id
    ]
    assert mended.info.status == "FINISHED"
    assert (artifacts(mended) / "attempts" / "tone-0" / "0-0" / "out.wav").is_file()


def test_doubles_are_deleted(swept: SweepFolder, tmp_path: Path) -> None:
    client = MlflowClient(uri_at(tmp_path))
    first = mlflow_runs(tmp_path)[0]
    tags = {name: value for name, value in first.data.tags.items() if name.startswith("earmark.")}
    client.create_run(first.info.experiment_id, tags=tags)
    assert len(mlflow_runs(tmp_path)) == 5
    tracker_at(tmp_path).sweep(swept)
    assert len(mlflow_runs(tmp_path)) == 4


def test_new_scores_replace_old_ones_and_their_reasons(swept: SweepFolder, tmp_path: Path) -> None:
    folder = swept.runs()[0]
    run = folder.run()
    folder.save_run(replace(run, scores={**run.scores, "fad": 2.5}, unscored={}))
    tracker_at(tmp_path).run(folder)
    [mlflow_run] = [
        mlflow_run
        for mlflow_run in mlflow_runs(tmp_path)
        if mlflow_run.data.tags["earmark.run"] == run.key
    ]
    assert mlflow_run.data.metrics["fad"] == 2.5
    assert "unscored.fad" not in mlflow_run.data.tags


def test_a_score_that_is_gone_is_gone(swept: SweepFolder, tmp_path: Path) -> None:
    folder = swept.runs()[0]
    run = folder.run()
    kept = {name: value for name, value in run.scores.items() if name != "cost_usd"}
    folder.save_run(replace(run, scores=kept, unscored={"cost_usd": "no known price"}))
    tracker_at(tmp_path).run(folder)
    [mlflow_run] = [
        mlflow_run
        for mlflow_run in mlflow_runs(tmp_path)
        if mlflow_run.data.tags["earmark.run"] == run.key
    ]
    assert "cost_usd" not in mlflow_run.data.metrics
    assert mlflow_run.data.tags["unscored.cost_usd"] == "no known price"


def test_the_parent_says_how_far_it_got(tmp_path: Path) -> None:
    folder = make_sweep(tmp_path, models=("drawn-a",))
    folder.save_facts({**folder.facts(), "runs": 2})
    tracker_at(tmp_path).sweep(folder)
    [parent] = mlflow_runs(tmp_path, "sweep")
    assert (parent.info.status, parent.data.tags["earmark.finished"]) == (
        "SCHEDULED",
        "1 of 2 runs",
    )
    make_run(folder, config(model="drawn-b"))
    tracker_at(tmp_path).sweep(folder)
    [parent] = mlflow_runs(tmp_path, "sweep")
    assert (parent.info.status, parent.data.tags["earmark.finished"]) == (
        "FINISHED",
        "2 of 2 runs",
    )


def test_a_store_that_is_gone_is_named_without_its_password(tmp_path: Path) -> None:
    folder = make_sweep(tmp_path, models=("drawn-a",))
    tracker = MlflowTracker("http://someone:secret@127.0.0.1:9")
    with pytest.raises(TrackingUnavailable, match=r"127\.0\.0\.1:9.*earmark sync") as caught:
        tracker.sweep(folder)
    assert "secret" not in str(caught.value)


def test_a_moved_checkout_is_named(tmp_path: Path) -> None:
    folder = make_sweep(tmp_path / "old", models=("drawn-a",))
    tracker_at(tmp_path / "old").sweep(folder)
    (tmp_path / "old").rename(tmp_path / "new")
    with pytest.raises(
        TrackingUnavailable, match="the checkout has moved: run `earmark doctor --mend`"
    ):
        tracker_at(tmp_path / "new").sweep(SweepFolder(tmp_path / "new" / "multirun" / "small"))


WRITER = """
import sys
from pathlib import Path
from earmark.storage.run_folder import RunFolder
from earmark.tracking.mlflow_store import MlflowTracker
from earmark.tracking.run_content import metrics
root = sys.argv[1]
tracker = MlflowTracker(f"sqlite:///{root}/mlflow.db", f"{root}/mlruns/artifacts")
for path in sys.argv[2:]:
    tracker.run(RunFolder(Path(path)))
"""


def test_a_store_is_made_where_there_is_none(tmp_path: Path) -> None:
    folder = make_sweep(tmp_path, models=("drawn-a",))
    place = tmp_path / "new"
    MlflowTracker(uri_at(place), str(place / "mlruns" / "artifacts")).sweep(folder)
    assert len(mlflow_runs(tmp_path / "new")) == 1


def test_processes_that_write_at_once_make_one_run_each(tmp_path: Path) -> None:
    folder = make_sweep(tmp_path, tiers=("notes", "speech"))
    runs = [str(run.path) for run in folder.runs()]
    lines = [[sys.executable, "-c", WRITER, str(tmp_path), *order] for order in (runs, runs[::-1])]
    writers = [subprocess.Popen(line, stderr=subprocess.PIPE) for line in lines]
    for writer in writers:
        _, stderr = writer.communicate(timeout=120)
        assert writer.returncode == 0, stderr.decode()
    assert len(mlflow_runs(tmp_path)) == 4
    assert len(mlflow_runs(tmp_path, "sweep")) == 1


def test_what_is_excluded_leaves_the_numbers_here_too_and_comes_back(tmp_path: Path) -> None:
    folder = make_sweep(tmp_path, tasks=8)
    tracker_at(tmp_path).sweep(folder)
    before = {one.info.run_name: one.data.metrics for one in mlflow_runs(tmp_path)}
    exclude(folder, ["tone-2"], "its caption names another sound")
    tracker_at(tmp_path).sweep(folder)
    here = {run.run().key: metrics(run.run()) for run in folder.runs()}
    for one in mlflow_runs(tmp_path):
        assert one.data.metrics == pytest.approx(here[one.data.tags["earmark.run"]])
        assert one.data.metrics != before[one.info.run_name]
        assert "its caption names another sound" in one.data.tags["mlflow.note.content"]
    [parent] = mlflow_runs(tmp_path, "sweep")
    assert "Excluded by hand, and in no number" in parent.data.tags["mlflow.note.content"]
    undo(folder, [])
    tracker_at(tmp_path).sweep(folder)
    assert {one.info.run_name: one.data.metrics for one in mlflow_runs(tmp_path)} == before
