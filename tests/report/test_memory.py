"""However many attempts a sweep has, no step holds the texts of more than a run of them."""

import tracemalloc
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from earmark.records import Attempt
from earmark.report import load_results, write_leaderboard
from earmark.report.export_files import export
from earmark.report.page import portable_page
from earmark.storage.run_folder import RunFolder
from earmark.storage.sweep_folder import SweepFolder
from earmark.testing.sweeps import make_sweep

TASKS = 4
FEW, MANY = 2, 6
TEXT_BYTES = 200_000  # of an answer, and as much of what its program printed


def wordy_sweep(root: Path, runs: int) -> SweepFolder:
    """A sweep of so many runs whose answers and outputs are long."""
    folder = make_sweep(root, models=[f"drawn-{at}" for at in range(runs)], tasks=TASKS)
    for place in folder.runs():
        for one in list(place.attempts()):
            place.save_attempt(wordy(one))
    return folder


def wordy(one: Attempt) -> Attempt:
    completion, execution = one.completion, one.execution
    long = f"{one.key} ".ljust(TEXT_BYTES, "x")
    if completion is not None:
        completion = replace(completion, text=long)
    if execution is not None:
        execution = replace(execution, stdout=long)
    return replace(one, completion=completion, execution=execution)


def page_of_store(folder: SweepFolder) -> None:
    """The page with sounds inside, as MLflow holds it."""
    results = load_results(folder)
    portable_page("wordy", results.runs, results.conclusion, whole=RunFolder.read_again)


STEPS: dict[str, Callable[[SweepFolder], object]] = {
    "conclusion": load_results,
    "page": write_leaderboard,
    "export": lambda folder: export(folder, folder.path / "export"),
    "page of the store": page_of_store,
}


def peak_bytes(step: Callable[[SweepFolder], object], folder: SweepFolder) -> int:
    tracemalloc.start()
    try:
        kept = step(folder)
        _, peak = tracemalloc.get_traced_memory()
        del kept
        return peak
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("name", STEPS)
def test_memory_does_not_grow_with_texts(name: str, tmp_path: Path) -> None:
    step = STEPS[name]
    step(wordy_sweep(tmp_path / "first", 1))  # what is imported and cached the first time
    few = peak_bytes(step, wordy_sweep(tmp_path / "few", FEW))
    many = peak_bytes(step, wordy_sweep(tmp_path / "many", MANY))
    more = (many - few) / ((MANY - FEW) * TASKS)
    assert more < TEXT_BYTES, f"{more:.0f} bytes for each attempt more"


def test_texts_that_are_kept_are_seen(tmp_path: Path) -> None:
    def whole(folder: SweepFolder) -> object:
        return [place.run() for place in folder.runs()]

    few = peak_bytes(whole, wordy_sweep(tmp_path / "few", FEW))
    many = peak_bytes(whole, wordy_sweep(tmp_path / "many", MANY))
    assert (many - few) / ((MANY - FEW) * TASKS) > TEXT_BYTES
