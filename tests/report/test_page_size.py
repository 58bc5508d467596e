"""The listening page with many attempts, and within a budget of bytes."""

import json
import os
import re
from collections.abc import Iterator
from dataclasses import replace
from itertools import chain
from pathlib import Path
from typing import Any

import pytest

from earmark.config.schema import ModelConfig
from earmark.records import Run
from earmark.report import write_leaderboard
from earmark.report.page import linked_page, portable_page
from earmark.report.page_parts import parts_of, write_parts
from earmark.storage.run_folder import RunFolder
from earmark.storage.sweep_folder import SweepFolder
from earmark.testing.sweeps import add_baselines, make_sweep

from .chromium import chromium
from .pages import all_of, data_of, details_of, ended, one, wait

pytestmark = pytest.mark.xdist_group("page_size")  # its fixtures are made once


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> SweepFolder:
    return add_baselines(
        make_sweep(tmp_path_factory.mktemp("page"), tiers=("notes", "speech"), tasks=5, samples=2)
    )


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with chromium() as opened:
        yield opened


def many(folder: SweepFolder, *, runs: int = 25, tasks: int = 200) -> list[tuple[RunFolder, Run]]:
    """Runs of one sound and so many tasks, in folders of the sweep that hold nothing."""
    run = folder.runs()[0].run()
    sample = next(attempt for attempt in run.attempts if attempt.valid)
    made = []
    for number in range(runs):
        key = f"run-{number:02}"
        attempts = []
        for at in range(tasks):
            task = replace(sample.task, id=f"task-{at:03}", caption=f"sound number {at}")
            one = replace(sample, key=f"{key} {task.id}", run=key, task=task, sample=0)
            attempts.append(one)
        config = replace(run.config, model=ModelConfig(f"model-{number:02}"))
        picked = tuple(one.key for one in attempts)
        many_ = replace(run, key=key, config=config, attempts=tuple(attempts), picked=picked)
        made.append((RunFolder(folder.path / key), many_))
    return made


def test_ten_thousand_attempts_hold_what_is_in_view_and_every_one_opens(
    browser: Any, folder: SweepFolder
) -> None:
    from selenium.webdriver.common.keys import Keys

    runs = many(folder, runs=50)
    for place, run in runs[:2]:
        for one_ in run.attempts[-12:]:  # the rows that are looked at below
            into = place.folder_of(one_)
            into.mkdir(parents=True)
            assert one_.clip is not None
            os.link(one_.clip.path, into / "out.wav")
            os.link(Path(one_.clip.path).with_suffix(".png"), into / "out.png")
    page = folder.path / "many.html"
    page.write_text(linked_page(folder, runs), encoding="utf-8")
    write_parts(folder.path / "leaderboard", chain.from_iterable(parts_of(run) for _, run in runs))
    browser.get(page.as_uri())
    assert one(browser, ".shown").text == "10000 shown"
    assert len(all_of(browser, ".matrix tbody tr")) == 200  # a name can be searched for
    assert 0 < len(all_of(browser, ".matrix button")) < 2000
    for axis in range(2, 50):
        browser.execute_script(f"document.querySelector('input[value=model-{axis:02}]').click()")
    one(browser, "#words").send_keys("number 19")
    assert one(browser, ".shown").text == "22 shown"
    browser.execute_script("document.querySelector('.matrix tbody tr:last-child').scrollIntoView()")
    wait(lambda: len(all_of(browser, "[data-row='10']")) == 2)
    one(browser, "[data-row='10']").click()
    wait(lambda: ended(browser))
    assert "steady tone" in one(browser, "#detail pre").text
    browser.switch_to.active_element.send_keys(Keys.ARROW_UP)
    assert browser.switch_to.active_element.get_attribute("data-row") == "9"


def test_rows_are_filled_as_they_come_and_all_of_them_on_paper(
    browser: Any, folder: SweepFolder
) -> None:
    from selenium.webdriver.common.keys import Keys

    page = folder.path / "many.html"
    page.write_text(linked_page(folder, many(folder, runs=3)), encoding="utf-8")
    browser.get(page.as_uri())
    last = "return document.querySelector('.matrix button[data-row=\"199\"]')"
    assert browser.execute_script(last) is None
    browser.execute_script("document.querySelector('.matrix tbody tr:last-child').scrollIntoView()")
    wait(lambda: browser.execute_script(last) is not None)
    assert browser.execute_script(last.replace("199", "100")) is None
    browser.execute_script("document.querySelector('.matrix button').focus()")
    for _ in range(40):  # further than the rows that were filled when the page was opened
        browser.switch_to.active_element.send_keys(Keys.ARROW_DOWN)
    assert browser.switch_to.active_element.get_attribute("data-row") == "40"
    browser.execute_script("dispatchEvent(new Event('beforeprint'))")
    assert len(all_of(browser, ".matrix button")) == 600


def test_a_page_without_its_parts_says_where_they_are(browser: Any, folder: SweepFolder) -> None:
    page = folder.path / "many.html"
    page.write_text(linked_page(folder, many(folder, runs=2, tasks=2)), encoding="utf-8")
    write_parts(folder.path / "leaderboard", [])
    browser.get(page.as_uri())
    one(browser, ".matrix button").click()
    where = "small/run-00/attempts/task-000/0-0"
    wait(lambda: where in one(browser, "#detail").text)


def test_inside_mlflow_five_thousand_attempts_stay_below_the_limit_and_every_run_has_a_sound(
    folder: SweepFolder,
) -> None:
    page = portable_page("many", many(folder), budget_bytes=2_000_000)
    found = re.findall(r'id="details-(run-..)-0">(.*?)</script>', page)
    assert len(found) == 25
    for _, part in found:
        assert any(one and one.get("audio") for one in json.loads(part))
    data = json.dumps(data_of(page), ensure_ascii=False, separators=(",", ":"))
    # The scripts and the style of the page are some 40 kB.
    assert len(page) < 2_000_000 + len(data) + 60_000


def test_the_page_says_the_folders_numbers(folder: SweepFolder) -> None:
    data = data_of(write_leaderboard(folder).read_text(encoding="utf-8"))
    means = {run["id"]: run["mean"] for group in data["groups"] for run in group["runs"]}
    for place in folder.runs():
        run = place.run()
        assert means[run.key] == pytest.approx(run.scores["yamnet_minilm_floored"])


def test_the_budget_is_kept_and_what_is_left_out_says_where_it_is(folder: SweepFolder) -> None:
    runs = [(place, place.run()) for place in folder.runs()]
    whole, small = (portable_page("t", runs, budget_bytes=size) for size in (20_000_000, 20_000))
    assert len(small) < len(whole)
    carried = [attempt for attempt in details_of(small) if attempt.get("audio")]
    baselines = [
        clip
        for group in data_of(small)["groups"]
        for row in group["baselines"]["rows"]
        for clip in row["clips"]
    ]
    assert 0 < sum(len(clip["audio"] or "") for clip in baselines) <= 5_000
    assert all((folder.path.parent / clip["folder"]).is_file() for clip in baselines)
    assert 0 < len(carried) < len(details_of(whole))
    assert all("program" in attempt for attempt in details_of(small))
