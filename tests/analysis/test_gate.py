"""The gate opens, closes or cannot tell as the truth is; plans are those of the known variances."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from earmark.analysis.conclusion import conclude
from earmark.analysis.gate import gate, overall
from earmark.analysis.pilot import TierPlan, plan_tier
from earmark.analysis.planning import tasks_needed
from earmark.analysis.variance import Components
from earmark.cli import main
from earmark.errors import ConfigError
from earmark.records import Run
from earmark.testing.sweeps import HEADLINE, make_sweep
from tests.analysis.known import known_run


def result(ours: Sequence[Run], theirs: Sequence[Run], margin: float = 0.03) -> str:
    return overall(gate(ours, theirs, margin=margin))


@pytest.mark.parametrize(
    ("mean", "chance", "margin", "expected"),
    [
        (0.5, 0.02, 0.03, "not worse"),
        (0.3, 0.01, 0.03, "not worse"),
        (0.28, 0.005, 0.03, "not worse"),
        (0.28, 0.005, 0.0, "worse"),
        (0.1, 0.02, 0.03, "worse"),
        (0.3, 0.2, 0.03, "cannot tell"),
    ],
)
def test_the_gate_says_what_is_true(
    mean: float, chance: float, margin: float, expected: str
) -> None:
    ours = known_run("ours", mean=mean, chance=chance, samples=3)
    theirs = known_run("theirs", mean=0.3, chance=chance, samples=3)
    assert result([ours], [theirs], margin) == expected


def test_a_run_is_not_worse_than_itself_and_needs_six_tasks() -> None:
    run = known_run("a")
    assert result([run], [run]) == "not worse"
    few = known_run("a", tasks=5)
    [one] = gate([few], [few], margin=0.03)
    assert one.result == "cannot tell"
    assert "5 shared tasks; a test needs at least 6" in one.sentence


def test_worse_in_one_tier_is_worse_and_every_tier_must_hold() -> None:
    base = [known_run("b", tier=tier) for tier in ("notes", "speech")]
    mixed = [known_run("a", tier="notes", mean=0.5), known_run("a", tier="speech", mean=0.1)]
    assert [one.result for one in gate(mixed, base, margin=0.03)] == ["not worse", "worse"]
    assert result(mixed, base) == "worse"
    with pytest.raises(ConfigError, match="must have a tier in common, got notes and speech"):
        gate([base[0]], [base[1]], margin=0.03)


def test_other_pipelines_and_tasks_are_no_ground_to_judge() -> None:
    base = known_run("b")
    other = replace(base, key="o", facts=replace(base.facts, embedder_id="another"))
    [one] = gate([other], [base], margin=0.03)
    assert one.result == "cannot tell"
    assert "2 pipelines" in one.sentence
    [one] = gate([known_run("a", tasks=9)], [base], margin=0.03)
    assert "must have asked the same tasks" in one.sentence
    [one] = gate([replace(base, key="e", attempts=())], [base], margin=0.03)
    assert "a run has no score (no attempts)" in one.sentence


def test_a_gate_under_equal_runs_seldom_closes() -> None:
    closed = 0
    for at in range(60):
        pair = [known_run(f"{name}{at}", chance=0.1, tasks=8) for name in "ab"]
        closed += result([pair[0]], [pair[1]], margin=0.0) == "worse"
    assert closed <= 6


def test_the_command_exits_0_1_2(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("EARMARK_ROOT", str(tmp_path))
    make_sweep(tmp_path, name="eight", models=("a",), tasks=8)
    make_sweep(tmp_path, name="three", models=("a",), tasks=3)
    assert main(["gate", "eight", "--baseline", "eight"]) == 0
    assert "gate     not worse" in capsys.readouterr().out
    assert main(["gate", "three", "--baseline", "three"]) == 2
    assert main(["gate", "none", "--baseline", "three"]) == 2
    assert "gate: cannot tell: 'none': no such sweep" in capsys.readouterr().err
    [run] = [folder.path.name for folder in make_sweep(tmp_path, name="one", tasks=8).runs()][:1]
    assert main(["gate", f"one/{run}", "--baseline", "eight", "--margin", "1"]) == 0
    assert main(["gate", "one/nothing", "--baseline", "eight"]) == 2


def test_a_plan_is_that_of_the_pilots_variances() -> None:
    runs = [known_run(name, chance=0.08, samples=4, tasks=60) for name in "ab"]
    [tier] = conclude("pilot", runs, {}).tiers
    plan = plan_tier("notes", tier.metrics[HEADLINE], delta=0.03)
    assert isinstance(plan, TierPlan)
    truth = Components(run=0.0, task=0.05**2, interaction=0.0, chance=0.08**2)
    for option in plan.options:
        known = tasks_needed(0.03, truth, samples=option.samples)
        assert option.size is not None
        assert known is not None
        assert option.size.tasks == pytest.approx(known.tasks, rel=0.35, abs=2)
        assert option.calls == option.size.tasks * option.samples
        assert option.cost_usd == pytest.approx(0.001 * option.calls)
    powers = [power for _, power in plan.curve]
    assert powers == sorted(powers)
    many = plan_tier("notes", tier.metrics[HEADLINE], delta=0.03, runs=10)
    assert isinstance(many, TierPlan)
    assert many.alpha == pytest.approx(0.05 / 45)
    assert many.smallest > plan.smallest


def test_a_pilot_that_is_too_small_says_what_is_missing() -> None:
    [tier] = conclude("pilot", [known_run("a")], {}).tiers
    plan = plan_tier("notes", tier.metrics[HEADLINE], delta=0.03)
    assert plan == (
        "cannot tell: notes has 1 run with scores on 12 tasks; a pilot needs at least 2 on 2 tasks"
    )


def test_nothing_valid_plans_nothing_and_passes_no_gate() -> None:
    silent = [known_run(name, valid=0.0, samples=2) for name in "ab"]
    [tier] = conclude("pilot", silent, {}).tiers
    plan = plan_tier("notes", tier.metrics[HEADLINE], delta=0.03)
    assert isinstance(plan, str)
    assert plan.startswith("cannot tell: notes: the differences of its runs do not vary")
    [result] = gate(silent[:1], silent[1:], margin=0.03)
    assert result.result == "cannot tell"
    assert result.sentence == "notes: cannot tell: neither side has a valid clip"


def test_the_plan_command(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("EARMARK_ROOT", str(tmp_path))
    assert main(["plan", "--delta", "0.05"]) == 0
    assert "earmark plan --delta 0.05 pilot" in capsys.readouterr().out
    make_sweep(tmp_path, name="pilot", tasks=8, samples=2)
    assert main(["plan", "pilot"]) == 0
    out = capsys.readouterr().out
    assert "to find a difference of 0.03 in 80% of sweeps" in out
    assert "the pilot itself (8 tasks, 2 samples) finds" in out
    make_sweep(tmp_path, name="alone", models=("a",), tasks=8)
    assert main(["plan", "alone"]) == 2
    assert main(["plan", "pilot", "--metric", "nothing"]) == 1
    assert "unknown metric 'nothing'; choose from yamnet_minilm" in capsys.readouterr().err
