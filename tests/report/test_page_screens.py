"""The listening page on a phone and on paper, and a tier that has two sets of tasks."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from earmark.report import write_leaderboard
from earmark.storage.sweep_folder import SweepFolder
from earmark.testing.sweeps import add_baselines, config, make_run, make_sweep

from .chromium import chromium
from .pages import CUT, PAPER, PHONE, all_of, console, one, show, wait

pytestmark = pytest.mark.xdist_group("page_screens")  # its fixtures are made once


@pytest.fixture(scope="module")
def sweep(tmp_path_factory: pytest.TempPathFactory) -> SweepFolder:
    """Two tiers of many runs with long names, and a run of fewer tasks of the first tier."""
    folder = make_sweep(
        tmp_path_factory.mktemp("screens"),
        models=("a-model-with-a-rather-long-name", "drawn-b", "drawn-c"),
        tiers=("speech", "notes"),
        temperatures=(0, 0.25, 0.5, 0.75, 1),
        tasks=7,
    )
    fewer = config(model="small-d")
    make_run(folder, replace(fewer, tier=replace(fewer.tier, limit=2)), tasks=2)
    return add_baselines(folder)


@pytest.fixture(scope="module")
def page(sweep: SweepFolder) -> Path:
    return write_leaderboard(sweep)


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with chromium(width=1280, height=1000) as opened:
        yield opened


def test_two_sets_of_tasks_are_two_named_tables_on_the_tab_of_their_tier(
    browser: Any, page: Path
) -> None:
    browser.get(page.as_uri())
    assert [tab.text for tab in all_of(browser, "#tiers button")] == ["notes", "speech"]
    titles = [title.text for title in all_of(browser, ".ranking-title")]
    assert sorted(titles) == ["Ranking: notes (tasks all)", "Ranking: notes (tasks limit=2)"]
    wait(lambda: "small-d" in {head.text.split()[0] for head in all_of(browser, "th.run")})
    small = next(one for one in all_of(browser, "article") if "limit=2" in one.text)
    wait(lambda: len(all_of(small, ".matrix button")) > 0)
    browser.execute_script("arguments[0].click()", all_of(small, ".matrix button.valid")[0])
    assert "small-d" in one(browser, "#detail").text
    all_of(browser, "#tiers button")[1].click()
    assert [title.text for title in all_of(browser, ".ranking-title")] == ["Ranking: speech"]
    assert console(browser) == []


def test_the_funnel_of_each_run_never_rises(browser: Any, page: Path) -> None:
    browser.get(page.as_uri())
    one(browser, ".funnel-section summary").click()
    for row in all_of(browser, ".funnel tbody tr"):
        _, *shares = row.get_property("textContent").split("%")
        values = [int(share) for share in shares if share]
        assert len(values) >= 8
        assert values == sorted(values, reverse=True)


def test_on_a_phone_the_page_has_its_width_and_only_tables_scroll(browser: Any, page: Path) -> None:
    show(browser, page, PHONE)
    assert browser.execute_script("return document.documentElement.scrollWidth") == PHONE["width"]
    assert browser.execute_script(CUT, ".scroll") == []
    assert browser.execute_script(CUT, ".nothing") != []  # what scrolls is found without the rule
    browser.execute_script("document.querySelector('.matrix button.valid').click()")
    wait(lambda: "steady tone" in one(browser, "#detail").text)
    box = browser.execute_script("return document.querySelector('#detail').getBoundingClientRect()")
    assert (box["left"], box["right"]) == (0, PHONE["width"])


def test_on_paper_nothing_is_cut_off_and_every_sound_names_its_run(
    browser: Any, page: Path
) -> None:
    show(browser, page, PAPER, media="print")
    wait(lambda: len(all_of(browser, ".matrix button")) >= 7 * 15)
    parts = "table, th, td, .interval, .matrix button"
    assert browser.execute_script(CUT.replace("table", parts), ".nothing") == []
    named = browser.execute_script(
        "return getComputedStyle(document.querySelector('.matrix td'), '::before').content"
    )
    assert "drawn" in named or "a-model" in named
