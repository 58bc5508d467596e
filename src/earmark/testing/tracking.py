"""What every tracker must hold: the contract suite of the seam earmark.tracking.

In: a tracker, given by the fixture that an implementation's test overrides, and small sweeps on disk. Out: tests to inherit.
"""

from pathlib import Path

import pytest

from earmark.storage.sweep_folder import SweepFolder
from earmark.testing.sweeps import made_sweep
from earmark.tracking import Tracker


class TrackerContract:
    """A tracker changes nothing in the folder and says the same thing when it is told the same thing."""

    @pytest.fixture
    def tracker(self, tmp_path: Path) -> Tracker:
        """The implementation under test."""
        raise NotImplementedError("the implementation's test gives its tracker")

    @pytest.fixture
    def folder(self, tmp_path: Path) -> SweepFolder:
        """A finished sweep of two runs."""
        return made_sweep(tmp_path)

    def test_the_folder_is_left_as_it_was(self, tracker: Tracker, folder: SweepFolder) -> None:
        """MLflow is derived from the folder, never the other way."""
        before = _texts(folder)
        tracker.sweep(folder)
        for run in folder.runs():
            tracker.run(run)
        assert _texts(folder) == before  # a test, to be inherited

    def test_told_again_it_answers_the_same(self, tracker: Tracker, folder: SweepFolder) -> None:
        """Links do not change with repetition or order."""
        first = [tracker.sweep(folder), *map(tracker.run, folder.runs())]
        assert [
            tracker.sweep(folder),
            *map(tracker.run, folder.runs()),
        ] == first  # a test, to be inherited

    def test_a_sweep_without_runs_is_taken(self, tracker: Tracker, tmp_path: Path) -> None:
        """The parent is made before the first run is finished."""
        begun = SweepFolder(tmp_path / "multirun" / "begun")
        begun.save_facts({"runs": 2})
        assert tracker.sweep(begun) == tracker.sweep(begun)  # a test, to be inherited


def _texts(folder: SweepFolder) -> dict[str, bytes]:
    files = (
        path for path in folder.path.rglob("*") if path.is_file() and not path.name.startswith(".")
    )
    return {str(path.relative_to(folder.path)): path.read_bytes() for path in files}
