"""The listening page in a browser: it plays, filters, moves by keys and takes votes."""

import json
import re
import time
import urllib.parse
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from earmark.records import Program
from earmark.report import write_leaderboard
from earmark.report.page import portable_page
from earmark.storage.atomic import read_json, write_json
from earmark.storage.sweep_folder import SweepFolder
from earmark.testing.sweeps import add_baselines, make_sweep

from .chromium import chromium
from .pages import all_of, console, ended, one, wait

pytestmark = pytest.mark.xdist_group("page")  # its fixtures are made once

EVIL = "</script><script>document.title='broken'</script><!-- <b>"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> SweepFolder:
    return add_baselines(
        make_sweep(tmp_path_factory.mktemp("page"), tiers=("notes", "speech"), tasks=5, samples=2)
    )


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with chromium() as opened:
        yield opened


@pytest.fixture
def page(browser: Any, folder: SweepFolder) -> Any:
    browser.get(write_leaderboard(folder).as_uri())
    return browser


def test_a_click_plays_to_the_end_and_shows_the_program(page: Any) -> None:
    one(page, ".matrix button.valid").click()
    wait(lambda: ended(page))
    assert "steady tone" in one(page, "#detail pre").text
    assert one(page, "#detail img").get_attribute("naturalWidth") == "480"
    assert console(page) == []


def test_the_portable_page_plays_without_its_folder(
    browser: Any, folder: SweepFolder, tmp_path: Path
) -> None:
    alone = tmp_path / "alone.html"
    alone.write_text(
        portable_page("alone", [(run, run.run()) for run in folder.runs()]), encoding="utf-8"
    )
    browser.get(alone.as_uri())
    for css in (".matrix button.valid", ".baselines button"):
        one(browser, css).click()
        assert not ended(browser)
        wait(lambda: ended(browser))
    assert console(browser) == []
    assert not re.search(r"""(?:src|href)=["']?(?:https?:)?//""", alone.read_text(encoding="utf-8"))


def test_a_failure_says_why(page: Any) -> None:
    from selenium.webdriver.support.ui import Select

    Select(one(page, "#outcome")).select_by_value("all")
    one(page, ".matrix button.valid[data-row='1']").click()
    turns = all_of(page, "#detail .row button")
    assert len(turns) == 3
    turns[0].click()
    assert one(page, "#detail .failure").text.split(":")[0] in (
        "no_code",
        "runtime_error",
        "silent",
    )
    assert not one(page, "#player").is_displayed()


def test_filters_narrow_what_is_shown(page: Any) -> None:
    wait(lambda: len(all_of(page, ".matrix button")) == 10)
    one(page, "input[data-axis=model][value=drawn-a]").click()
    wait(lambda: len(all_of(page, ".matrix button")) == 5)
    assert len(all_of(page, ".ranking tbody tr")) == 1
    one(page, "#words").send_keys("number 3")
    assert len(all_of(page, ".matrix button")) == 1
    assert one(page, ".shown").text == "1 shown"
    all_of(page, "#tiers button")[1].click()
    assert one(page, ".ranking-title").text == "Ranking: speech"
    assert one(page, ".ranking td.name").text.startswith("drawn-")
    assert console(page) == []


def test_keys_move_play_and_close(page: Any) -> None:
    from selenium.webdriver.common.keys import Keys

    page.execute_script("document.querySelector('.matrix button').focus()")
    focused = page.switch_to.active_element
    focused.send_keys(Keys.ARROW_DOWN)
    page.switch_to.active_element.send_keys(Keys.ARROW_RIGHT)
    here = page.switch_to.active_element
    assert (here.get_attribute("data-row"), here.get_attribute("data-column")) == ("1", "1")
    here.send_keys(Keys.ENTER)
    wait(lambda: ended(page))
    assert one(page, "#detail").is_displayed()
    page.switch_to.active_element.send_keys(Keys.ESCAPE)
    assert not one(page, "#detail").is_displayed()


