"""One store, one server and one browser for all tests of screens."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from earmark import paths
from earmark.commands import ui
from earmark.config.schema import PromptConfig
from earmark.storage.sweep_folder import SweepFolder
from earmark.storage.urls import sqlite_url
from earmark.testing.sweeps import add_baselines, make_sweep
from earmark.tracking.mlflow_store import MlflowTracker
from tests.tracking.test_commands import free_port

from .chromium import chromium
from .screens import REAL

# Two versions of one wording.
TASKS = ("Make this sound: {{ task.prompt }}", "Please make this sound: {{ task.prompt }}")


@pytest.fixture(scope="session")
def shown_root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return paths.root() if REAL else tmp_path_factory.mktemp("screens")


@pytest.fixture(scope="session")
def shown(shown_root: Path) -> SweepFolder:
    if REAL:
        return SweepFolder(shown_root / "multirun" / REAL)
    drawn = add_baselines(make_sweep(shown_root, tiers=("notes", "speech"), tasks=4))
    for number, place in enumerate(drawn.runs()):
        run = place.run()
        prompt = PromptConfig("default", {"task": TASKS[number % 2]})
        place.save_run(replace(run, config=replace(run.config, prompt=prompt)))
    return drawn


@pytest.fixture(scope="session")
def store(shown_root: Path, shown: SweepFolder) -> MlflowTracker:
    artifacts = str(shown_root / "mlruns" / "artifacts")
    tracker = MlflowTracker(sqlite_url(shown_root / "mlflow.db"), artifacts)
    tracker.sweep(shown)
    return tracker


@pytest.fixture(scope="session")
def address(store: MlflowTracker) -> Iterator[str]:
    port = free_port()
    server = ui.started(store.uri, port=port)
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        ui.stop(server)


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    with chromium(width=1500, height=1000) as opened:
        yield opened
