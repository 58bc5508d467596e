"""A finished line says so without composing a run; a changed one is composed again."""

import json
import os
import shutil
from pathlib import Path

import pytest

from earmark.commands import doctor
from earmark.errors import HarnessError
from earmark.storage.sweep_folder import SweepFolder
from earmark.sweep import resume
from tests.sweep.conftest import Launch

LINE = ("-m", "model=expert,silence", "tier=notes", "temperature=0", "name=over", "tracking=none")


def test_the_same_line_again_is_answered_at_once_and_any_other_is_not(
    root: Path, launch: Launch, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert launch(*LINE) == 0
    first = capsys.readouterr()
    assert launch(*LINE) == 0
    again = capsys.readouterr()
    assert again.err == "over: all 2 runs are finished; nothing to do\n"
    assert again.out == first.out
    note = SweepFolder(root / "multirun" / "over").facts()[resume.NOTE]
    assert [len(runs) for runs in note.values()] == [2]

    monkeypatch.setenv(
        "VLLM_API_BASE", "http://elsewhere/v1"
    )  # the configuration reads it: the line may mean other runs now
    assert launch(*LINE) == 0
    composed = capsys.readouterr().err.splitlines()
    assert len(composed) > 1
    assert "over: all 2 runs are finished; nothing to do" in composed
    (victim, _) = sorted((root / "multirun" / "over").glob("*/run.json"))
    victim.unlink()
    assert launch(*LINE) == 0
    assert "nothing to do" not in capsys.readouterr().err
    assert victim.is_file()


def test_a_setting_beyond_the_usual_ones_is_in_the_runs_names(root: Path, launch: Launch) -> None:
    assert (
        launch(
            "-m",
            "model=silence",
            "strategy.shots=0,1",
            "prompt=default,terse",
            "name=named",
            "tracking=none",
        )
        == 0
    )
    swept = [
        json.loads(path.read_text())["facts"]["swept"]
        for path in (root / "multirun" / "named").glob("*/run.json")
    ]
    assert sorted((one["shots"], one["prompt"]) for one in swept) == [
        (shots, prompt) for shots in ("0", "1") for prompt in ("default", "terse")
    ]


def test_a_run_keeps_a_log(root: Path, launch: Launch) -> None:
    assert launch("model=silence", "name=logged", "tracking=none") == 0
    [log] = (root / "multirun" / "logged").glob("*/run.log")
    said = log.read_text(encoding="utf-8").splitlines()
    assert "run started" in said[0]
    assert "run finished" in said[-1]
    assert sum("audio silent" in line for line in said) == 2
    assert launch("model=silence", "name=logged", "tracking=none") == 0
    assert log.read_text(encoding="utf-8").splitlines() == said


def test_what_a_killed_writer_left_beside_the_runs_is_tidied(root: Path, launch: Launch) -> None:
    sweep = root / "multirun" / "left"
    dead = [
        sweep / f".sweep.json.{2**22 + 1}.0a.tmp",
        sweep / "baselines" / f".notes-0.json.{2**22 + 1}.0a.tmp",
    ]
    dead += [root / "multirun" / ".cassette" / "0a" / f".0a1b.json.{2**22 + 1}.0a.tmp"]
    living = sweep / f".ledger.json.{os.getpid()}.0a.tmp"
    for path in (*dead, living):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    assert (
        launch(
            "model=noise",
            "tier=notes",
            "tier.limit=1",
            "embedder=none",
            "tracking=none",
            "name=left",
        )
        == 0
    )
    assert not any(path.exists() for path in dead)
    assert living.exists()


def test_a_run_that_has_lost_an_attempt_says_so(root: Path, launch: Launch) -> None:
    line = ("model=silence", "name=lost", "tracking=none")
    assert launch(*line) == 0
    next((root / "multirun" / "lost").glob("*/attempts/*/*/attempt.json")).unlink()
    with pytest.raises(
        HarnessError, match=r"run\.json: counts 2 attempts, 1 are there; delete it and start again"
    ):
        SweepFolder(root / "multirun" / "lost").runs()[0].run()
    next((root / "multirun" / "lost").glob("*/run.json")).unlink()
    assert launch(*line) == 0


def test_what_is_damaged_is_not_said_to_be_finished_and_the_hint_helps(
    root: Path, launch: Launch, capsys: pytest.CaptureFixture[str]
) -> None:
    line = ("model=silence", "name=damaged", "tracking=none")
    assert launch(*line) == 0
    folder = SweepFolder(root / "multirun" / "damaged")
    ((attempt, _), (run,)) = (
        sorted(folder.path.glob(f"*/{name}")) for name in ("attempts/*/*/attempt.json", "run.json")
    )
    attempt.write_bytes(b"\x80 no JSON")
    with pytest.raises(
        HarnessError,
        match=r"attempt\.json: cannot be read as JSON .* delete it and the run\.json of its run",
    ):
        folder.runs()[0].run()
    run.write_bytes(b"\x80 no JSON")
    capsys.readouterr()
    assert launch(*line) == 1
    (said,) = capsys.readouterr().err.splitlines()
    assert said.startswith(f"earmark: {run}: cannot be read as JSON")
    assert said.endswith("delete it and start again")
    attempt.unlink()
    run.unlink()
    assert launch(*line) == 0
    assert len(folder.runs()[0].run().attempts) == 2


def test_facts_of_another_shape_are_named(
    root: Path, launch: Launch, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = SweepFolder(root / "multirun" / "shaped")
    folder.save_facts({resume.NOTE: []})
    assert launch("model=silence", "name=shaped", "tracking=none") == 1
    (said,) = capsys.readouterr().err.splitlines()
    assert (
        "sweep.json: 'complete' must be a JSON object, got []; delete the file and start again"
        in said
    )


def test_a_cut_attempt_of_a_finished_run_is_named_by_the_same_line_and_by_doctor(
    root: Path,
    launch: Launch,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("EARMARK_CACHE")  # doctor would fetch recordings into it
    line = ("model=silence", "name=cut", "tracking=none")
    assert launch(*line) == 0
    attempt = sorted((root / "multirun" / "cut").glob("*/attempts/*/*/attempt.json"))[0]
    attempt.write_bytes(attempt.read_bytes()[:100])
    capsys.readouterr()
    assert launch(*line) == 1
    text = capsys.readouterr().err
    assert f"earmark: {attempt}: cannot be read as JSON" in text
    assert "nothing to do" not in text
    doctor.main(["--json"])
    found = json.loads(capsys.readouterr().out)
    [damaged] = [one for one in found if (one["area"], one["name"]) == ("runs", "damaged")]
    assert f"{attempt}: cannot be read as JSON" in damaged["seen"]


def test_another_way_to_ask_leaves_nothing_to_do(
    root: Path, launch: Launch, capsys: pytest.CaptureFixture[str]
) -> None:
    line = ("-m", "model=expert,silence", "name=way", "tracking=none")
    ways: list[tuple[str, ...]] = [()]
    ways += [("asking=batch",), ("concurrency.requests=2",), ("budget_usd=1",)]
    for first, second in zip(ways, [*ways[1:], ways[0]], strict=True):
        assert launch(*line, *first) == 0
        capsys.readouterr()
        assert launch(*line, *second) == 0
        error = capsys.readouterr().err
        assert "way: all 2 runs are finished; nothing to do" in error
        assert "size " not in error
        shutil.rmtree(root / "multirun" / "way")
