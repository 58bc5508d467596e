"""A real sweep of models whose effects are known ends in the verdicts that are true.

Real programs run in the real sandbox, are checked against their tasks' specs, and go through the
whole command line into the report. The small version sweeps models over tiers; the long one adds
examples, temperature, the stand-in embedder and baselines.
"""

from collections.abc import Sequence
from pathlib import Path

import pytest

from earmark.analysis.conclusion import Conclusion
from earmark.analysis.decisions import Decision
from earmark.analysis.grid import CHECKS
from earmark.cli import main
from earmark.report import load_results
from earmark.report.verdict import verdict_lines
from tests.models.server import ChatServer
from tests.report.synthetic_model import Effects, answers, as_models

# The twin is as good as the strong model and draws its own chances.
MODELS = ("strong", "twin", "weak")
EFFECTS = Effects(
    valid={"strong": 1.0, "twin": 1.0, "weak": 0.8},
    right={"strong": 0.95, "twin": 0.95, "weak": 0.02},
    tiers={"notes": 0.0, "environment": -0.3, "speech": -0.6},
)
WITH_EXAMPLES = Effects(
    valid=EFFECTS.valid,
    right={"strong": 0.65, "twin": 0.65, "weak": 0.15},
    examples=0.3,
    tiers={"notes": 0.0, "environment": -0.2, "speech": -0.4},
)
SHARED = ("-m", "prompt=terse", "tracking=none", "tier=notes,environment,speech", "name=known")


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("EARMARK_ROOT", str(tmp_path))
    monkeypatch.delenv("EARMARK_SWEEP", raising=False)
    return tmp_path


def concluded(effects: Effects, *words: str) -> Conclusion:
    """The conclusion of the sweep `known`, run through the command line."""
    with ChatServer(answers(effects)) as server:
        assert main([*SHARED, *as_models(server.api_base, MODELS), *words]) == 0
        assert server.requests > 0
    return load_results("known").conclusion


def decision(decisions: Sequence[Decision], *words: str) -> Decision:
    """The comparison whose label holds all these words."""
    [one] = [one for one in decisions if all(word in one.label for word in words)]
    return one


def falls(conclusion: Conclusion, of: str = "all runs") -> str:
    [one] = [
        one for one in conclusion.trends if one.of.startswith(of) and "spec checks" in one.quantity
    ]
    return one.sentence


def test_models_that_differ_and_models_that_do_not(
    root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    conclusion = concluded(
        EFFECTS, "tier.limit=10", "temperature=0", "embedder=none", "reference=none"
    )
    assert [tier.tier for tier in conclusion.tiers] == ["notes", "environment", "speech"]
    notes = conclusion.tiers[0]
    assert notes.primary == CHECKS
    assert {one.run.config.model.name for one in notes.by_primary_metric.best} == {"strong", "twin"}
    assert notes.by_primary_metric.ranks[-1].places == "3"
    for better in ("strong", "twin"):
        one = decision(notes.by_primary_metric.pairs, better, "weak")
        assert one.label == f"{better} − weak"
        assert one.verdict == "decisive"
    for tier in conclusion.tiers:
        null = decision(tier.by_primary_metric.pairs, "strong", "twin")
        assert null.verdict != "decisive"
        assert tier.by_primary_metric.ranks[-1].run.config.model.name == "weak"
    assert "falls" in falls(conclusion)
    [first, *_] = verdict_lines(conclusion)
    assert "the best is one of 2 of 3 runs" in first or "as good as equal" in first
    capsys.readouterr()
    assert main(["report", "known"]) == 0
    assert first in capsys.readouterr().out
    page = (root / "multirun" / "known" / "report" / "report.html").read_text(encoding="utf-8")
    assert "Open: 2 of 3 runs may be first" in page or "Choose by cost among equals" in page


@pytest.mark.long
@pytest.mark.timeout(3600)
def test_a_grid_of_models_examples_and_temperatures_beside_baselines(root: Path) -> None:
    grid = ("strategy=zero_shot,few_shot", "temperature=0,1", "samples=2")
    sized = ("tier.limit=14", "embedder=yamnet_minilm")
    concluded(WITH_EXAMPLES, *grid, *sized)
    baselines = ("model=expert,noise", "temperature=0", "samples=2")
    assert main([*SHARED, *baselines, *sized]) == 0
    conclusion = load_results("known").conclusion
    for tier in conclusion.tiers:
        assert tier.stand_in
        assert tier.primary == CHECKS
        by = tier.by_primary_metric
        assert "expert" in {one.run.config.model.name for one in by.best}
        assert by.scored[-1].run.config.model.name in ("noise", "weak")
        assert decision(by.effects, "temperature: ").verdict != "decisive"
        assert decision(by.effects, "model: ", "strong", "twin").verdict != "decisive"
    effects = conclusion.tiers[0].by_primary_metric.effects
    assert decision(effects, "model: strong − weak").verdict == "decisive"
    assert decision(effects, "strategy: few_shot − zero_shot").verdict == "decisive"
    assert "falls" in falls(conclusion)
