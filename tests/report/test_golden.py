"""Saved attempts give the same tables: a fixed sweep, and everything that is made from it.

`EARMARK_GOLDEN=write` writes what the code gives now; read the difference before you keep it.
"""

import csv
import os
import shutil
from pathlib import Path

import pytest

from earmark.report import load_results
from earmark.report.export import attempt_rows, run_rows
from earmark.report.figures import csv_text
from earmark.report.report import write_report
from earmark.report.table import render_text
from earmark.storage.sweep_folder import SweepFolder

GOLDEN = Path(__file__).parent / "golden"
TEXTS = ("table.txt", "report.md", "tables.tex")
TABLES = ("episodes.csv", "pairs.csv", "attempts.csv", "runs.csv")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Every text that the saved sweep gives, by the name of its golden file."""
    copy = tmp_path_factory.mktemp("golden") / "saved"
    shutil.copytree(GOLDEN / "saved", copy)
    sweep = SweepFolder(copy)
    results = load_results(sweep)
    _, markdown, latex = write_report(results)
    data = copy / "report" / "data"
    return {
        "table.txt": render_text(results) + "\n",
        "report.md": markdown.read_text(),
        "tables.tex": latex.read_text(),
        "episodes.csv": (data / "episodes.csv").read_text(),
        "pairs.csv": (data / "pairs.csv").read_text(),
        "attempts.csv": rows_text(list(attempt_rows(sweep))),
        "runs.csv": rows_text(list(run_rows(sweep))),
    }


def rows_text(rows: list[dict[str, object]]) -> str:
    heads = sorted({head for row in rows for head in row})
    return csv_text(heads, [tuple(row.get(head) for head in heads) for row in rows])


def golden(name: str, text: str) -> str:
    path = GOLDEN / name
    if os.environ.get("EARMARK_GOLDEN") == "write":
        path.write_text(text)
    return path.read_text()


@pytest.mark.parametrize("name", TEXTS)
def test_tables_for_people_are_the_same_to_the_letter(name: str, made: dict[str, str]) -> None:
    assert made[name] == golden(name, made[name])


@pytest.mark.parametrize("name", TABLES)
def test_numbers_are_the_same(name: str, made: dict[str, str]) -> None:
    now = list(csv.reader(made[name].splitlines()))
    then = list(csv.reader(golden(name, made[name]).splitlines()))
    assert [len(row) for row in now] == [len(row) for row in then]
    for row, kept in zip(now, then, strict=True):
        for text, expected in zip(row, kept, strict=True):
            assert text == expected or float(text) == pytest.approx(float(expected), rel=1e-9)


def test_a_number_that_changed_is_seen(made: dict[str, str]) -> None:
    lines = made["runs.csv"].splitlines()
    assert any("0.0168" in line for line in lines), "cost of 14 answers at 0.0012"
    changed = made["table.txt"].replace("0.669", "0.670", 1)
    assert changed != golden("table.txt", made["table.txt"])
