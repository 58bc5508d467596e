"""Runs in a real sqlite store: named, whole, written once, and always the folder's image."""

import json
import math
import subprocess
import sys
import tempfile
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest
from mlflow import MlflowClient
from mlflow.entities import Run as MlflowRun

from earmark.errors import TrackingUnavailable
from earmark.storage.sweep_folder import SweepFolder
from earmark.testing.sweeps import as_baseline, config, make_run, make_sweep
from earmark.testing.tracking import TrackerContract
from earmark.tracking.mlflow_store import MlflowTracker


@cache
def empty_store() -> bytes:
    """A store with tables and nothing in them: making the tables takes seconds, copying them none."""
    with tempfile.TemporaryDirectory() as place:
        MlflowClient(f"sqlite:///{place}/mlflow.db").search_experiments()
        return Path(place, "mlflow.db").read_bytes()


def tracker_at(root: Path) -> MlflowTracker:
    database = root / "mlruns" / "mlflow.db"
    if not database.exists():
        database.parent.mkdir(parents=True, exist_ok=True)
        database.write_bytes(empty_store())
    return MlflowTracker(f"sqlite:///{root}/mlruns/mlflow.db", str(root / "mlruns" / "artifacts"))


def mlflow_runs(root: Path, kind: str = "run") -> list[MlflowRun]:
    client = MlflowClient(f"sqlite:///{root}/mlruns/mlflow.db")
    experiment = client.get_experiment_by_name("earmark")
    assert experiment is not None
    return list(client.search_runs([experiment.experiment_id], f"tags.`earmark.kind` = '{kind}'"))


def artifacts(mlflow_run: MlflowRun) -> Path:
    return Path(str(mlflow_run.info.artifact_uri).removeprefix("file://"))


class TestMlflowTracker(TrackerContract):
    @pytest.fixture
    def tracker(self, tmp_path: Path) -> MlflowTracker:
        return tracker_at(tmp_path)


@pytest.fixture
def swept(tmp_path: Path) -> SweepFolder:
    folder = make_sweep(tmp_path, tiers=("notes", "speech"))
    tracker_at(tmp_path).sweep(folder)
    return folder


def test_names_that_others_rely_on(swept: SweepFolder, tmp_path: Path) -> None:
    [parent] = mlflow_runs(tmp_path, "sweep")
    children = {mlflow_run.info.run_name: mlflow_run for mlflow_run in mlflow_runs(tmp_path)}
    assert set(children) == {
        f"drawn-{who} {tier} zero_shot t0" for who in "ab" for tier in ("notes", "speech")
    }
    mlflow_run = children["drawn-a notes zero_shot t0"]
    assert mlflow_run.data.tags["mlflow.parentRunId"] == parent.info.run_id
    named = {
        "model": "drawn-a",
        "tier": "notes",
        "strategy": "zero_shot",
        "temperature": "0.0",
        "samples": "1",
    }
    assert (
        mlflow_run.data.params.items()
        >= {
            **named,
            "embedder": "yamnet_minilm",
            "fad_embedder": "same",
            "isolation": "namespaces",
        }.items()
    )
    assert {
        "yamnet_minilm",
        "yamnet_minilm_floored",
        "yamnet_minilm_se",
        "valid_rate",
        "cost_usd",
        "seconds",
    } <= set(mlflow_run.data.metrics)
    assert not any(name.startswith("clap") for name in mlflow_run.data.metrics)
    assert mlflow_run.data.tags["unscored.fad"] == "3 clips are too few for a distance"


def test_metrics_are_the_folders_scores(swept: SweepFolder, tmp_path: Path) -> None:
    written = {
        mlflow_run.data.tags["earmark.run"]: mlflow_run.data.metrics
        for mlflow_run in mlflow_runs(tmp_path)
    }
    for folder in swept.runs():
        run = folder.run()
        assert written[run.key].items() >= dict(run.scores).items()


def test_evidence_lies_where_it_is_expected(swept: SweepFolder, tmp_path: Path) -> None:
    for mlflow_run in mlflow_runs(tmp_path):
        place = artifacts(mlflow_run)
        names = {path.name for path in (place / "attempts" / "tone-0" / "0-0").iterdir()}
        assert names == {
            "attempt.json",
            "prompt.md",
            "response.md",
            "program.py",
            "out.wav",
            "out.png",
            "execution.log",
        }
        table = json.loads((place / "attempts.json").read_text())
        assert len(table["data"]) == len(list(place.glob("attempts/*/*/attempt.json")))
        assert not any("." in head for head in table["columns"])
        assert "data:audio/mpeg;base64," in (place / "listen.html").read_text()
    [parent] = mlflow_runs(tmp_path, "sweep")
    assert {path.name for path in artifacts(parent).iterdir()} == {
        "sweep.json",
        "config.json",
        "leaderboard.html",
    }
    told = json.loads((artifacts(parent) / "config.json").read_text())
    assert told["swept"] == {"model.name": ["drawn-a", "drawn-b"], "tier.name": ["notes", "speech"]}
    assert told["fixed"]["strategy.shots"] == 0
    assert (
        parent.data.tags.items()
        >= {
            "earmark.isolation": "namespaces",
            "earmark.embedders": "drawn-1",
            "earmark.stand_in": "yes",
        }.items()
    )
    assert {"runs", "attempts", "seconds", "valid_rate"} <= set(parent.data.metrics)


