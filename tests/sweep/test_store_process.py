"""MLflow in a process of its own: what it raises is raised here, and it ends with this process."""

import os
import signal
import subprocess
import sys
import time
from multiprocessing import active_children
from pathlib import Path

import pytest

from earmark.errors import HarnessError, TrackingUnavailable
from earmark.storage.run_folder import RunFolder
from earmark.storage.sweep_folder import SweepFolder
from earmark.sweep.store_process import TrackerProcess


class Recorder:
    """A tracker that answers with the process that it is in."""

    def sweep(self, folder: SweepFolder) -> str | None:
        return f"{folder.name} {os.getpid()}"

    def run(self, folder: RunFolder) -> str | None:
        raise HarnessError(f"{folder.path.name}: damaged; delete it and start again")


class Dying:
    """A tracker whose process is killed while it writes."""

    def sweep(self, folder: SweepFolder) -> str | None:
        os.kill(os.getpid(), signal.SIGKILL)
        return folder.name

    def run(self, folder: RunFolder) -> str | None:
        return folder.path.name


@pytest.fixture
def folder(root: Path) -> SweepFolder:
    return SweepFolder.named("here")


def test_calls_are_made_in_one_other_process(folder: SweepFolder) -> None:
    first, second = (str(TrackerProcess(Recorder()).sweep(folder)) for _ in range(2))
    assert first == second
    assert first.startswith("here ")
    assert first != f"here {os.getpid()}"


def test_what_it_raises_is_raised_here(folder: SweepFolder) -> None:
    with pytest.raises(HarnessError, match="one-run: damaged; delete it") as caught:
        TrackerProcess(Recorder()).run(RunFolder(folder.path / "one-run"))
    assert "in run" in caught.value.__notes__[0]


def test_another_process_follows_one_that_died(folder: SweepFolder) -> None:
    before = TrackerProcess(Recorder()).sweep(folder)
    with pytest.raises(TrackingUnavailable, match=r"has ended; .* run `earmark sync NAME`"):
        TrackerProcess(Dying()).sweep(folder)
    after = TrackerProcess(Recorder()).sweep(folder)
    assert after is not None
    assert after != before


def test_it_sees_the_environment_of_the_call(
    folder: SweepFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EARMARK_SEEN", "first")
    tracker = TrackerProcess(Environment())
    assert tracker.sweep(folder) == "first"
    monkeypatch.setenv("EARMARK_SEEN", "second")
    assert tracker.sweep(folder) == "second"


class Environment(Recorder):
    """A tracker that answers with a variable."""

    def sweep(self, folder: SweepFolder) -> str | None:
        return os.environ["EARMARK_SEEN"]


KILLED = """
import os, signal
from earmark.storage.sweep_folder import SweepFolder
from earmark.sweep.store_process import TrackerProcess
from tests.sweep.test_store_process import Recorder
print(TrackerProcess(Recorder()).sweep(SweepFolder.named("here")), flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""


def test_it_ends_with_a_process_that_is_killed(root: Path) -> None:
    here = Path(__file__).parents[2]
    done = subprocess.run(
        [sys.executable, "-c", KILLED],
        cwd=here,
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(here), *sys.path])},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == -signal.SIGKILL, done.stderr
    worker = int(done.stdout.split()[1])
    give_up = time.monotonic() + 30
    while Path(f"/proc/{worker}").exists():
        assert time.monotonic() < give_up, "it goes on alone"
        time.sleep(0.05)


def test_it_is_the_only_child(folder: SweepFolder) -> None:
    TrackerProcess(Recorder()).sweep(folder)
    children = set(active_children())  # workers that joblib keeps from another test are among them
    TrackerProcess(Recorder()).sweep(folder)
    assert set(active_children()) <= children
