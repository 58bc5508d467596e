"""What a person sees in a real browser: saved view, run, WAV player, leaderboard, blind A/B.

With EARMARK_SCREENSHOTS=NAME the sweep NAME of this project is shown instead of a drawn one, and
the pictures are kept in docs/images: this is how those of the README are made.
"""

import io
import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from mlflow import MlflowClient
from PIL import Image

from earmark import paths
from earmark.commands import ui
from earmark.report import write_leaderboard
from earmark.storage.sweep_folder import SweepFolder
from earmark.testing.sweeps import add_baselines, make_sweep
from earmark.tracking import views
from earmark.tracking.connection import connect
from earmark.tracking.mlflow_store import MlflowTracker
from tests.tracking.test_commands import free_port

from .chromium import chromium

REAL = os.environ.get("EARMARK_SCREENSHOTS")
IMAGES = paths.CHECKOUT / "docs" / "images"
CLOSES = (
    "[data-component-id='mlflow.assistant.chat_panel.close'], "
    ".du-bois-light-alert-close-icon, [class*=alert-close-icon]"
)
SHADES = 128  # of a kept picture's palette
pytestmark = [
    pytest.mark.xdist_group("screens"),
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
]


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return paths.root() if REAL else tmp_path_factory.mktemp("screens")


@pytest.fixture(scope="module")
def folder(root: Path) -> SweepFolder:
    return (
        SweepFolder(root / "multirun" / REAL)
        if REAL
        else add_baselines(make_sweep(root, tiers=("notes", "speech"), tasks=4))
    )


@pytest.fixture(scope="module")
def store(root: Path, folder: SweepFolder) -> MlflowTracker:
    tracker = MlflowTracker(f"sqlite:///{root}/mlruns/screens.db", str(root / "mlruns" / "screens"))
    tracker.sweep(folder)
    return tracker


@pytest.fixture(scope="module")
def address(store: MlflowTracker, root: Path) -> Iterator[str]:
    port = free_port()
    server = ui.started(store.uri, port=port)
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        ui.stop(server)


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with chromium(width=1500, height=1000) as opened:
        yield opened


def shows(browser: Any, *wanted: str, seconds: float = 90) -> None:
    """Wait until all these words are on the page."""
    deadline = time.monotonic() + seconds
    while missing := [
        word for word in wanted if word not in browser.find_element("css selector", "body").text
    ]:
        assert time.monotonic() < deadline, f"not shown: {missing}"
        time.sleep(0.3)


def until(true: Callable[[], bool], seconds: float = 90) -> None:
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, "nothing came in time"
        time.sleep(0.3)


def kept(browser: Any, name: str, css: str | None = None) -> None:
    """Check that the screen is not blank; keep it, in few colours, where pictures are wanted."""
    for close in browser.find_elements("css selector", CLOSES):
        browser.execute_script("arguments[0].click()", close)
    time.sleep(1.0)  # for what moves into its place
    taken = (
        browser.find_element("css selector", css).screenshot_as_png
        if css
        else browser.get_screenshot_as_png()
    )
    picture = Image.open(io.BytesIO(taken)).convert("RGB")
    assert len(set(picture.resize((64, 64)).getdata())) > 20
    if REAL:
        IMAGES.mkdir(parents=True, exist_ok=True)
        picture.quantize(SHADES).save(IMAGES / f"{name}.png", optimize=True)


def drawn(browser: Any, css: str) -> int:
    return len(browser.find_elements("css selector", css))


def test_the_saved_view_shows_columns_charts_and_spectrograms(
    browser: Any, address: str, store: MlflowTracker
) -> None:
    with connect(store.uri, artifacts=store.artifacts, experiment=store.experiment) as (
        client,
        experiment,
    ):
        link = views.save(client, experiment)
    browser.get(f"{address}/{link}")
    shows(browser, "Runs compared", "yamnet_minilm_floored")
    until(lambda: drawn(browser, ".js-plotly-plot, .parcoords, svg.main-svg") >= 2)
    kept(browser, "view")


def run_of(store: MlflowTracker, folder: SweepFolder) -> Any:
    client = MlflowClient(store.uri)
    experiment = client.get_experiment_by_name(store.experiment)
    assert experiment is not None
    found = client.search_runs(
        [experiment.experiment_id],
        f"tags.`earmark.sweep` = '{folder.name}' and tags.`earmark.kind` = 'run'",
    )
    return min(
        found,
        key=lambda mlflow_run: (
            mlflow_run.data.params["model"] != "expert",
            mlflow_run.data.params["tier"] != "environment",
            mlflow_run.info.run_name,
        ),
    )


def test_a_run_says_who_asked_what_and_scored_what(
    browser: Any, address: str, store: MlflowTracker, folder: SweepFolder
) -> None:
    mlflow_run = run_of(store, folder)
    browser.get(
        f"{address}/#/experiments/{mlflow_run.info.experiment_id}/runs/{mlflow_run.info.run_id}?workflowType=machine_learning"
    )
    shows(
        browser,
        mlflow_run.info.run_name,
        "yamnet_minilm_floored",
        "valid_rate",
        "strategy",
        "tasks",
    )
    kept(browser, "run")


def test_a_wav_plays_in_the_artifact_view(
    browser: Any, address: str, store: MlflowTracker, folder: SweepFolder
) -> None:
    mlflow_run = run_of(store, folder)
    valid = next(
        one
        for place in folder.runs()
        if (run := place.run()).key == mlflow_run.data.tags["earmark.run"]
        for one in run.attempts
        if one.valid
    )
    place = f"attempts/{valid.task.id}/{valid.sample}-{valid.turn}/out.wav"
    browser.get(
        f"{address}/#/experiments/{mlflow_run.info.experiment_id}/runs/{mlflow_run.info.run_id}/artifacts/{place}?workflowType=machine_learning"
    )
    shows(browser, "out.wav", "program.py", "out.png")
    until(lambda: drawn(browser, "audio, wave, [part=wave], canvas, [data-testid*=audio]") > 0)
    kept(browser, "player")


def test_the_leaderboard_shows_rank_and_sound_side_by_side(
    browser: Any, folder: SweepFolder
) -> None:
    browser.set_window_size(1500, 1300)  # ranking, baselines and the first sounds on one picture
    browser.get(write_leaderboard(folder).as_uri())
    shows(browser, "Ranking", "Baselines", "white noise", "Every sound")
    tabs = browser.find_elements("css selector", "#tiers button")
    next((tab for tab in tabs if tab.text == "environment"), tabs[0]).click()
    until(lambda: drawn(browser, "#matrix button.valid img") > 3)
    browser.find_element("css selector", "#matrix button.valid").click()
    shows(browser, "Program")
    kept(browser, "leaderboard")


def test_the_blind_vote_hides_the_names(browser: Any, folder: SweepFolder) -> None:
    browser.get(write_leaderboard(folder).as_uri())
    browser.find_element("css selector", "#blind-form button").click()
    browser.execute_script("document.getElementById('blind').scrollIntoView()")
    shows(browser, "▶ X", "No difference", "1 of")
    round_text = browser.find_element("css selector", "#blind-round").text
    assert not any(place.run().config.model.name in round_text for place in folder.runs())
    kept(browser, "blind", "#blind")
