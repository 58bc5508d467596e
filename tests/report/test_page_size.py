"""The listening page with many attempts, and within a budget of bytes."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from earmark.config.schema import ModelConfig
from earmark.records import Attempt, Run
from earmark.report import write_leaderboard
from earmark.report.media import Media
from earmark.report.page import portable_page, render_page
from earmark.storage.run_folder import RunFolder
from earmark.storage.sweep_folder import SweepFolder
from earmark.testing.sweeps import add_baselines, make_sweep

from .chromium import chromium
from .pages import all_of, console, data_of, ended, one, wait


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> SweepFolder:
    return add_baselines(
        make_sweep(tmp_path_factory.mktemp("page"), tiers=("notes", "speech"), tasks=5, samples=2)
    )


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with chromium() as opened:
        yield opened


def many(folder: SweepFolder) -> list[tuple[RunFolder, Run]]:
    """25 runs of 200 tasks: 5,000 attempts, all of one sound."""
    place = folder.runs()[0]
    run = place.run()
    sample = next(attempt for attempt in run.attempts if attempt.valid)
    made = []
    for number in range(25):
        key = f"run-{number:02}"
        tasks = [
            replace(sample.task, id=f"task-{at:03}", caption=f"sound number {at}")
            for at in range(200)
        ]
        attempts = tuple(replace(sample, run=key, task=task, sample=0) for task in tasks)
        config = replace(run.config, model=ModelConfig(f"model-{number:02}"))
        made.append(
            (place, replace(run, key=key, config=config, attempts=attempts, picked=(sample.key,)))
        )
    return made


def test_five_thousand_attempts_are_usable(
    browser: Any, folder: SweepFolder, tmp_path: Path
) -> None:
    from selenium.webdriver.common.keys import Keys

    runs = many(folder)
    clip = runs[0][1].attempts[0].clip
    assert clip is not None
    wav = Path(clip.path)

    def media(attempt: Attempt, _: Path) -> dict[str, Any]:
        return {
            "program": "# steady tone",
            "audio": wav.as_uri(),
            "image": wav.with_suffix(".png").as_uri(),
        }

    (tmp_path / "many.html").write_text(
        render_page("many", runs, Media(media, lambda wav: wav.as_uri())), encoding="utf-8"
    )
    browser.get((tmp_path / "many.html").as_uri())
    assert len(all_of(browser, "#matrix button")) == 5000
    for axis in range(1, 25):
        browser.execute_script(f"document.querySelector('input[value=model-{axis:02}]').click()")
    one(browser, "#words").send_keys("number 19")
    assert len(all_of(browser, "#matrix button")) == 11
    one(browser, "#matrix button.valid").click()
    wait(lambda: ended(browser))
    browser.switch_to.active_element.send_keys(Keys.ARROW_DOWN)
    assert browser.switch_to.active_element.get_attribute("data-row") == "1"
    assert console(browser) == []


def test_inside_mlflow_five_thousand_attempts_stay_below_the_limit_and_every_run_has_a_sound(
    folder: SweepFolder,
) -> None:
    page = portable_page("many", many(folder), budget_bytes=2_000_000)
    carried = [attempt for attempt in data_of(page)["attempts"] if attempt["audio"]]
    assert sum(len(attempt["audio"]) for attempt in carried) <= 2_000_000
    assert {attempt["run"] for attempt in carried} == {f"run-{number:02}" for number in range(25)}


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
    carried = [attempt for attempt in data_of(small)["attempts"] if attempt["audio"]]
    baselines = [
        clip
        for group in data_of(small)["groups"]
        for row in group["baselines"]["rows"]
        for clip in row["clips"]
    ]
    assert 0 < sum(len(clip["audio"] or "") for clip in baselines) <= 5_000
    assert all((folder.path.parent / clip["folder"]).is_file() for clip in baselines)
    left_out = [
        attempt
        for attempt in data_of(small)["attempts"]
        if attempt["valid"] and not attempt["audio"]
    ]
    assert len(carried) > 0
    assert all(
        (folder.path.parent / attempt["folder"] / "out.wav").is_file() for attempt in left_out
    )
    assert len(left_out) > 0