def test_arrows_work_at_once_and_the_blind_test_is_a_step_away(page: Any) -> None:
    from selenium.webdriver.common.keys import Keys

    page.refresh()
    one(page, "body").send_keys(Keys.ARROW_DOWN)
    here = page.switch_to.active_element
    assert (here.get_attribute("data-row"), here.get_attribute("data-column")) == ("0", "0")
    page.execute_script("scrollTo(0, 0)")
    one(page, "#to-blind a").click()
    one(page, "#blind-form button").click()
    card = "return document.querySelector('#blind-round').getBoundingClientRect()"
    box = page.execute_script(card)
    assert box["top"] >= 0
    assert box["bottom"] <= page.execute_script("return innerHeight")
    one(page, "#blind-stop").click()


def test_a_narrow_screen_cuts_nothing_off(page: Any) -> None:
    page.set_window_size(500, 900)
    try:
        widths = page.execute_script("return [document.body.scrollWidth, innerWidth]")
        assert widths[0] <= widths[1]
    finally:
        page.set_window_size(1400, 1000)


def test_values_of_a_filter_are_in_order(page: Any) -> None:
    for legend in all_of(page, "#filters fieldset"):
        words = [label.text for label in legend.find_elements("css selector", "label")]
        assert words == sorted(words)


def test_numbers_of_a_filter_are_in_their_order(browser: Any, tmp_path: Path) -> None:
    folder = make_sweep(tmp_path, temperatures=(1, 0.25, 0, 0.5, 10))
    browser.get(write_leaderboard(folder).as_uri())
    boxes = all_of(browser, "input[data-axis=temperature]")
    assert [box.get_attribute("value") for box in boxes] == ["0", "0.25", "0.5", "1", "10"]


def test_a_baseline_plays_by_mouse_and_by_keys(page: Any, folder: SweepFolder) -> None:
    from selenium.webdriver.common.keys import Keys

    one(page, ".matrix button.valid").click()
    first, second = all_of(page, ".baselines button")[:2]
    first.click()
    # There is one player: what is open and what plays are never two things.
    assert not one(page, "#detail").is_displayed()
    assert one(page, ".baselines-now").text.startswith(
        "Playing: expert programs, written by hand, for “a steady tone, number 0”"
    )
    second.click()
    time.sleep(0.1)  # the end of the first must not be taken for the second's
    assert "playing" in second.get_attribute("class")
    assert "playing" not in first.get_attribute("class")
    wait(lambda: ended(page))
    wait(lambda: "playing" not in second.get_attribute("class"))
    assert one(page, ".baselines-now").text == ""
    second.send_keys(Keys.ARROW_DOWN)
    here = page.switch_to.active_element
    assert here.get_attribute("aria-label").startswith(
        "white noise, for “a steady tone, number 1”, yamnet_minilm 0.06"
    )
    here.send_keys(Keys.SPACE)
    wait(lambda: ended(page))
    assert page.execute_script("return document.getElementById('player').src").startswith(
        (folder.path / "baselines").as_uri()
    )
    assert console(page) == []


def test_baselines_say_floor_expert_and_why_one_has_no_score(page: Any) -> None:
    rows = [row.text for row in all_of(page, ".baselines tbody tr")]
    assert "expert programs, written by hand" in rows[0]
    assert "expert" in rows[0]
    assert "white noise" in rows[1]
    assert "floor" in rows[1]
    assert rows[2] == "silence no score: no valid clip: silent"
    assert "Floor 0.0" in one(page, ".baselines-note").text
    assert "stand-in" in one(page, "#notice").text


