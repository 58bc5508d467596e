"""The report says the known truth, loads nothing, and its numbers lead back to attempts."""

import csv
import re
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from earmark.cli import main
from earmark.report import Results, load_results
from earmark.report.report import latex_text, write_report
from earmark.report.sections import searched_words
from earmark.storage.sweep_folder import SweepFolder
from earmark.testing.sweeps import add_baselines, make_sweep

pytestmark = pytest.mark.xdist_group("report")  # its fixtures are made once

TIERS = ("notes", "environment", "speech")


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> Results:
    root = tmp_path_factory.mktemp("report")
    folder = make_sweep(
        root, models=("drawn-a", "drawn_$b"), tiers=TIERS, temperatures=(0, 1), tasks=7, samples=2
    )
    return load_results(add_baselines(folder))


@pytest.fixture(scope="module")
def report(results: Results) -> Path:
    html, *_ = write_report(results)
    return html.parent


def test_the_page_loads_nothing_and_is_whole(report: Path) -> None:
    page = (report / "report.html").read_text(encoding="utf-8")
    assert page.index("Verdict") < page.index("<table")
    assert re.findall(r'(?:src|<link[^>]*href)="', page) == []
    for tier in TIERS:
        assert f"{tier}: results" in page
    assert "The abstract claims that quality falls" in page
    assert "Methods" in page
    assert "Limits" in page
    assert page.count("<svg") == len(list((report / "figures").glob("*.svg")))


def test_every_figure_has_its_picture_for_page_and_paper_and_its_data(report: Path) -> None:
    names = {path.stem for path in (report / "figures").iterdir()}
    kinds = {path.suffix for path in (report / "figures").iterdir()}
    assert kinds == {".svg", ".pdf", ".csv"}
    assert "trend" in names
    assert any(name.endswith("-funnel") for name in names)
    for name in names:
        ET.parse(report / "figures" / f"{name}.svg")
        with (report / "figures" / f"{name}.csv").open(encoding="utf-8") as stream:
            assert len(list(csv.reader(stream))) > 1


def test_every_number_leads_to_its_attempt(report: Path, results: Results) -> None:
    with (report / "data" / "episodes.csv").open(encoding="utf-8") as stream:
        rows = list(csv.DictReader(stream))
    headline = [row for row in rows if row["metric"] == "yamnet_minilm"]
    assert len(headline) == len(results.runs) * 7 * 2
    for _, run in results.runs:
        values = [float(row["counts_as"]) for row in headline if row["run_key"] == run.key]
        expected = run.scores["yamnet_minilm_floored"]
        assert sum(values) / len(values) == pytest.approx(expected)
    for row in headline[:20]:
        assert (report / "data" / row["folder"] / "attempt.json").is_file()


def test_markdown_and_latex_hold_the_tables(report: Path) -> None:
    text = (report / "report.md").read_text(encoding="utf-8")
    assert text.startswith("# small: which difference is real?\n\n## Verdict")
    assert "| place | model |" in text
    latex = (report / "tables.tex").read_text(encoding="utf-8")
    assert latex.count("\\toprule") == latex.count("\\bottomrule") >= 2 * len(TIERS)
    assert "drawn\\_\\$b" in latex
    assert latex_text("50 % & a_b ± 1") == r"50 \% \& a\_b $\pm$ 1"


def test_the_same_runs_give_the_same_report(results: Results, report: Path) -> None:
    before = {path.name: path.read_bytes() for path in report.rglob("*") if path.is_file()}
    write_report(results)
    after = {path.name: path.read_bytes() for path in report.rglob("*") if path.is_file()}
    assert after == before


def test_the_command_says_the_verdict_and_where_the_report_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("EARMARK_ROOT", str(tmp_path))
    make_sweep(tmp_path, tasks=3)
    assert main(["report", "small"]) == 0
    out = capsys.readouterr().out
    assert "cannot tell: 3 tasks that all runs have; a test needs at least 6" in out
    assert f"report   {tmp_path / 'multirun' / 'small' / 'report' / 'report.html'}" in out
    SweepFolder(tmp_path / "multirun" / "empty").save_facts({"runs": 1})
    assert main(["report", "empty"]) == 1
    assert main(["report", "small", "--delta", "0"]) == 1
    error = capsys.readouterr().err
    assert "empty: holds no finished run yet" in error
    assert "--delta: must be above 0" in error


def test_trials_of_a_search_are_said_to_be_chosen_by_their_results() -> None:
    assert searched_words({"runs": 3}) == []
    facts = {"objective": ["score"], "trials": {"complete": 3}, "confirmed": "x is better"}
    [caution] = searched_words(facts)
    assert "chosen by their results" in caution
    assert caution.endswith("Asked afresh: x is better")
