"""`earmark doctor` looks and tells: what works, and for the rest what to do."""

import json
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from earmark.commands import doctor
from earmark.commands._doctor_store import Finding
from tests.sweep.conftest import Launch

AREAS = ("_isolation", "_embedders", "_words", "_models", "_references", "_store")


@pytest.fixture(autouse=True)
def _cache_of_the_machine(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """doctor says what works here: recordings need not be fetched for each test."""
    monkeypatch.delenv("EARMARK_CACHE")


def test_a_damaged_run_is_one_finding_among_others(
    root: Path, launch: Launch, capsys: pytest.CaptureFixture[str]
) -> None:
    from earmark.commands.doctor import main

    assert launch("model=silence", "name=torn") == 0
    next((root / "multirun" / "torn").glob("*/run.json")).write_text("half")
    capsys.readouterr()
    main(["--json"])
    found = {(one["area"], one["name"]): one for one in json.loads(capsys.readouterr().out)}
    assert "run.json: cannot be read as JSON" in found["runs", "damaged"]["seen"]
    assert found["store", "mlflow"]["works"]


def test_findings_name_the_hint(
    launch: Launch, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    monkeypatch.setenv("VLLM_API_BASE", "http://127.0.0.1:9/v1")
    from earmark.commands.doctor import main

    assert main(["--json"]) == 0
    found = {(one["area"], one["name"]): one for one in json.loads(capsys.readouterr().out)}
    assert found["model", "expert"]["works"]
    assert not found["model", "gpt_4o"]["works"]
    assert "OPENAI_API_KEY" in found["model", "gpt_4o"]["seen"]
    assert not found["model", "vllm"]["works"]
    assert found["store", "mlflow"]["works"]
    assert any(one["works"] for (area, _), one in found.items() if area == "isolation")
    [(words, _)] = [(name, one) for (area, name), one in found.items() if area == "words"]
    assert words in ("whisper_base", "pocketsphinx")
    assert all(one["works"] or one["hint"] or one["seen"] for one in found.values())


def test_a_finding_is_printed_before_what_comes_after_it_is_known(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    may = threading.Event()

    def later(_: object) -> Iterator[Finding]:
        assert may.wait(60)
        yield Finding("store", "mlflow", True, "answers")

    for area in AREAS[:-1]:
        found = [Finding(area, "one", True, "seen")]
        monkeypatch.setattr(doctor, area, lambda *_, found=found: iter(found))
    monkeypatch.setattr(doctor, "_store", later)
    findings = doctor.look()
    assert [next(findings).area for _ in AREAS[:-1]] == list(AREAS[:-1])
    may.set()
    assert [one.area for one in findings] == ["store"]


def test_what_breaks_while_it_is_looked_at_is_raised(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken() -> Iterator[Finding]:
        yield Finding("isolation", "one", True, "seen")
        raise ValueError("a fault of ours")

    for area in AREAS:
        monkeypatch.setattr(doctor, area, lambda *_: iter(()))
    monkeypatch.setattr(doctor, "_isolation", broken)
    findings = doctor.look()
    assert next(findings).name == "one"
    with pytest.raises(ValueError, match="a fault of ours"):
        next(findings)
