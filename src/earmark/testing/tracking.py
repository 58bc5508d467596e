"""The contract suite of the tracking seam: what every tracker must hold."""

from pathlib import Path

import pytest

from earmark.storage.sweep_folder import SweepFolder
from earmark.testing.sweeps import make_sweep
from earmark.tracking import Tracker


class TrackerContract:
    """A tracker changes nothing in the folder, and the same folder has the same links."""

    @pytest.fixture
    def tracker(self, tmp_path: Path) -> Tracker:
        """The implementation under test."""
        raise NotImplementedError("the implementation's test gives its tracker")

    @pytest.fixture
    def folder(self, tmp_path: Path) -> SweepFolder:
        """A finished sweep of two runs."""
        return make_sweep(tmp_path)

    def test_the_folder_is_left_as_it_was(self, tracker: Tracker, folder: SweepFolder) -> None:
        """The store is derived from the folder, never the other way."""
        before = _contents(folder)
        tracker.sweep(folder)
        for run in folder.runs():
            tracker.run(run)
        assert _contents(folder) == before  # noqa: S101  a test to inherit

    def test_writing_again_gives_the_same_links(
        self, tracker: Tracker, folder: SweepFolder
    ) -> None:
        """Links do not change with repetition or order."""
        first = [tracker.sweep(folder), *map(tracker.run, folder.runs())]
        again = [tracker.sweep(folder), *map(tracker.run, folder.runs())]
        assert again == first  # noqa: S101  a test to inherit

    def test_a_sweep_without_runs_is_written(self, tracker: Tracker, tmp_path: Path) -> None:
        """The parent is made before the first run is finished."""
        begun = SweepFolder(tmp_path / "multirun" / "begun")
        begun.save_facts({"runs": 2})
        first = tracker.sweep(begun)
        assert tracker.sweep(begun) == first  # noqa: S101  a test to inherit


def _contents(folder: SweepFolder) -> dict[str, bytes]:
    """The bytes of every file but those of locks."""
    files = [path for path in folder.path.rglob("*") if path.is_file() and path.name[0] != "."]
    return {str(path.relative_to(folder.path)): path.read_bytes() for path in files}
