"""What MLflow runs hold: names that others rely on, the folder's scores, evidence in its place."""

import json
import math
import re
from dataclasses import replace
from pathlib import Path

import pytest
from mlflow import MlflowClient

from earmark.analysis.grid import score_grid
from earmark.records import Run, Sampling
from earmark.storage.sweep_folder import SweepFolder
from earmark.testing.sweeps import as_baseline, config, make_run, make_sweep
from earmark.tracking import run_content
from earmark.tracking.run_note import widest_difference

from .stores import artifacts, mlflow_runs, tracker_at, uri_at


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
        assert written[run.key] == run_content.metrics(run)
        assert written[run.key]["yamnet_minilm"] == run.scores["yamnet_minilm"]


def test_evidence_is_where_it_is_expected(swept: SweepFolder, tmp_path: Path) -> None:
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
        "report",
    }
    assert (artifacts(parent) / "report" / "report.html").is_file()
    assert list((artifacts(parent) / "report" / "figures").glob("*.svg"))
    stored = json.loads((artifacts(parent) / "config.json").read_text())
    assert stored["swept"] == {
        "model.name": ["drawn-a", "drawn-b"],
        "tier.name": ["notes", "speech"],
    }
    assert stored["fixed"]["strategy.shots"] == 0
    assert (
        parent.data.tags.items()
        >= {
            "earmark.isolation": "namespaces",
            "earmark.embedders": "drawn-1",
            "earmark.stand_in": "yes",
        }.items()
    )
    shares = {"valid_rate/notes", "valid_rate/speech"}
    assert {"runs", "attempts", "seconds"} | shares <= set(parent.data.metrics)
    assert "valid_rate" not in parent.data.metrics  # tiers are never averaged


def test_what_went_in_is_named_by_its_digest(swept: SweepFolder, tmp_path: Path) -> None:
    for mlflow_run in mlflow_runs(tmp_path):
        assert mlflow_run.inputs is not None
        used = {one.dataset.name: one for one in mlflow_run.inputs.dataset_inputs}
        tier = mlflow_run.data.params["tier"]
        assert len(used) == 2
        assert used.pop(f"{tier} reference").tags[0].value == "reference"
        [(name, tasks)] = used.items()
        assert name == f"{tier} {tasks.dataset.digest[:8]}"
        assert len(tasks.dataset.digest) == 16


def test_the_saved_view_finds_its_spectrograms(swept: SweepFolder, tmp_path: Path) -> None:
    mlflow_run = mlflow_runs(tmp_path)[0]
    shown = mlflow_run.data.tags["earmark.pictured"].split(",")
    assert shown == ["tone-0", "tone-1", "tone-2"]
    names = sorted(
        path.name.split("+")[0] for path in (artifacts(mlflow_run) / "images").glob("*.png")
    )
    assert names == shown
    assert len(list((artifacts(mlflow_run) / "images").glob("*+compressed.webp"))) == 3


def test_a_note_says_what_how_well_how_sure_and_where_to_go(
    swept: SweepFolder, tmp_path: Path
) -> None:
    ids = {one.info.run_id: one for one in mlflow_runs(tmp_path)}
    [parent] = mlflow_runs(tmp_path, "sweep")
    for run_id, mlflow_run in ids.items():
        what, how, place, beside = mlflow_run.data.tags["mlflow.note.content"].split("  \n")
        assert mlflow_run.data.params["model"] in what
        assert "a stand-in, never to be compared with CLAP" in what
        assert f"{mlflow_run.data.metrics['yamnet_minilm']:.3f}" in how
        assert "floor 0.050" in how
        assert re.match(r"Place .* of 2 by ", place)
        links = re.findall(r"/runs/([0-9a-f]{32})", place + beside)
        neighbours = {ids[link].data.params["tier"] for link in links if link in ids}
        assert neighbours == {mlflow_run.data.params["tier"]}
        assert {run_id, parent.info.run_id} < set(links)
        assert len(set(links)) == 3  # itself, the parent, and the one other run of its tier
        pair = re.search(r"selectedRunUuid=(\w+)&compareToRunUuid=(\w+)", beside)
        assert pair is not None
        assert pair[1] == run_id
        assert {run_id, pair[2], parent.info.run_id} == set(links)
    assert "drawn-a" in parent.data.tags["mlflow.note.content"]


def test_two_runs_differ_most_where_the_means_of_a_task_do(swept: SweepFolder) -> None:
    one, other = (
        run for run in (place.run() for place in swept.runs()) if run.config.tier.name == "notes"
    )
    found = widest_difference(one, other, "yamnet_minilm")
    assert found is not None
    grid = score_grid([one, other], "yamnet_minilm")
    means = grid.values.mean(axis=2)
    gaps = means[0] - means[1]
    at = int(abs(gaps).argmax())
    assert found[0] == grid.tasks[at]
    assert found[1] == pytest.approx(gaps[at])
    back = widest_difference(other, one, "yamnet_minilm")
    assert back is not None
    assert back[0] == found[0]
    assert back[1] == pytest.approx(-found[1])
    assert widest_difference(one, one, "yamnet_minilm") is None
    assert widest_difference(one, other, "fad") is None


def test_a_run_written_again_keeps_its_place(swept: SweepFolder, tmp_path: Path) -> None:
    client = MlflowClient(uri_at(tmp_path))
    before = mlflow_runs(tmp_path)[0]
    client.set_tag(before.info.run_id, "earmark.made_from", "")
    tracker_at(tmp_path).sweep(swept)
    after = client.get_run(before.info.run_id).data.tags
    assert after["mlflow.note.content"] == before.data.tags["mlflow.note.content"]
    assert after["earmark.made_from"]


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


def test_odd_texts_and_numbers_are_written(tmp_path: Path) -> None:
    composed = config(model="drawn/" + "ä🎵" * 80 + "'")
    folder = make_run(SweepFolder(tmp_path / "multirun" / "it's odd"), composed)
    run = folder.run()
    odd = replace(
        run,
        unscored={**run.unscored, "fad": "why " * 5000},
        facts=replace(run.facts, embedder_id="x" * 10_000),
    )
    folder.save_run(odd)
    tracker_at(tmp_path).run(folder)
    [mlflow_run] = mlflow_runs(tmp_path)
    assert mlflow_run.data.tags["unscored.fad"].startswith("why why")


def test_infinite_scores_become_reasons() -> None:
    run = Run("k", "s", config(), scores={"fad": math.inf, "cost_usd": math.nan, "seconds": 1.0})
    assert run_content.metrics(run) == {"seconds": 1.0}
    assert (
        run_content.tags(run).items()
        >= {"unscored.fad": "was inf", "unscored.cost_usd": "was nan"}.items()
    )


def test_a_clamped_temperature_is_shown_next_to_the_requested_one(tmp_path: Path) -> None:
    run = make_sweep(tmp_path, temperatures=(1.5,)).runs()[0].run()
    assert run_content.params(run)["temperature"] == "1.5"
    assert "temperature_requested" not in run_content.params(run)
    clamped = tuple(
        replace(one, completion=replace(one.completion, effective=Sampling(temperature=1.0)))
        for one in run.attempts
        if one.completion is not None
    )
    params = run_content.params(replace(run, attempts=clamped))
    assert (params["temperature"], params["temperature_requested"]) == ("1", "1.5")
    ignored = tuple(
        replace(one, completion=replace(one.completion, effective=Sampling()))
        for one in run.attempts
        if one.completion is not None
    )
    assert run_content.params(replace(run, attempts=ignored))["temperature"] == "provider default"
