"""A finished line is known as finished before anything that takes time is imported."""

import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from earmark.paths import sweeps
from tests.sweep.conftest import SMALL, make_root

LINE = ("model=silence", "name=done", *SMALL)
HEAVY = ("hydra", "numpy", "pydantic", "mlflow", "omegaconf")

pytestmark = pytest.mark.xdist_group("finished")  # each test leaves the sweep finished


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The root of one sweep, which all tests here start again."""
    folder = tmp_path_factory.mktemp("finished")
    with pytest.MonkeyPatch.context() as patch:
        yield make_root(folder, patch)


@pytest.fixture(scope="module")
def finished(root: Path) -> str:
    """What the line printed that finished the sweep."""
    assert not (root / "multirun").exists()
    return _run().stdout


def _run() -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-X", "importtime", "-m", "earmark", *LINE]
    return subprocess.run(command, capture_output=True, text=True, check=True)


def _imported(ended: subprocess.CompletedProcess[str]) -> set[str]:
    lines = [line for line in ended.stderr.splitlines() if line.startswith("import time:")]
    return {line.rpartition("|")[2].strip() for line in lines}


def test_the_same_line_again_prints_the_same_and_imports_nothing_heavy(finished: str) -> None:
    again = _run()
    assert again.stdout == finished
    assert again.stderr.splitlines()[-1] == "done: its run is finished; nothing to do"
    assert not _imported(again).intersection(HEAVY)


def _touch_attempt(root: Path) -> None:
    attempt = next((root / "multirun" / "done").glob("*/attempts/*/*/attempt.json"))
    attempt.write_text(attempt.read_text(encoding="utf-8") + "\n", encoding="utf-8")


def _delete_page(root: Path) -> None:
    (root / "multirun" / "done" / "leaderboard.html").unlink()


def _delete_in_store(root: Path) -> None:
    with closing(sqlite3.connect(root / "mlflow.db")) as store:
        store.execute("UPDATE runs SET lifecycle_stage = 'deleted'")
        store.commit()


def _delete_store(root: Path) -> None:
    (root / "mlflow.db").unlink()


def _damage_note(root: Path) -> None:
    [note] = (sweeps() / ".finished").glob("*.json")
    note.write_text("[]", encoding="utf-8")


SELDOM = (_delete_page, _delete_store, _damage_note)


@pytest.mark.parametrize(
    "change",
    [
        _touch_attempt,
        _delete_in_store,
        *(pytest.param(one, marks=pytest.mark.long) for one in SELDOM),
    ],
)
def test_whatever_has_changed_is_looked_at_again(
    change: Callable[[Path], None], root: Path, finished: str
) -> None:
    change(root)
    again = _run()
    assert "hydra" in _imported(again)
    assert (root / "multirun" / "done" / "leaderboard.html").is_file()
    with closing(sqlite3.connect(root / "mlflow.db")) as store:
        active = "SELECT count(*) FROM runs WHERE lifecycle_stage = 'active'"
        assert store.execute(active).fetchone() == (2,)
    assert _run().stdout == again.stdout
    assert finished.partition("MLflow")[0] == again.stdout.partition("MLflow")[0]
