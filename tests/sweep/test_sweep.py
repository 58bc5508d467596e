"""A sweep on real parts: sandbox, store, a local OpenAI-compatible server. What it leaves, and what
it never does twice.
"""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from earmark.records import Attempt
from earmark.storage.sweep_folder import SweepFolder
from tests.models.server import BROKEN, DEAD_PORT_BASE, TOO_MANY, ChatServer, Reply, cut, fenced
from tests.sweep.conftest import SMALL, Launch, local_model

TONE = """
import numpy as np, soundfile as sf
t = np.arange(44100 * 2) / 44100
sf.write("out.wav", 0.3 * np.sin(2 * np.pi * 440 * t), 44100)
"""


def attempts(root: Path, name: str) -> list[Attempt]:
    return [
        attempt
        for run in SweepFolder(root / "multirun" / name).runs()
        for attempt in run.attempts()
    ]


def test_every_combination_is_a_run_with_its_evidence(root: Path, launch: Launch) -> None:
    assert (
        launch(
            "-m",
            "model=expert,silence",
            "tier=notes,speech",
            "temperature=0,0.7",
            "name=grid",
            "tracking=none",
        )
        == 0
    )
    runs = SweepFolder(root / "multirun" / "grid").runs()
    assert len(runs) == 8
    made = attempts(root, "grid")
    assert len(made) == 16
    for run in runs:
        for attempt in run.attempts():
            names = {path.name for path in run.folder_of(attempt).iterdir()}
            assert {
                "attempt.json",
                "prompt.md",
                "response.md",
                "program.py",
                "execution.log",
            } <= names
            assert ("out.png" in names) == (attempt.clip is not None)
    assert {a.failure.kind for a in made if a.failure} == {"silent"}


def test_the_same_line_again_asks_nothing_and_changes_nothing(root: Path, launch: Launch) -> None:
    with ChatServer(fenced(TONE)) as server:
        words = (
            "-m",
            *local_model(server.api_base),
            "tier=notes",
            "temperature=0,1",
            "tracking=none",
        )
        assert launch(*words) == 0
        assert server.requests == 4
        files = {
            path: path.stat().st_mtime_ns for path in (root / "multirun").rglob("attempt.json")
        }
        assert launch(*words) == 0
        assert server.requests == 4
    assert len(files) == 4
    assert {path: path.stat().st_mtime_ns for path in files} == files


def test_a_larger_sweep_pays_only_for_what_is_new(root: Path, launch: Launch) -> None:
    with ChatServer(fenced(TONE)) as server:
        same = (*local_model(server.api_base), "tracking=none")
        assert launch("-m", *same, "temperature=0", "name=first") == 0
        assert launch("-m", *same, "temperature=0,1", "name=second") == 0
        assert server.requests == 4


def test_answers_of_every_sort_are_accounted_for(root: Path, launch: Launch) -> None:
    script = [
        TOO_MANY,
        fenced(TONE),
        Reply(status=500),
        cut(),
        Reply(text="I cannot help."),
        Reply(text=""),
        fenced("import nowhere"),
        fenced("import numpy\nprint(1 / 0)"),
    ]
    with ChatServer(script) as server:
        assert (
            launch(
                *local_model(server.api_base),
                "tier.limit=6",
                "concurrency.requests=1",
                "concurrency.programs=1",
                "name=sorts",
                "tracking=none",
            )
            == 0
        )
    kinds = sorted(a.failure.kind if a.failure else "valid" for a in attempts(root, "sorts"))
    assert kinds == sorted(
        ["valid", "truncated", "refused", "empty", "missing_import", "runtime_error"]
    )


def test_a_broken_provider_is_ours_and_the_other_runs_go_on(
    root: Path, launch: Launch, capsys: pytest.CaptureFixture[str]
) -> None:
    with ChatServer(BROKEN) as server:
        words = (*local_model(server.api_base), "model.retries=0", "tier=notes", "tracking=none")
        assert launch("-m", *words, "name=broken", "temperature=0,1") == 1
    assert attempts(root, "broken") == []
    said = capsys.readouterr().err
    assert said.count("not finished:") == 2
    assert "Traceback" not in said


