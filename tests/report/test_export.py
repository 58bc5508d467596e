"""A sweep as data: the documented columns are the written ones, and the notebook runs."""

import json
import os
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pandas  # type: ignore[import-untyped]  # pandas ships no types
import pytest

import earmark
from earmark.errors import ConfigError, HarnessError
from earmark.report import export, export_files
from earmark.storage.sweep_folder import SweepFolder
from earmark.testing.sweeps import make_sweep

CHECKOUT = Path(__file__).parents[2]
NOTEBOOK = CHECKOUT / "examples" / "compare.ipynb"


def test_types_do_not_depend_on_what_happened(tmp_path: Path) -> None:
    rich, poor = (
        make_sweep(tmp_path, name="rich"),
        make_sweep(tmp_path, name="poor", models=("drawn-a",), tasks=1),
    )
    for place in poor.runs():
        for attempt in place.attempts():
            place.save_attempt(
                replace(attempt, completion=None, execution=None, clip=None, scores={})
            )
    begun = SweepFolder(tmp_path / "multirun" / "begun")
    begun.save_facts({"runs": 3})
    for load, columns in ((export.load_attempts, export.ATTEMPTS), (export.load_runs, export.RUNS)):
        for folder in (rich, poor, begun):
            made = load(folder)
            assert list(made.columns)[: len(columns)] == list(columns)
            assert {name: str(made[name].dtype) for name in columns} == columns
            assert all(
                str(made[name].dtype) == "float64"
                for name in made.columns
                if name.startswith("score_")
            )


def test_files_hold_what_a_frame_holds_however_many_rows_are_written_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = make_sweep(tmp_path, tasks=5, samples=2)
    whole: dict[str, float | str] = {"loops": 2, "seeded": True, "kind": "fm"}
    kinds: tuple[dict[str, float | str], ...] = (whole, {"loops": 1.5}, {"kind": "=1+1"})
    for place in folder.runs():
        for number, one in enumerate(place.attempts()):
            features = kinds[number % 3]
            program = one.program and replace(one.program, features=features)
            place.save_attempt(replace(one, program=program))
    monkeypatch.setattr(export_files, "AT_ONCE", 3)
    parquet, csv, *runs = export_files.export(folder, tmp_path / "out")
    written = pandas.read_parquet(parquet)
    loaded = export.load_attempts(folder)
    assert list(written.columns) == list(loaded.columns)
    for name in loaded.columns:
        there = loaded[name].notna()
        assert list(written[name].notna()) == list(there), name
        assert list(written[name][there]) == list(loaded[name][there]), name
    assert str(written["feature_seeded"].dtype) == "boolean"
    read = pandas.read_csv(csv)
    assert len(read) == len(loaded) > 3
    assert set(read["feature_kind"].dropna()) == {"fm", "'=1+1"}
    assert len(pandas.read_parquet(runs[0])) == 2


def test_a_sweep_without_runs_is_written_with_its_columns(tmp_path: Path) -> None:
    begun = SweepFolder(tmp_path / "multirun" / "begun")
    begun.save_facts({"runs": 3})
    parquet, csv, *_ = export_files.export(begun, tmp_path / "out")
    assert list(pandas.read_parquet(parquet).columns) == list(export.ATTEMPTS)
    assert csv.read_text(encoding="utf-8").strip().split(",") == list(export.ATTEMPTS)


def test_a_lost_attempt_is_named(tmp_path: Path) -> None:
    folder = make_sweep(tmp_path)
    next(folder.runs()[0].path.glob("attempts/*/*/attempt.json")).unlink()
    with pytest.raises(HarnessError, match=r"run.json: counts \d+ attempts, \d+ are there"):
        export_files.export(folder, tmp_path / "out")


def test_every_column_is_documented() -> None:
    documented = (CHECKOUT / "docs" / "export.md").read_text(encoding="utf-8")
    assert [
        name for name in (*export.ATTEMPTS, *export.RUNS) if f"`{name}`" not in documented
    ] == []


def test_a_name_or_a_folder_loads_and_a_wrong_name_lists_those_there_are(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EARMARK_ROOT", str(tmp_path))
    folder = make_sweep(tmp_path)
    assert earmark.load_attempts("small").equals(earmark.load_attempts(folder.path))
    assert len(earmark.load_runs("small")) == 2
    with pytest.raises(ConfigError, match=r"'smal': no such sweep.*did you mean small"):
        earmark.load_attempts("smal")


@pytest.mark.parametrize("lone", [False, True], ids=["two runs of each tier", "one of the last"])
def test_the_notebook_runs_from_top_to_bottom(tmp_path: Path, lone: bool) -> None:
    folder = make_sweep(tmp_path, name="first", tiers=("notes", "speech"), tasks=6)
    if lone:
        shutil.rmtree(folder.runs()[-1].path)
    notebook = json.loads(NOTEBOOK.read_text(encoding="utf-8"))
    code = "\n".join(
        "".join(cell["source"]) for cell in notebook["cells"] if cell["cell_type"] == "code"
    )
    environment = {**os.environ, "EARMARK_ROOT": str(tmp_path), "MPLBACKEND": "Agg"}
    line = [sys.executable, "-c", code]
    done = subprocess.run(
        line,
        env=environment,
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert f"{len(folder.runs())} runs" in done.stdout
    assert "drawn-" in done.stdout
    # What is committed is the recipe, not the numbers of one machine.
    assert all(cell.get("outputs", []) == [] for cell in notebook["cells"])
