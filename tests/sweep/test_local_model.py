"""The whole way on real parts: the packaged model writes, the real sandbox runs, the real store keeps."""

from collections.abc import Callable
from pathlib import Path

import pytest

from earmark.archive import SweepFolder
from earmark.config import build, compose, plain
from earmark.errors import ModelUnavailable
from earmark.models import optional
from tests.conftest import SHOWN
from tests.sweep.conftest import Run

ASKED = (
    "model=smollm2",
    "temperature=0",
    "strategy.shots=2",
    "strategy.constraints=false",
    "sampling.max_tokens=120",
    "concurrency.asking=1",
    "prompt=terse",
)


def why_not() -> str:
    try:
        optional.ready(build(plain(compose(["model=smollm2"]))["model"]))
    except ModelUnavailable as error:
        return str(error)
    return ""


@pytest.mark.parts
@pytest.mark.timeout(1500)  # a model of 135 M parameters on two busy cores writes a few tokens a second
@pytest.mark.skipif(bool(why_not()), reason=why_not())
def test_the_packaged_model_is_asked_in_two_ways_over_three_tiers_and_everything_is_kept(
    root: Path, run: Run, record_property: Callable[[str, object], None]
) -> None:
    assert run("-m", *ASKED, "strategy=few_shot,repair", "tier=notes,environment,speech", "tier.first=1", "max_turns=2", "name=real") == 0
    cells = [folder.cell() for folder in SweepFolder(root / "multirun" / "real").cells()]
    assert len(cells) == 6
    for cell in cells:
        assert cell.config["strategy"]["examples"] == "nearest"
        assert cell.facts["smoke"] == "yes"
        assert cell.facts["isolation"] in ("namespaces", "process")
        assert 1 <= len(cell.attempts) <= 2
        for attempt in cell.attempts:
            assert attempt.completion is not None
            assert attempt.completion.text
            assert (attempt.failure is None) == attempt.valid
        assert sum(share for name, share in cell.scores.items() if name.startswith("funnel_")) == pytest.approx(1.0)
    from mlflow import MlflowClient

    client = MlflowClient(f"sqlite:///{root}/mlruns/mlflow.db")
    experiment = client.get_experiment_by_name("earmark")
    assert experiment is not None
    assert len(client.search_runs([experiment.experiment_id], "tags.`earmark.kind` = 'cell' and params.model = 'smollm2'")) == 6
    for strategy in ("few_shot", "repair"):
        made = [one for cell in cells if cell.config["strategy"]["name"] == strategy for one in cell.attempts]
        record_property(SHOWN, f"smollm2 {strategy}: {sum(one.valid for one in made)} of {len(made)} attempts valid")
