"""asking=batch: a sweep asks each turn of all its runs together, and comes back to what is open."""

import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from earmark.models.wrappers import batched as wrapper
from tests.models.batch_server import BatchServer
from tests.models.server import Reply, fenced
from tests.sweep.conftest import Launch, local_model
from tests.sweep.test_dry_run import PRICED, rows
from tests.sweep.test_interrupted import until
from tests.sweep.test_sweep import TONE, attempts

NAMED = ("name=night", "tracking=none", "asking=batch")


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wrapper, "FIRST_LOOK_SECONDS", 0.01)


def test_a_sweep_is_asked_in_one_batch_and_paid_half(
    root: Path, launch: Launch, capsys: pytest.CaptureFixture[str]
) -> None:
    with BatchServer(fenced(TONE)) as server:
        line = ("-m", *local_model(server.api_base), *PRICED, "temperature=0,0.7", *NAMED)
        each = [word for word in line if word != "asking=batch"]
        assert launch(*each, "dry_run=true") == 0
        alone = float(rows(capsys.readouterr().out)["all"][-1])
        assert launch(*line, "dry_run=true") == 0
        out = capsys.readouterr().out
        assert float(rows(out)["all"][-1]) == pytest.approx(alone / 2, abs=1e-3)
        assert "asking=batch: half the list price, a batch for each turn and model" in out
        assert not server.files

        assert launch(*line) == 0
        assert [len(one.lines) for one in server.batches.values()] == [4]  # of two runs
        assert server.requests == 0
        made = attempts(root, "night")
        assert [one.completion.batch for one in made if one.completion] == ["batch_0"] * 4
        assert all(one.valid for one in made)
        said = capsys.readouterr()
        assert "spent    $0.0360 for 44 + 28 tokens in 4 attempts" in said.out  # half of 4 * 0.018
        assert "answers to ask" in said.err
        assert "each answered within a day" in said.err

        assert launch(*each) == 0  # the same sweep, whichever way it is asked
        renamed = [word.replace("name=night", "name=other") for word in line]
        assert launch(*renamed) == 0
        assert (server.requests, len(server.batches)) == (0, 1)


def test_a_strategy_of_several_turns_is_a_batch_for_each(root: Path, launch: Launch) -> None:
    def answer(asked: Any) -> Reply:
        repairs = len(asked.messages) > 2
        return fenced(TONE) if repairs else fenced("print(1 / 0)")

    with BatchServer(answer) as server:
        words = ("-m", *local_model(server.api_base), "strategy=zero_shot,repair", *NAMED)
        assert launch(*words) == 0
        assert [len(one.lines) for one in server.batches.values()] == [2, 2]
        assert server.requests == 0
        assert len(attempts(root, "night")) == 2 + 4


def test_a_part_that_failed_leaves_its_run_unfinished_and_comes_with_the_same_line(
    root: Path, launch: Launch, capsys: pytest.CaptureFixture[str]
) -> None:
    with BatchServer(fenced(TONE), ends="expired", expires=lambda number: number == 1) as server:
        words = (*local_model(server.api_base), *NAMED)
        assert launch(*words) == 1
        error = capsys.readouterr().err
        assert "not finished: " in error
        assert "batch_0 brought an error (batch_expired); start the same line again" in error
        assert len(list(root.rglob("attempt.json"))) == 1
        server.ends, server.expires = "completed", lambda _: False
        assert launch(*words) == 0
        assert [len(one.lines) for one in server.batches.values()] == [2, 1]
        assert server.requests == 0


def test_a_budget_that_does_not_hold_the_batch_sends_nothing(
    root: Path, launch: Launch, capsys: pytest.CaptureFixture[str]
) -> None:
    with BatchServer(fenced(TONE)) as server:
        words = (*local_model(server.api_base), *PRICED, *NAMED)
        assert launch(*words, "budget_usd=0.01") == 1
        assert "the next batch may cost" in capsys.readouterr().err
        assert not server.files
        assert launch(*words, "budget_usd=100") == 0


CHILD = "from earmark.models.wrappers import batched; batched.FIRST_LOOK_SECONDS = 0.01;"


AT_ONCE = "kill as it is submitted"  # the moment at which most could be lost


def sweep(api_base: str, root: Path) -> subprocess.Popen[str]:
    words = ("embedder=none", "reference=none", "tier.limit=2", "prompt=terse")
    line = ["model=vllm", "model.model=openai/local", f"model.api_base={api_base}", *NAMED, *words]
    run = f"{CHILD} import sys; from earmark.cli import main; sys.exit(main({line!r}))"
    return subprocess.Popen(
        [sys.executable, "-c", run],
        env={**os.environ, "EARMARK_ROOT": str(root)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )


@pytest.mark.parametrize(
    "how", [*(pytest.param(one, marks=pytest.mark.long) for one in ("ctrl-c", "kill")), AT_ONCE]
)
def test_a_sweep_that_was_stopped_finds_its_batch_again(how: str, tmp_path: Path) -> None:
    with BatchServer(fenced(TONE), looks=None) as server:
        first = sweep(server.api_base, tmp_path)
        if how == AT_ONCE:
            server.on_create = first.kill
        until(lambda: any(one.looks for one in server.batches.values()) or gone(first), seconds=120)
        first.send_signal(signal.SIGINT if how == "ctrl-c" else signal.SIGKILL)
        said = first.communicate(timeout=30)[1]
        assert "Traceback" not in said
        if how == "ctrl-c":
            assert first.returncode == 130
            assert "the batch goes on at the provider; the same line again waits for it" in said
        server.looks = 1
        second = sweep(server.api_base, tmp_path)
        said = second.communicate(timeout=120)[1]
        assert second.returncode == 0, said
        assert len(server.batches) == 1
        assert server.requests == 0
        [entry] = (tmp_path / "multirun" / ".cassette" / ".batches").glob("*.json")
        assert json.loads(entry.read_text())["ended"]


def gone(process: subprocess.Popen[str]) -> bool:
    return process.poll() is not None


@pytest.mark.parametrize(
    ("words", "rule"),
    [
        (
            ("model=claude_haiku_4_5",),
            r"model 'claude_haiku_4_5': litellm makes batches for openai",
        ),
        (("model=smollm2",), r"model 'smollm2': it has no provider"),
        (("model=expert", "asking=btach"), r"asking=btach: did you mean batch"),
    ],
)
@pytest.mark.parametrize("dry", ["false", "true"])
def test_what_has_no_batches_is_refused_by_name(
    words: tuple[str, ...],
    rule: str,
    dry: str,
    launch: Launch,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("ANTHROPIC_API_KEY", "x")
    named = [one for one in NAMED if "asking" not in one or "asking" not in " ".join(words)]
    assert launch(*words, *named, f"dry_run={dry}") == 1
    assert re.search(rule, capsys.readouterr().err)


def test_a_baseline_needs_no_batch(launch: Launch) -> None:
    assert launch("model=expert", *NAMED) == 0


def test_a_search_is_refused(launch: Launch, capsys: pytest.CaptureFixture[str]) -> None:
    assert launch("tune", "model=expert", "asking=batch") == 1
    assert "asking=batch: a search asks a few tasks at a time" in capsys.readouterr().err