def test_a_dead_server_is_named_before_the_sweep(
    root: Path, launch: Launch, capsys: pytest.CaptureFixture[str]
) -> None:
    words = (*local_model(DEAD_PORT_BASE), "tier=notes", "tracking=none", "name=dead")
    assert launch("-m", *words, "temperature=0,1") == 1
    assert attempts(root, "dead") == []
    said = capsys.readouterr().err
    assert said.count("no server answers at 127.0.0.1:9; start it, or set model.api_base") == 1
    assert "not finished" not in said
    assert "Traceback" not in said


def test_mlflow_holds_the_names_that_others_rely_on(root: Path, launch: Launch) -> None:
    assert launch("-m", "model=expert,noise", "tier=notes", "name=named", "temperature=0.5") == 0
    from mlflow import MlflowClient

    client = MlflowClient(f"sqlite:///{root}/mlflow.db")
    experiment = client.get_experiment_by_name("earmark")
    assert experiment is not None
    mlflow_runs = client.search_runs([experiment.experiment_id])
    kinds = sorted(one.data.tags["earmark.kind"] for one in mlflow_runs)
    assert kinds == ["run", "run", "sweep"]
    run = next(
        one
        for one in mlflow_runs
        if one.data.tags["earmark.kind"] == "run" and one.data.params["model"] == "expert"
    )
    wanted = {"model", "tier", "strategy", "temperature", "samples", "embedder", "fad_embedder"}
    assert wanted <= set(run.data.params)
    assert {"valid_rate", "cost_usd", "seconds"} <= set(run.data.metrics)
    assert run.data.metrics["valid_rate"] == 1.0
    assert {one.info.status for one in mlflow_runs} == {"FINISHED"}


def test_a_store_that_is_gone_costs_nothing_but_a_sync(
    root: Path, launch: Launch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert launch("model=expert", "name=gone", "tracking.uri=sqlite:////proc/no/store.db") == 1
    said = capsys.readouterr()
    assert "earmark sync NAME" in said.err
    assert "leaderboard.html" in said.out
    assert len(attempts(root, "gone")) == 2
    assert launch("model=expert", "name=gone") == 0
    assert "MLflow" in capsys.readouterr().out


def test_ctrl_c_ends_soon_and_tells_how_to_go_on(root: Path) -> None:
    with ChatServer(Reply(hang=True)) as server:
        words = [*local_model(server.api_base), *SMALL, "tracking=none", "name=stopped"]
        environment = {
            **os.environ,
            "EARMARK_ROOT": str(root),
            "EARMARK_CACHE": str(root / "cache"),
        }
        running = subprocess.Popen(
            [sys.executable, "-m", "earmark.cli", *words],
            env=environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
        deadline = time.monotonic() + 120
        while not server.requests and time.monotonic() < deadline and running.poll() is None:
            time.sleep(0.05)
        assert server.requests
        running.send_signal(signal.SIGINT)
        _, said = running.communicate(timeout=30)
    assert running.returncode == 130
    assert "only what is missing" in said
    assert "Traceback" not in said


CHANCE = """
import numpy as np, soundfile as sf
sf.write("out.wav", 0.1 * np.random.default_rng().normal(size=88200), 44100)
"""


@pytest.mark.parametrize(("program", "agree"), [(TONE, 1.0), (CHANCE, 0.0)], ids=["tone", "chance"])
def test_a_sweep_can_record_whether_a_second_run_agrees(
    program: str, agree: float, root: Path, launch: Launch
) -> None:
    with ChatServer(fenced(program)) as server:
        assert (
            launch(
                *local_model(server.api_base),
                "check_determinism=true",
                "tier.limit=1",
                "name=twice",
                "tracking=none",
            )
            == 0
        )
    (made,) = attempts(root, "twice")
    assert made.scores["frames_agree"] == agree
