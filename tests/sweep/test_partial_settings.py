"""A setting that some models of a sweep have counts for those; one that none has is refused."""

import pytest

from earmark.config.compose import compose
from earmark.identity import run_key
from earmark.sweep.plan import plan
from tests.models.server import ChatServer, Reply
from tests.sweep.conftest import Launch

LITTLE = ["embedder=none", "reference=none", "tier.limit=2", "tracking=none"]


@pytest.mark.parametrize(
    ("word", "group", "having", "lacking"),
    [
        ("model.retries=1", "model", ["gpt_4o", "ollama"], ["expert", "noise"]),
        ("model.capabilities.seed=false", "model", ["gpt_4o"], ["expert"]),
        ("strategy.n=3", "strategy", ["best_of_n"], ["zero_shot", "few_shot"]),
    ],
)
def test_a_run_is_what_it_would_be_by_itself(
    word: str, group: str, having: list[str], lacking: list[str]
) -> None:
    values = f"{group}={','.join([*lacking, *having])}"
    made = plan([values, word, *LITTLE, "temperature=0,1"], multirun=True)
    assert len(made.notes) == 1
    assert made.notes[0].startswith(f"{word}: {', '.join(lacking)} ha")
    right = {
        run_key(compose([f"{group}={name}", *([word] * (name in having)), *LITTLE, warm]))
        for name in (*having, *lacking)
        for warm in ("temperature=0", "temperature=1")
    }
    assert {run_key(config) for config in made.configs()} == right


def test_where_all_have_it_the_line_is_as_typed() -> None:
    made = plan(["model=gpt_4o,gpt_4o_mini", "model.retries=1", *LITTLE], multirun=True)
    assert made.notes == ()
    assert "model.retries=1" in made.words


@pytest.mark.parametrize("word", ["model.retreis=1", "++model.retries=1", "model.retries.x=1"])
def test_what_no_model_has_is_refused(
    word: str, launch: Launch, capsys: pytest.CaptureFixture[str]
) -> None:
    models = "model=expert,noise" if word.startswith("+") else "model=expert,gpt_4o"
    assert launch("-m", models, word, "dry_run=true") == 1
    assert f"earmark: {word.strip('+').split('=')[0]}: no such setting" in capsys.readouterr().err


def test_the_runs_run_by_it(
    launch: Launch, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    with ChatServer(Reply(status=500)) as server:
        monkeypatch.setenv("VLLM_API_BASE", server.api_base)
        monkeypatch.setenv("VLLM_MODEL", "a/b")
        words = ("-m", "model=expert,vllm", "model.retries=0", "concurrency.requests=1")
        assert launch(*words, "tracking=none", "name=partly", "tier.limit=1") == 1
        assert server.requests == 1
    said = capsys.readouterr()
    assert "model.retries=0: expert has no such setting; it counts for the others" in said.err
    assert "expert notes zero_shot t0.7: none not scored" in said.err
