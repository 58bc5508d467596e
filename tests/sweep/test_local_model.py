"""The whole way on real parts: the packaged model writes, the real sandbox runs, the real store
keeps.
"""

from collections.abc import Callable
from pathlib import Path

import pytest

from earmark.analysis.funnel import passed
from earmark.config.build import build
from earmark.config.compose import compose
from earmark.errors import ModelUnavailable
from earmark.models import preflight
from earmark.storage.sweep_folder import SweepFolder
from tests.conftest import SHOWN
from tests.sweep.conftest import Launch

ASKED = (
    "model=smollm2",
    "temperature=0",
    "strategy.shots=2",
    "strategy.constraints=false",
    "sampling.max_tokens=60",
    "concurrency.requests=1",
    "prompt=terse",
)


def why_not() -> str:
    try:
        preflight(build(compose(["model=smollm2"]).model))
    except ModelUnavailable as error:
        return str(error)
    return ""


@pytest.mark.parts
@pytest.mark.timeout(
    1500
)  # a model of 135 M parameters on two busy cores writes a few tokens a second
@pytest.mark.skipif(bool(why_not()), reason=why_not())
def test_the_packaged_model_is_asked_in_two_ways_over_three_tiers_and_everything_is_kept(
    root: Path, launch: Launch, record_property: Callable[[str, object], None]
) -> None:
    assert (
        launch(
            "-m",
            *ASKED,
            "strategy=few_shot,repair",
            "tier=notes,environment,speech",
            "tier.limit=1",
            "name=real",
        )
        == 0
    )
    runs = [folder.run() for folder in SweepFolder(root / "multirun" / "real").runs()]
    assert len(runs) == 6
    for run in runs:
        assert run.config.strategy.settings["examples"] == "nearest"
        assert run.config.model.smoke
        assert run.facts.isolation in ("namespaces", "process")
        assert 1 <= len(run.attempts) <= 3
        for attempt in run.attempts:
            assert attempt.completion is not None
            assert attempt.completion.text
            assert (attempt.failure is None) == attempt.valid
        valid = sum(attempt.valid for attempt in run.attempts)
        assert passed(run.scores)[-1] == pytest.approx(valid / len(run.attempts))
    from mlflow import MlflowClient

    client = MlflowClient(f"sqlite:///{root}/mlflow.db")
    experiment = client.get_experiment_by_name("earmark")
    assert experiment is not None
    assert (
        len(
            client.search_runs(
                [experiment.experiment_id],
                "tags.`earmark.kind` = 'run' and params.model = 'smollm2'",
            )
        )
        == 6
    )
    for strategy in ("few_shot", "repair"):
        made = [one for run in runs if run.config.strategy.name == strategy for one in run.attempts]
        record_property(
            SHOWN,
            f"smollm2 {strategy}: {sum(one.valid for one in made)} of {len(made)} attempts valid",
        )
