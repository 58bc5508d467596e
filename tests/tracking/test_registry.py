"""A wording and a set of tasks are registered once, by several processes and machines too."""

import json
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from mlflow import MlflowClient

from earmark.config.schema import PromptConfig
from earmark.storage.sweep_folder import SweepFolder
from earmark.storage.urls import sqlite_url
from earmark.testing.sweeps import config, make_run
from earmark.tracking.registry import register_wording

from .postgres import MlflowServer, free_port
from .stores import empty_store, mlflow_runs, tracker_at, uri_at

# Waits for a line before each round, so that both processes register at the same moment.
MACHINE = """
import sys
from mlflow import MlflowClient
from earmark.tracking.registry import register_wording
client = MlflowClient(sys.argv[1])
print("ready", flush=True)
for line in sys.stdin:
    name, text = line.split()
    print(*register_wording(client, "0", name, {"task": text}), flush=True)
"""
SYNC = """
import sys
from pathlib import Path
from earmark.storage.sweep_folder import SweepFolder
from earmark.tracking.mlflow_store import MlflowTracker
root, name = sys.argv[1:]
tracker = MlflowTracker(f"sqlite:///{root}/mlflow.db", f"{root}/mlruns/artifacts")
tracker.sweep(SweepFolder(Path(root) / "multirun" / name))
"""
ROUNDS = [(f"name{number}", text) for number in range(12) for text in "ab"]


@pytest.fixture
def server(tmp_path: Path) -> Iterator[MlflowServer]:
    database = tmp_path / "far.db"
    database.write_bytes(empty_store())
    started = MlflowServer(sqlite_url(database), tmp_path / "artifacts", free_port())
    started.start()
    try:
        yield started
    finally:
        started.stop()


@pytest.mark.xdist_group("server")
def test_two_machines_that_register_at_once_agree_on_one_version(server: MlflowServer) -> None:
    line = [sys.executable, "-c", MACHINE, server.uri]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    machines = [subprocess.Popen(line, text=True, **pipes) for _ in range(2)]  # type: ignore[call-overload]
    assert [one.stdout.readline() for one in machines] == ["ready\n"] * 2
    for name, text in ROUNDS:
        for one in machines:
            one.stdin.write(f"{name} {text}\n")
            one.stdin.flush()
        first, other = (one.stdout.readline().split() for one in machines)
        assert first == other
        assert first[0] == f"prompt-{name}"
    for one in machines:
        one.communicate(timeout=60)
        assert one.returncode == 0
    client = MlflowClient(server.uri)
    for name in {name for name, _ in ROUNDS}:
        versions = client.search_prompt_versions(f"prompt-{name}")
        texts = Counter(one.template for one in versions)
        assert texts == dict.fromkeys((f"## task\n{text}" for of, text in ROUNDS if of == name), 1)


def test_a_version_that_came_second_is_taken_back(tmp_path: Path) -> None:
    tracker_at(tmp_path)
    client = MlflowClient(uri_at(tmp_path))
    client.register_prompt("prompt-plain", "## task\na")  # of a machine that has no alias yet
    assert register_wording(client, "0", "plain", {"task": "a"}) == ("prompt-plain", "1")
    assert [one.version for one in client.search_prompt_versions("prompt-plain")] == [1]
    assert register_wording(client, "0", "plain", {"task": "a"}) == ("prompt-plain", "1")


def test_sweeps_of_one_project_share_wording_and_tasks(tmp_path: Path) -> None:
    settings = replace(config(), prompt=PromptConfig("plain", {"task": "Make {{ task.prompt }}"}))
    names = ("first", "second", "third")
    for name in names:
        folder = SweepFolder(tmp_path / "multirun" / name)
        folder.save_facts({"runs": 1})
        make_run(folder, settings)
    tracker_at(tmp_path)
    lines = [[sys.executable, "-c", SYNC, str(tmp_path), name] for name in names]
    writers = [subprocess.Popen(line, stderr=subprocess.PIPE) for line in lines]
    for writer in writers:
        _, said = writer.communicate(timeout=120)
        assert writer.returncode == 0, said.decode()
    client = MlflowClient(uri_at(tmp_path))
    assert [one.version for one in client.search_prompt_versions("prompt-plain")] == [1]
    assert len(client.search_datasets(experiment_ids=["1"])) == 1
    linked = [one.data.tags["mlflow.linkedPrompts"] for one in mlflow_runs(tmp_path)]
    wanted = [{"name": "prompt-plain", "version": "1"}]
    assert [json.loads(one) for one in linked] == [wanted] * len(names)
