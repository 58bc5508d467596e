"""kill -9 at random moments, started again each time: in the end the folder and the store are as if
nothing had been killed.
"""

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from mlflow import MlflowClient

from earmark.storage.sweep_folder import SweepFolder
from tests.tracking.stores import empty_store

SMALLER = ("embedder=none", "reference=none", "tier.limit=1", "prompt=terse")
# A run costs a second or two to compose: few of them in the default run, all in the long one.
FEW = (6, ("-m", "model=expert,silence", "tier=notes", "temperature=0,0.5,1", *SMALLER))
ALL = (
    24,
    (
        "-m",
        "model=expert,noise,random_program,silence",
        "tier=notes,speech",
        "temperature=0,0.5,1",
        *SMALLER,
    ),
)
Line = tuple[str, ...]
EVIDENCE = ("attempt.json", "prompt.md", "response.md", "program.py", "execution.log")


def started(root: Path, line: Line) -> "subprocess.Popen[bytes]":
    environment = {**os.environ, "EARMARK_ROOT": str(root), "EARMARK_CACHE": str(root / "cache")}
    words = [sys.executable, "-m", "earmark.cli", *line, "name=kills"]
    return subprocess.Popen(
        words,
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )


def prepared(root: Path) -> Path:
    root.mkdir(parents=True)
    (root / "mlflow.db").write_bytes(empty_store())
    return root


def to_the_end(root: Path, line: Line) -> float:
    began = time.monotonic()
    running = started(root, line)
    _, said = running.communicate(timeout=580)
    assert running.returncode == 0, said.decode()
    return time.monotonic() - began


def killed(root: Path, line: Line, kills: int, rng: random.Random, seconds: float) -> int:
    """Start and kill; each time the sweep ended before its kill counts as none. How often a kill
    hit.
    """
    hit = 0
    for _ in range(kills):
        running = started(root, line)
        try:
            running.wait(timeout=rng.uniform(0.1, 0.9) * seconds)
        except subprocess.TimeoutExpired:
            hit += 1
            os.killpg(running.pid, signal.SIGKILL)
        running.communicate()
    return hit


def numbers(root: Path) -> dict[str, Any]:
    """All that a run says but how long it took; and each attempt's sound."""
    result = {}
    for folder in SweepFolder(root / "multirun" / "kills").runs():
        run = folder.run()
        scores = {name: value for name, value in run.scores.items() if name != "seconds"}
        sounds = {
            one.key: (
                one.clip.sha256 if one.clip else None,
                one.failure.kind if one.failure else None,
            )
            for one in run.attempts
        }
        result[run.key] = (scores, dict(run.unscored), sounds)
    return result


@pytest.mark.parametrize(
    ("kills", "runs", "line"),
    [
        pytest.param(2, *FEW, id="2"),
        pytest.param(30, *ALL, id="30", marks=[pytest.mark.long, pytest.mark.timeout(7200)]),
    ],
)
def test_kills_lose_and_double_nothing(kills: int, runs: int, line: Line, tmp_path: Path) -> None:
    undisturbed, root = prepared(tmp_path / "undisturbed"), prepared(tmp_path / "killed")
    seconds, wanted = to_the_end(undisturbed, line), numbers(undisturbed)
    # Kills come after little work at a time, else the sweep is over before the last of them.
    assert (
        killed(root, line, kills, random.Random(kills), max(seconds * min(0.5, 8 / kills), 4.0)) > 0
    )
    to_the_end(root, line)
    assert numbers(root) == wanted
    assert len(wanted) == runs
    assert not list(root.glob("multirun/kills/*/attempts/**/*.tmp"))

    client = MlflowClient(f"sqlite:///{root}/mlflow.db")
    experiment = client.get_experiment_by_name("earmark")
    assert experiment is not None
    mlflow_runs = client.search_runs([experiment.experiment_id], max_results=1000)
    assert {mlflow_run.info.status for mlflow_run in mlflow_runs} == {"FINISHED"}
    [parent] = [
        mlflow_run for mlflow_run in mlflow_runs if mlflow_run.data.tags["earmark.kind"] == "sweep"
    ]
    children = [
        mlflow_run for mlflow_run in mlflow_runs if mlflow_run.data.tags["earmark.kind"] == "run"
    ]
    assert len(children) == runs == len(mlflow_runs) - 1
    assert {mlflow_run.data.tags["mlflow.parentRunId"] for mlflow_run in children} == {
        parent.info.run_id
    }
    assert {mlflow_run.data.tags["earmark.run"] for mlflow_run in children} == set(wanted)
    for mlflow_run in children:
        place = Path(str(mlflow_run.info.artifact_uri).removeprefix("file://"))
        attempts = list(place.glob("attempts/*/*"))
        assert len(attempts) == len(wanted[mlflow_run.data.tags["earmark.run"]][2])
        assert all((one / name).is_file() for one in attempts for name in EVIDENCE)
        assert (place / "listen.html").is_file()
