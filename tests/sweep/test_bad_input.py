"""Bad input: one clear line that names the value and the way out, exit code not 0, no traceback,
nothing asked, nothing lost.
"""

from pathlib import Path

import pytest

from tests.sweep.conftest import Launch


@pytest.mark.parametrize(
    ("words", "named"),
    [
        (("model=gtp_4",), ("gtp_4", "gpt_4o")),
        (("tier=nots",), ("nots", "notes")),
        (("strategy=zero_shots",), ("zero_shots", "zero_shot")),
        (("embedder=clapp",), ("clapp", "yamnet_minilm")),
        (("temperature=abc",), ("temperature=abc", "Float")),
        (("temperature=-1",), ("temperature", "-1", "0.0..2.0")),
        (("samples=0",), ("samples", "0")),
        (("sampling.max_tokens=0",), ("sampling.max_tokens", "0", "null")),
        (("modle=expert",), ("modle", "model, name")),
        (("+frob=1",), ("frob", "model, name")),
        (("reference=folder", "reference.folder=/nowhere"), ("reference.folder", "folders")),
        (("root=/tmp/elsewhere",), ("root=/tmp/elsewhere", "EARMARK_ROOT=/tmp/elsewhere")),
        (("samples=1.5",), ("samples=1.5", "Integer")),
        (("tier.limit=few",), ("tier.limit", "few", "whole number")),
        (("tier.only=[piano_c5]",), ("tier.only", "piano_c5", "did you mean piano_c4")),
        (("+tier.frob=1",), ("'notes'", "frob", "split")),
        (("strategy.shotts=2",), ("shotts",)),
        (("strategy.shots=many",), ("strategy.shots", "many")),
        (("model=expert,noise",), ("model=expert,noise", "-m")),
        (("name=a/b",), ("a/b",)),
        (("model=gpt_4o",), ("OPENAI_API_KEY",)),
        (("-m", "model=expert,gpt_4o"), ("OPENAI_API_KEY",)),
        (("embedder=clap", "embedder.checkpoint=/nowhere"), ("/nowhere", "embedder=")),
        (("sandbox=none",), ("none", "unsafe")),
        (("replay=/nowhere", "model=vllm"), ("/nowhere",)),
        (("frobnicate",), ("frobnicate", "doctor")),
        (("docter",), ("docter", "did you mean doctor")),
        (("tier=[notes,environment]",), ("tier=[notes,environment]", "write -m tier=notes,env")),
        (("-m", "model=[expert,noise]"), ("model=[expert,noise]", "-m model=expert,noise")),
        (("-m", "model=expert,", "noise"), ("model=expert, noise", "write model=expert,noise")),
        (("-m", "model=expert,noise,"), ("ends in a comma", "write model=expert,noise")),
        (("model = expert",), ("spaces around the equals sign", "write model=expert")),
        (("model=expert", "noise"), ("'noise' is not a setting", "SETTING=VALUE")),
        (("tier=notes", "tier=speech"), ("tier is set twice", "-m tier=notes,speech")),
        (("temperature=0", "temperature=1"), ("set twice", "-m temperature=0,1")),
        (("++prompt.extra=1",), ("prompt.extra: unknown part", "system")),
        (("++prompt.task=1",), ("prompt.task must be a text, got 1", "\"prompt.task='1'\"")),
        (("model=exprt",), ("model=exprt", "did you mean expert")),
        (("model=",), ("no such model", "gpt_4o")),
        (("-m", "model=*"), ("model=*", "glob(*)")),
        (("strategy.shotts=2",), ("did you mean shots", "strategy=zero_shot")),
        (("model.retries=1",), ("model.retries", "model=expert has no other")),
        (("budget_usd=-1",), ("budget_usd must be a number above 0, got -1", "null")),
        (("budget_usd=nan",), ("budget_usd must be a number above 0", "null")),
        (("x={a:ö}",), ("x={a:ö}: cannot be read", "quotes")),
        # The key is asked for before weights are looked for.
        (("model=gpt_4o", "embedder=clap", "embedder.checkpoint=/nowhere"), ("OPENAI_API_KEY",)),
        (("--frobnicate",), ("--frobnicate",)),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else None,
)
def test_one_clear_line(
    words: tuple[str, ...],
    named: tuple[str, ...],
    root: Path,
    launch: Launch,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    assert launch(*words) == 1
    said = capsys.readouterr().err
    lines = [line for line in said.splitlines() if line.startswith("earmark: ")]
    assert len(lines) == 1
    assert "Traceback" not in said
    for word in named:
        assert word in lines[0]
    assert list(root.glob("multirun/*/*/attempts")) == []


def test_a_root_that_cannot_be_is_said_at_once(
    tmp_path: Path,
    launch: Launch,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("EARMARK_ROOT", str(tmp_path / "file" / "below"))
    assert launch("model=silence") == 1
    assert (
        f"EARMARK_ROOT={tmp_path}/file/below: nothing can be written to {tmp_path}/file; set it"
        in capsys.readouterr().err
    )


@pytest.mark.parametrize("name", ["EARMARK_ROOT", "EARMARK_CACHE"])
def test_a_folder_that_hydra_would_interpolate_is_refused(
    name: str,
    tmp_path: Path,
    launch: Launch,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv(name, str(tmp_path / "a${b"))
    assert launch("model=silence") == 1
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert f"{name}={tmp_path}/a${{b: must not hold '${{'; set it to another folder" in said


def test_a_temperature_that_a_model_does_not_take_is_refused_before_it_is_asked(
    launch: Launch, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "no key")
    assert launch("model=gpt_5_mini", "temperature=0.3") == 1
    said = capsys.readouterr().err
    assert "0.3" in said
    assert "clamp" in said
    assert "Traceback" not in said


def test_an_empty_reference_folder_is_named(
    root: Path, launch: Launch, capsys: pytest.CaptureFixture[str]
) -> None:
    empty = root / "recordings"
    empty.mkdir()
    assert launch("model=expert", "reference=folder", f"reference.folders.notes={empty}") == 1
    said = capsys.readouterr().err
    assert str(empty) in said
    assert "Traceback" not in said
