"""What tests of screens share: waiting for words, and keeping pictures where they are wanted."""

import io
import os
import time
from collections.abc import Callable
from typing import Any

from mlflow import MlflowClient
from PIL import Image
from selenium.common.exceptions import WebDriverException

from earmark import paths
from earmark.storage.sweep_folder import SweepFolder
from earmark.tracking.mlflow_store import MlflowTracker

REAL = os.environ.get("EARMARK_SCREENSHOTS")
IMAGES = paths.CHECKOUT / "docs" / "images"
CLOSES = (
    "[data-component-id='mlflow.assistant.chat_panel.close'], "
    ".du-bois-light-alert-close-icon, [class*=alert-close-icon]"
)
SHADES = 128  # of a kept picture's palette


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


def close_panels(browser: Any) -> None:
    """Close what MLflow lays over its pages or next to them."""
    for by, what in (("css selector", CLOSES), ("xpath", "//button[contains(., 'Got it')]")):
        for close in browser.find_elements(by, what):
            browser.execute_script("arguments[0].click()", close)
    time.sleep(1.0)  # for what moves into its place


def kept(browser: Any, name: str, css: str | None = None) -> None:
    """Check that the screen is not blank; keep it, in few colours, where pictures are wanted."""
    close_panels(browser)
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


def clicked(browser: Any, xpath: str, seconds: float = 60) -> None:
    """Click the first such element as soon as it is there."""
    deadline = time.monotonic() + seconds
    while not (found := browser.find_elements("xpath", xpath)):
        assert time.monotonic() < deadline, f"nothing to click: {xpath}"
        time.sleep(0.3)
    browser.execute_script("arguments[0].scrollIntoView({block: 'center'})", found[0])
    try:
        found[0].click()
    except WebDriverException:  # something lies over it
        browser.execute_script("arguments[0].click()", found[0])
    time.sleep(1.0)
