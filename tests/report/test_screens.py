"""What a person sees in a real browser: saved view, run, WAV player, leaderboard, blind A/B.

With EARMARK_SCREENSHOTS=NAME the sweep NAME of this project is shown instead of a drawn one, and
the pictures are kept in docs/images: this is how those of the README are made.
"""

from typing import Any

import pytest

from earmark.report import write_leaderboard
from earmark.storage.sweep_folder import SweepFolder
from earmark.tracking import views
from earmark.tracking.connection import connect
from earmark.tracking.mlflow_store import MlflowTracker

from .screens import drawn, kept, run_of, shows, until

pytestmark = [
    pytest.mark.xdist_group("screens"),
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
]


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


def test_a_run_says_who_asked_what_and_scored_what(
    browser: Any, address: str, store: MlflowTracker, shown: SweepFolder
) -> None:
    mlflow_run = run_of(store, shown)
    browser.get(
        f"{address}/#/experiments/{mlflow_run.info.experiment_id}/runs/{mlflow_run.info.run_id}?workflowType=machine_learning"
    )
    shows(
        browser,
        mlflow_run.info.run_name,
        "yamnet_minilm_floored",
        "valid_rate",
        "strategy",
        "Datasets",
    )
    kept(browser, "run")


def test_a_wav_plays_in_the_artifact_view(
    browser: Any, address: str, store: MlflowTracker, shown: SweepFolder
) -> None:
    mlflow_run = run_of(store, shown)
    valid = next(
        one
        for place in shown.runs()
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
    browser: Any, shown: SweepFolder
) -> None:
    browser.set_window_size(1500, 1300)  # ranking, baselines and the first sounds on one picture
    browser.get(write_leaderboard(shown).as_uri())
    shows(browser, "Ranking", "Baselines", "white noise", "Every sound")
    tabs = browser.find_elements("css selector", "#tiers button")
    next((tab for tab in tabs if tab.text == "environment"), tabs[0]).click()
    until(lambda: drawn(browser, ".matrix button.valid img") > 3)
    browser.find_element("css selector", ".matrix button.valid").click()
    shows(browser, "Program")
    kept(browser, "leaderboard")


def test_the_blind_vote_hides_the_names(browser: Any, shown: SweepFolder) -> None:
    browser.get(write_leaderboard(shown).as_uri())
    browser.find_element("css selector", "#blind-form button").click()
    browser.execute_script("document.getElementById('blind').scrollIntoView()")
    shows(browser, "▶ X", "No difference", "1 of")
    round_text = browser.find_element("css selector", "#blind-round").text
    assert not any(place.run().config.model.name in round_text for place in shown.runs())
    kept(browser, "blind", "#blind")
