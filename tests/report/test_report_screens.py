"""The report in a real browser: it asks for nothing, is whole on a phone and on paper, and every
number leads to its attempts.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from earmark.report import load_results
from earmark.report.report import write_report
from earmark.testing.sweeps import add_baselines, make_sweep

from .chromium import chromium
from .pages import CUT, PAPER, PHONE, console, show

pytestmark = pytest.mark.xdist_group("report_screens")  # its fixtures are made once


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("seen")
    folder = make_sweep(
        root,
        models=("a-model-with-a-rather-long-name", "drawn-b", "drawn-c"),
        tiers=("notes", "speech"),
        temperatures=(0, 0.5, 1),
        tasks=7,
        samples=2,
    )
    html, *_ = write_report(load_results(add_baselines(folder)))
    return html


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with chromium(width=1280, height=1000) as opened:
        opened.execute_cdp_cmd("Network.enable", {})
        yield opened


def test_the_page_asks_for_nothing(browser: Any, report: Path, tmp_path: Path) -> None:
    alone = tmp_path / "alone.html"  # without the files next to it
    alone.write_bytes(report.read_bytes())
    show(browser, alone, PHONE)
    fetched = "return performance.getEntriesByType('resource').map((one) => one.name)"
    assert browser.execute_script(fetched) == []
    assert console(browser) == []
    assert len(browser.find_elements("css selector", "figure svg")) > 5


def test_on_a_phone_the_page_has_its_width_and_only_tables_and_figures_scroll(
    browser: Any, report: Path
) -> None:
    show(browser, report, PHONE)
    width = browser.execute_script("return document.documentElement.scrollWidth")
    assert width == PHONE["width"]
    assert browser.execute_script(CUT, ".scroll") == []
    assert browser.execute_script(CUT, ".nothing") != []  # what scrolls is found without the rule
    sizes = browser.execute_script(
        "return [...document.querySelectorAll('svg')].map((e) => e.getBoundingClientRect().width)"
    )
    assert min(sizes) > 500  # letters of a figure that is shrunk to a phone cannot be read


def test_on_paper_nothing_is_cut_off(browser: Any, report: Path) -> None:
    show(browser, report, PAPER, media="print")
    assert browser.execute_script(CUT, ".nothing") == []


def test_the_verdict_answers_four_questions_on_the_first_screen(browser: Any, report: Path) -> None:
    desktop = {"width": 1280, "height": 1000, "deviceScaleFactor": 1, "mobile": False}
    show(browser, report, desktop)
    [*questions] = browser.find_elements("css selector", "dt")
    first = [one.text for one in questions[:4]]
    assert first == ["Which wins?", "By how much, how sure?", "What moves it?", "What next?"]
    assert questions[3].rect["y"] < desktop["height"]


def test_every_number_of_a_run_leads_to_its_attempts(browser: Any, report: Path) -> None:
    show(browser, report, PHONE)
    links = [one.get_attribute("href") for one in browser.find_elements("css selector", "a")]
    for link in set(links):
        assert Path(link.removeprefix("file://")).is_file()
    assert len({link for link in links if "/runs/" in link}) == 18
    row = browser.find_element("css selector", "td a")
    fields = row.find_elements("xpath", "./ancestor::tr/td")
    floored = next(one.text for one in fields if one.text.count(".") == 3)
    browser.get(row.get_attribute("href"))
    heads = [one.text for one in browser.find_elements("css selector", "th")]
    column = heads.index("yamnet_minilm") + 1
    shown = browser.find_elements("css selector", f"td:nth-child({column})")
    values = [float(one.text) for one in shown]
    assert len(values) == 14
    assert sum(values) / len(values) == pytest.approx(float(floored.split()[0]), abs=0.001)
    for link in browser.find_elements("css selector", "td a"):
        path = Path(link.get_attribute("href").removeprefix("file://"))
        assert path.is_file()
    record = browser.find_element("css selector", "td a").get_attribute("href")
    assert "scores" in json.loads(Path(record.removeprefix("file://")).read_text())
    assert browser.execute_script(CUT, ".scroll") == []
