"""One search with a store, in which trials were stopped, seen from several sides."""

from collections.abc import Iterator
from pathlib import Path
from statistics import fmean

import pytest
from mlflow import MlflowClient
from mlflow.entities import Run

from earmark.cli import main
from earmark.storage.sweep_folder import SweepFolder
from earmark.tuning.results import counts
from tests.models.server import ChatServer
from tests.tracking.stores import empty_store, mlflow_runs, uri_at

from .conftest import make_root
from .test_tune import drawn, line, trials

TRIALS, TASKS = 8, 16

pytestmark = pytest.mark.xdist_group("tuned")


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The root of a finished search."""
    folder = tmp_path_factory.mktemp("tuned")
    (folder / "mlflow.db").write_bytes(empty_store())
    with pytest.MonkeyPatch.context() as patch, ChatServer(drawn) as server:
        make_root(folder, patch)
        words = line(server, f"trials={TRIALS}", "winners=0", f"tier.limit={TASKS}")
        assert main([word for word in words if word != "tracking=none"]) == 0
        yield folder


@pytest.fixture
def parent(root: Path) -> Run:
    """The run of the search itself."""
    [one] = mlflow_runs(root, "sweep")
    return one


def test_all_trials_answer_the_same_tasks_and_stopped_ones_fewer(root: Path) -> None:
    tried = trials(root)
    assert len([one for one in tried if one.same_as is None]) == TRIALS
    assert tried[0].defaults
    complete = [one for one in tried if one.complete]
    assert complete
    assert {tuple(one.tasks) for one in complete} == {tuple(range(TASKS))}
    stopped = [one for one in tried if one.pruned_after is not None]
    assert stopped
    for one in stopped:
        assert set(one.tasks) == set(range(one.pruned_after or 0))
        assert one.values is not None
        assert one.values[0] < max((other.values or (0.0,))[0] for other in complete)
    assert counts(tried, TASKS)["saved_share"] < 1


def test_the_store_holds_the_best_value_and_the_report(root: Path, parent: Run) -> None:
    best = SweepFolder(root / "multirun" / "found").facts()["best"]["value"]
    assert parent.data.metrics["best_value"] == best
    assert parent.info.status == "FINISHED"
    client = MlflowClient(uri_at(root))
    files = [one.path for one in client.list_artifacts(parent.info.run_id, "study")]
    assert "study/study.html" in files
    assert len(mlflow_runs(root)) == len(
        [one for one in trials(root) if one.complete and one.same_as is None]
    )


def test_a_stopped_trial_is_a_run_under_the_study_with_what_it_measured(
    root: Path, parent: Run
) -> None:
    stopped = {one.run: one for one in trials(root) if one.pruned_after is not None}
    written = mlflow_runs(root, "stopped")
    assert len(written) == len(stopped)
    by_key = {name.rpartition("-")[2]: one for name, one in stopped.items()}
    for one in written:
        trial = by_key[one.data.tags["earmark.run"]]
        assert one.info.status == "KILLED"
        assert one.data.tags["mlflow.parentRunId"] == parent.info.run_id
        assert one.data.metrics["stopped/tasks"] == trial.pruned_after
        assert one.data.metrics["stopped/valid_rate"] == fmean(trial.tasks.values())
        assert "valid_rate" not in one.data.metrics  # of fewer tasks: no column with the others
    before = {one.info.run_id for one in written}
    assert main(["sync", "found"]) == 0  # again, from the folders: nothing is doubled
    assert {one.info.run_id for one in mlflow_runs(root, "stopped")} == before