def test_what_went_in_is_named_by_its_digest(swept: SweepFolder, tmp_path: Path) -> None:
    one, other = (
        mlflow_run.inputs.dataset_inputs
        for mlflow_run in mlflow_runs(tmp_path)[:2]
        if mlflow_run.inputs is not None
    )
    assert {(each.dataset.name.split(" ")[1], each.tags[0].value) for each in one} == {
        ("tasks", "tasks"),
        ("reference", "reference"),
    }
    assert all(len(each.dataset.digest) == 16 for each in (*one, *other))


def test_the_saved_view_finds_its_spectrograms(swept: SweepFolder, tmp_path: Path) -> None:
    mlflow_run = mlflow_runs(tmp_path)[0]
    shown = mlflow_run.data.tags["earmark.pictured"].split(",")
    assert shown == ["tone-0", "tone-1", "tone-2"]
    names = sorted(
        path.name.split("+")[0] for path in (artifacts(mlflow_run) / "images").glob("*.png")
    )
    assert names == shown
    assert len(list((artifacts(mlflow_run) / "images").glob("*+compressed.webp"))) == 3


def test_a_baseline_stands_apart_on_the_parent(tmp_path: Path) -> None:
    folder = make_sweep(tmp_path)
    place = folder.runs()[0]
    run = place.run()
    place.save_run(replace(run, config=as_baseline(run)))
    tracker_at(tmp_path).sweep(folder)
    [parent] = mlflow_runs(tmp_path, "sweep")
    other = folder.runs()[1].run()
    assert parent.data.metrics["valid_rate"] == other.scores["valid_rate"]
    assert parent.data.tags["earmark.baselines"] == run.config.model.name


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


def test_run_by_run_equals_all_at_once(tmp_path: Path) -> None:
    for root in (tmp_path / "one", tmp_path / "other"):
        folder = make_sweep(root)
        if root.name == "one":
            for run in folder.runs():
                tracker_at(root).run(run)
        tracker_at(root).sweep(folder)
    one, other = (
        {
            mlflow_run.info.run_name: (mlflow_run.data.metrics, mlflow_run.data.params)
            for mlflow_run in mlflow_runs(tmp_path / name)
        }
        for name in ("one", "other")
    )
    assert one == other


def test_a_run_left_half_written_is_mended(swept: SweepFolder, tmp_path: Path) -> None:
    client = MlflowClient(f"sqlite:///{tmp_path}/mlruns/mlflow.db")
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
    client = MlflowClient(f"sqlite:///{tmp_path}/mlruns/mlflow.db")
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


def test_odd_texts_and_numbers_are_taken(tmp_path: Path) -> None:
    composed = config(model="drawn/" + "ä🎵" * 80 + "'")
    folder = make_run(SweepFolder(tmp_path / "multirun" / "it's odd"), composed)
    run = folder.run()
    odd = replace(
        run,
        unscored={**run.unscored, "kad": "why " * 5000},
        facts=replace(run.facts, embedder_id="x" * 10_000),
    )
    folder.save_run(odd)
    tracker_at(tmp_path).run(folder)
    [mlflow_run] = mlflow_runs(tmp_path)
    assert mlflow_run.data.tags["unscored.kad"].startswith("why why")


def test_infinite_scores_become_reasons() -> None:
    from earmark.records import Run
    from earmark.tracking import run_content

    run = Run("k", "s", config(), scores={"fad": math.inf, "kad": math.nan, "seconds": 1.0})
    assert run_content.metrics(run) == {"seconds": 1.0}
    assert (
        run_content.tags(run).items()
        >= {"unscored.fad": "was inf", "unscored.kad": "was nan"}.items()
    )


def test_a_store_that_is_gone_is_named_without_its_password(tmp_path: Path) -> None:
    folder = make_sweep(tmp_path, models=("drawn-a",))
    tracker = MlflowTracker("http://someone:secret@127.0.0.1:9")
    with pytest.raises(TrackingUnavailable, match=r"127\.0\.0\.1:9.*earmark sync") as caught:
        tracker.sweep(folder)
    assert "secret" not in str(caught.value)


def test_a_moved_checkout_is_said(tmp_path: Path) -> None:
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
root = sys.argv[1]
tracker = MlflowTracker(f"sqlite:///{root}/mlruns/mlflow.db", f"{root}/mlruns/artifacts")
for path in sys.argv[2:]:
    tracker.run(RunFolder(Path(path)))
"""


def test_a_store_is_made_where_there_is_none(tmp_path: Path) -> None:
    folder = make_sweep(tmp_path, models=("drawn-a",))
    place = tmp_path / "new" / "mlruns"
    MlflowTracker(f"sqlite:///{place}/mlflow.db", str(place / "artifacts")).sweep(folder)
    assert len(mlflow_runs(tmp_path / "new")) == 1


def test_processes_that_write_at_once_make_one_run_each(tmp_path: Path) -> None:
    folder = make_sweep(tmp_path, tiers=("notes", "speech"))
    runs = [str(run.path) for run in folder.runs()]
    lines = [[sys.executable, "-c", WRITER, str(tmp_path), *order] for order in (runs, runs[::-1])]
    writers = [subprocess.Popen(line, stderr=subprocess.PIPE) for line in lines]
    for writer in writers:
        _, said = writer.communicate(timeout=120)
        assert writer.returncode == 0, said.decode()
    assert len(mlflow_runs(tmp_path)) == 4
    assert len(mlflow_runs(tmp_path, "sweep")) == 1
