"""`earmark evolve` with a scripted proposer: from a poor wording to a confirmed better one."""

from pathlib import Path

import pytest

from earmark.cli import main
from tests.models.server import Asked, ChatServer, Reply, fenced
from tests.sweep.conftest import local_model
from tests.sweep.test_sweep import TONE

GOOD = "Check every line before you answer."


def answered(asked: Asked) -> Reply:
    text = " ".join(str(one["content"]) for one in asked.messages)
    return fenced(TONE if GOOD in text else "raise ValueError(1)")


def proposes(asked: Asked) -> Reply:
    current = asked.prompt.split("```")[1].strip()
    return Reply(text=f"```\n{GOOD} {current}\n```")


def test_a_wording_evolves_and_is_confirmed(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("gepa", reason="gepa is not installed: pip install 'earmark[evolve]'")
    with ChatServer(answered) as model, ChatServer(proposes) as proposer:
        proposer_words: list[str] = []
        for word in local_model(proposer.api_base, "proposer"):
            proposer_words += ["--proposer", word]
        words = ["embedder=none", "reference=none", "tracking=none", "sandbox=process"]
        words += ["tier=notes", "tier.limit=4", "prompt=terse", "name=words"]
        line = ["evolve", *proposer_words, "--objective", "validity", "--calls", "16"]
        line += ["--winners", "1", *local_model(model.api_base), *words]
        assert main(line) == 0
        printed = capsys.readouterr().out
        asked = model.requests, proposer.requests
        assert main(line) == 0
        assert (model.requests, proposer.requests) == asked
    assert "is better by 1.000" in printed
    assert f"+{GOOD}" in printed
    (path,) = (root / "conf" / "prompt").glob("evolved_*.yaml")
    assert GOOD in path.read_text(encoding="utf-8")
    said = " ".join(one.prompt for one in proposer.log)
    assert "f0_hz" not in said
    assert "check_" not in said


def test_a_baseline_cannot_propose(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["evolve", "--proposer", "expert", "model=noise", "tier=notes"]) == 1
    assert "--proposer expert: must be a language model" in capsys.readouterr().err