def test_a_sweep_without_baselines_or_with_their_numbers_alone(
    browser: Any, tmp_path: Path
) -> None:
    bare = make_sweep(tmp_path)
    browser.get(write_leaderboard(bare).as_uri())
    assert not one(browser, ".baselines-section").is_displayed()
    add_baselines(bare)
    for clips in bare.path.glob("baselines/*/clips.json"):
        clips.unlink()
    browser.get(write_leaderboard(bare).as_uri())
    assert len(all_of(browser, ".baselines tbody tr")) == 3
    assert all_of(browser, ".baselines button") == []
    for kept in bare.path.glob("baselines/*.json"):
        stored = read_json(kept)
        write_json(
            kept,
            {
                **stored,
                "baselines": {name: {"unscored": "no embedder"} for name in stored["baselines"]},
            },
        )
    browser.get(write_leaderboard(bare).as_uri())
    assert one(browser, ".baselines-note").text == "No baseline has a score: no embedder."
    assert console(browser) == []


def test_an_order_that_a_panel_turns_round_is_flagged(browser: Any, tmp_path: Path) -> None:
    bare = make_sweep(tmp_path)
    browser.get(write_leaderboard(bare).as_uri())
    assert not one(browser, ".order-warning").is_displayed()
    for place in bare.runs():
        run = place.run()
        other = {"clap_other": 1 - run.scores["yamnet_minilm"]}
        place.save_run(
            replace(
                run, scores={**run.scores, **other}, facts=replace(run.facts, panel=("clap_other",))
            )
        )
    browser.get(write_leaderboard(bare).as_uri())
    warning = r"Do not rely on this order: clap_other would order them otherwise \(drawn-. .* above"
    assert re.search(warning, one(browser, ".order-warning").text)


def test_blind_votes_are_counted_and_saved(page: Any) -> None:
    one(page, "#blind-form button").click()
    rounds = 0
    while one(page, "#blind-round").is_displayed():
        one(page, "#play-x").click()
        one(page, "#vote-tie" if rounds == 0 else "#vote-x").click()
        rounds += 1
    link = one(page, "#votes-file").get_attribute("href")
    saved = json.loads(urllib.parse.unquote(link.split(",", 1)[1]))
    assert len(saved["votes"]) == rounds == 8
    assert sum(vote["better"] is None for vote in saved["votes"]) == 1
    assert all(vote["better"] in (None, vote["x"]) for vote in saved["votes"])
    assert "no difference: 1" in one(page, "#blind-verdict").text
    assert console(page) == []


def test_a_vote_by_keys_may_stop_early_and_is_kept(page: Any) -> None:
    one(page, "#blind-form button").click()
    body = one(page, "body")
    for keys in ("1x", "2y", "n"):
        body.send_keys(keys)
    one(page, "#blind-stop").click()
    saved = json.loads(
        urllib.parse.unquote(one(page, "#votes-file").get_attribute("href").split(",", 1)[1])
    )
    sides = []
    for vote in saved["votes"]:
        sides.append({vote["x"]: "x", vote["y"]: "y"}.get(vote["better"]))
    assert sides == ["x", "y", None]
    assert not one(page, "#blind-round").is_displayed()
    assert console(page) == []


def test_every_button_and_field_has_a_name_and_the_notice_is_shown(page: Any) -> None:
    nameless = page.execute_script("""
        const named = (node) => node.textContent.trim() || node.getAttribute('aria-label')
            || (node.labels && node.labels.length);
        const nodes = [...document.querySelectorAll('button, select, input')];
        return nodes.filter((node) => !named(node)).length""")
    assert nameless == 0
    assert "stand-in" in one(page, "#notice").text


def test_texts_of_models_are_never_markup(
    browser: Any, folder: SweepFolder, tmp_path: Path
) -> None:
    runs = [(place, place.run()) for place in folder.runs()[:1]]
    attempts = tuple(
        replace(attempt, program=Program(EVIL), task=replace(attempt.task, caption=EVIL))
        for attempt in runs[0][1].attempts
    )
    (tmp_path / "evil.html").write_text(
        portable_page(EVIL, [(runs[0][0], replace(runs[0][1], attempts=attempts))]),
        encoding="utf-8",
    )
    browser.get((tmp_path / "evil.html").as_uri())
    assert browser.title == EVIL
    one(browser, ".matrix button.valid").click()
    assert one(browser, "#detail pre").text == EVIL
    assert console(browser) == []
