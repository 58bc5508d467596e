"""A finished line says so without composing a cell; a changed one is composed again."""

import json
import os
from pathlib import Path

import pytest

from earmark import finished
from earmark.archive import SweepFolder
from earmark.errors import HarnessError
from tests.sweep.conftest import Run

LINE = ("-m", "model=expert,silence", "tier=notes", "temperature=0", "name=over", "tracking=none")


def test_the_same_line_again_is_told_at_once_and_any_other_is_not(
    root: Path, run: Run, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert run(*LINE) == 0
    first = capsys.readouterr()
    assert run(*LINE) == 0
    again = capsys.readouterr()
    assert again.err == "over: all 2 cells are finished; nothing to do\n"
    assert again.out == first.out
    note = SweepFolder(root / "multirun" / "over").facts()[finished.NOTE]
    assert [len(cells) for cells in note.values()] == [2]

    monkeypatch.setenv("VLLM_API_BASE", "http://elsewhere/v1")  # the configuration reads it: the line may mean other cells now
    assert run(*LINE) == 0
    assert "nothing to do" not in capsys.readouterr().err
    (victim, _) = sorted((root / "multirun" / "over").glob("*/cell.json"))
    victim.unlink()
    assert run(*LINE) == 0
    assert "nothing to do" not in capsys.readouterr().err
    assert victim.is_file()


def test_a_setting_beyond_the_usual_ones_is_in_the_cells_names(root: Path, run: Run) -> None:
    assert run("-m", "model=silence", "strategy.shots=0,1", "prompt=default,terse", "name=named", "tracking=none") == 0
    told = [json.loads(path.read_text())["facts"]["swept"] for path in (root / "multirun" / "named").glob("*/cell.json")]
    assert sorted(told) == sorted(f"shots={shots} prompt={prompt}" for shots in (0, 1) for prompt in ("default", "terse"))


def test_a_cell_keeps_a_log(root: Path, run: Run) -> None:
    assert run("model=silence", "name=logged", "tracking=none") == 0
    [log] = (root / "multirun" / "logged").glob("*/cell.log")
    said = log.read_text(encoding="utf-8").splitlines()
    assert "cell started" in said[0]
    assert "cell finished" in said[-1]
    assert sum("audio silent" in line for line in said) == 2
    assert run("model=silence", "name=logged", "tracking=none") == 0
    assert log.read_text(encoding="utf-8").splitlines() == said


def test_what_a_killed_writer_left_beside_the_cells_is_tidied(root: Path, run: Run) -> None:
    sweep = root / "multirun" / "left"
    dead = [sweep / f".sweep.json.{2**22 + 1}.0a.tmp", sweep / "controls" / f".notes-0.json.{2**22 + 1}.0a.tmp"]
    dead += [root / "multirun" / ".cassette" / "0a" / f".0a1b.json.{2**22 + 1}.0a.tmp"]
    living = sweep / f".ledger.json.{os.getpid()}.0a.tmp"
    for path in (*dead, living):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    assert run("model=noise", "tier=notes", "tier.first=1", "embedder=none", "tracking=none", "name=left") == 0
    assert not any(path.exists() for path in dead)
    assert living.exists()


def test_a_cell_that_has_lost_an_attempt_says_so(root: Path, run: Run) -> None:
    line = ("model=silence", "name=lost", "tracking=none")
    assert run(*line) == 0
    next((root / "multirun" / "lost").glob("*/attempts/*/*/attempt.json")).unlink()
    with pytest.raises(HarnessError, match=r"cell\.json: counts 2 attempts, 1 are there; delete it and start again"):
        SweepFolder(root / "multirun" / "lost").cells()[0].cell()
    next((root / "multirun" / "lost").glob("*/cell.json")).unlink()
    assert run(*line) == 0


def test_what_is_damaged_is_not_said_to_be_finished_and_the_way_out_leads_out(
    root: Path, run: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    line = ("model=silence", "name=damaged", "tracking=none")
    assert run(*line) == 0
    folder = SweepFolder(root / "multirun" / "damaged")
    ((attempt, _), (cell,)) = (sorted(folder.path.glob(f"*/{name}")) for name in ("attempts/*/*/attempt.json", "cell.json"))
    attempt.write_bytes(b"\x80 no JSON")
    with pytest.raises(HarnessError, match=r"attempt\.json: cannot be read as JSON .* delete it and the cell\.json of its cell, and start"):
        folder.cells()[0].cell()
    cell.write_bytes(b"\x80 no JSON")
    capsys.readouterr()
    assert run(*line) == 1
    (said,) = capsys.readouterr().err.splitlines()
    assert said.startswith(f"earmark: {cell}: cannot be read as JSON")
    assert said.endswith("delete it and start again")
    attempt.unlink()
    cell.unlink()
    assert run(*line) == 0
    assert len(folder.cells()[0].cell().attempts) == 2


def test_facts_of_another_shape_are_named(root: Path, run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    folder = SweepFolder(root / "multirun" / "shaped")
    folder.save_facts({finished.NOTE: []})
    assert run("model=silence", "name=shaped", "tracking=none") == 1
    (said,) = capsys.readouterr().err.splitlines()
    assert "sweep.json: 'complete' must be a JSON object, is []; delete the file and start again" in said
