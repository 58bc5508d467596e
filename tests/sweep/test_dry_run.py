"""A dry run asks nothing, knows what is recorded, and its upper bounds hold in a real sweep."""

from pathlib import Path

import pytest

from earmark.config.compose import compose
from earmark.config.preflight import calls_at_once
from earmark.sweep.plan import plan
from tests.models.server import ChatServer, fenced
from tests.sweep.conftest import Launch, local_model
from tests.sweep.test_sweep import TONE, attempts

PRICED = (
    "model.capabilities.output_tokens=5000",
    "model.capabilities.price={input_usd_per_million:1000,output_usd_per_million:1000}",
)


def rows(said: str) -> dict[str, list[str]]:
    """The runs of a bill: label -> the eight figures."""
    lines = [
        line.split()
        for line in said.splitlines()
        if line.startswith("  ") and "episodes" not in line
    ]
    return {" ".join(words[:-8]): words[-8:] for words in lines}


def test_nothing_is_asked_and_bounds_hold(
    root: Path, launch: Launch, capsys: pytest.CaptureFixture[str]
) -> None:
    with ChatServer(fenced("print(1 / 0)")) as server:
        words = (
            "-m",
            *local_model(server.api_base),
            *PRICED,
            "strategy=zero_shot,repair",
            "temperature=0",
            "name=dry",
            "tracking=none",
        )
        assert launch(*words, "dry_run=true") == 0
        assert server.requests == 0
        assert not list(root.rglob("*.json"))
        before = rows(capsys.readouterr().out)
        assert before["local notes zero_shot t0"][:4] == ["2", "0", "0.0000", "2"]
        assert before["local notes repair t0"][3] == "2–6"
        assert before["all"][3] == "2–6"  # what both runs ask alike is paid once
        max_usd = float(before["all"][-1])

        size = "size                     2 runs, 4 episodes, 0 answers recorded, 2–6 answers to ask"
        assert launch(*words) == 0
        asked = server.requests
        assert asked == 6  # the first turn of repair is the same question as zero_shot's: paid once
        cost = sum(
            one.completion.cost_usd or 0.0 for one in attempts(root, "dry") if one.completion
        )
        assert 0 < cost <= max_usd
        said = capsys.readouterr()
        [spent] = [one for one in said.out.splitlines() if one.startswith("spent ")]
        assert spent.startswith("spent    $0.1080 for 66 + 42 tokens in 8 attempts of 2 runs; 2 of")
        assert f"{size}, expected $" in said.err
        assert "2/2 runs, 8 attempts, 0% valid, $0.1080" in said.err

        assert launch(*words, "dry_run=true") == 0
        after = rows(capsys.readouterr().out)
        assert after["local notes repair t0"] == [
            "2",
            "6",
            "0.1080",
            "0",
            "0",
            "0",
            "0.0000",
            "0.0000",
        ]
        assert after["all"][:4] == ["4", "6", "0.1080", "0"]
        assert server.requests == asked


def test_runs_that_differ_in_a_swept_setting_have_different_rows(
    launch: Launch, capsys: pytest.CaptureFixture[str]
) -> None:
    line = ("-m", "model=noise", "samples=1,2", "sandbox.limits.packages=[numpy],[scipy]")
    assert launch(*line, "tracking=none", "dry_run=true") == 0
    names = set(rows(capsys.readouterr().out))
    assert names >= {f"noise notes zero_shot t0.7 samples={n} packages=['numpy']" for n in (1, 2)}
    assert len([name for name in names if name.startswith("noise ")]) == 4


def test_what_another_sweep_recorded_is_known_and_an_unknown_price_is_unknown(
    root: Path, launch: Launch, capsys: pytest.CaptureFixture[str]
) -> None:
    with ChatServer(fenced(TONE)) as server:
        words = (
            "-m",
            *local_model(server.api_base),
            "model.capabilities.price=null",
            "tracking=none",
        )
        assert launch(*words, "temperature=0", "name=first") == 0
        capsys.readouterr()
        assert launch(*words, "temperature=0,1", "name=second", "dry_run=true") == 0
        said = rows(capsys.readouterr().out)
        assert said["local notes zero_shot t0"] == [
            "2",
            "2",
            "unknown",
            "0",
            "0",
            "0",
            "0.0000",
            "0.0000",
        ]
        assert said["local notes zero_shot t1"][1:4] == ["0", "0.0000", "2"]
        assert said["local notes zero_shot t1"][5:] == [
            "14",
            "unknown",
            "unknown",
        ]  # two answers as long as those recorded
        assert said["all"][-2:] == ["unknown", "unknown"]
        assert server.requests == 2


def test_a_budget_is_held_against_the_worst_case(
    launch: Launch, capsys: pytest.CaptureFixture[str]
) -> None:
    with ChatServer(fenced(TONE)) as server:
        words = (*local_model(server.api_base), *PRICED, "tracking=none", "dry_run=true")
        assert launch(*words, "budget_usd=1000") == 0
        assert "all of it fits" in capsys.readouterr().out
        assert launch(*words, "budget_usd=0.5") == 0
        assert "the sweep may stop before the end" in capsys.readouterr().out
        assert (
            launch(
                *local_model(server.api_base),
                "model.capabilities.price=null",
                "dry_run=true",
                "budget_usd=1",
            )
            == 1
        )
        assert "cannot be held to a budget" in capsys.readouterr().err
        assert server.requests == 0


def test_a_raised_budget_is_the_same_sweep_and_counts_what_was_spent(launch: Launch) -> None:
    line = ["model=vllm", "temperature=0"]
    names = [
        plan([*line, *more], multirun=False).name
        for more in ([], ["budget_usd=1"], ["budget_usd=2"], ["seed=1"])
    ]
    assert names[0] == names[1] == names[2] != names[3]


def test_a_sampling_that_would_be_refused_is_refused_here_too(
    launch: Launch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert launch("model=gpt_5_mini", "temperature=0.3", "dry_run=true") == 1
    assert "set model.on_unsupported=clamp" in capsys.readouterr().err


def test_a_sweep_that_clamps_may_hold_models_of_every_kind(
    launch: Launch, capsys: pytest.CaptureFixture[str]
) -> None:
    """As conf/experiment/study.yaml says of models with a fixed temperature."""
    line = ("-m", "model=gpt_5_mini,expert,vllm", "temperature=0,1", "dry_run=true")
    assert launch(*line, "model.on_unsupported=clamp") == 0
    assert "gpt_5_mini notes zero_shot t0 " in capsys.readouterr().out
    assert launch(*line) == 1
    assert "set model.on_unsupported=clamp" in capsys.readouterr().err


def test_calls_at_once_are_the_least_of_the_limits_of_all_providers(root: Path) -> None:
    here, there = (local_model(f"http://127.0.0.1:{port}/v1", f"m{port}") for port in (7, 8))
    asked = "concurrency.requests=11"
    same = local_model("http://127.0.0.1:7/v1", "again")
    one, other, again = (compose([*words, asked]) for words in (here, there, same))
    assert calls_at_once([one]) == 4
    assert calls_at_once([one, again]) == 4  # one server
    assert calls_at_once([one, other]) == 8
    assert calls_at_once([one, compose([*there, asked, "model.concurrency=20"])]) == 11
    assert calls_at_once([one, compose(["model=noise", asked])]) == 4
    assert calls_at_once([compose(["model=noise", asked])]) == 11
    assert calls_at_once([compose([*here, asked, "asking=batch"])]) == 11
    assert calls_at_once([compose([*here, asked, "replay=answers.zip"])]) == 11
