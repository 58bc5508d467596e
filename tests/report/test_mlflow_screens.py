"""What a person sees who knows MLflow and not this program, from the server's plain address."""

from typing import Any

import pytest
from mlflow import MlflowClient

from earmark.analysis.labels import label
from earmark.storage.sweep_folder import SweepFolder
from earmark.tracking import views
from earmark.tracking.connection import ABOUT, NOTE, connect
from earmark.tracking.mlflow_store import MlflowTracker
from earmark.tracking.traces import trace_hex

from .screens import clicked, close_panels, drawn, kept, run_of, shows, until

pytestmark = [
    pytest.mark.xdist_group("screens"),
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
]
# Scrolls to the first coloured word of the two texts; false while there is none.
TO_THE_CHANGE = """
const coloured = [...document.querySelectorAll("span")].find(one => {
  const parts = getComputedStyle(one).backgroundColor.match(/^rgb\\((\\d+), (\\d+), (\\d+)\\)$/);
  const channels = parts ? parts.slice(1).map(Number) : [0];
  return one.textContent.trim().length > 2 && Math.max(...channels) - Math.min(...channels) > 20;
});
if (coloured) coloured.scrollIntoView({block: "center"});
return Boolean(coloured);
"""
ROWS = "[role=row] input[type=checkbox]"


def first_visit(browser: Any, home: str, page: str) -> None:
    """Open a page of the experiment as if for the first time: MLflow remembers what was open."""
    browser.get(home)
    browser.execute_script("localStorage.clear()")
    browser.get("about:blank")
    browser.get(f"{home}/{page}")


@pytest.fixture(scope="session")
def home(address: str, store: MlflowTracker) -> str:
    experiment = MlflowClient(store.uri).get_experiment_by_name(store.experiment)
    assert experiment is not None
    return f"{address}/#/experiments/{experiment.experiment_id}"


def test_the_plain_address_leads_to_a_page_with_content(browser: Any, address: str) -> None:
    browser.get(address)
    shows(browser, "Recent Experiments", "earmark")
    clicked(browser, "//a[text()='earmark']")
    shows(browser, "Overview", "Traces", "Latency", "Errors")
    until(lambda: drawn(browser, "svg .recharts-bar-rectangle, .recharts-surface") > 0)
    kept(browser, "mlflow-first-sight")


def test_evaluation_runs_show_the_sweep_open_and_headline_numbers(
    browser: Any, home: str, shown: SweepFolder
) -> None:
    browser.get(f"{home}/evaluation-runs")
    shows(browser, shown.name, "valid_rate", "cost_usd", "Dataset")
    until(lambda: drawn(browser, ROWS) > len(shown.runs()))  # the parent and its children
    kept(browser, "mlflow-runs")


def test_attempts_are_listed_with_question_answer_and_state(browser: Any, home: str) -> None:
    browser.get(f"{home}/traces")
    shows(browser, "sample 0", "Error", "OK")
    kept(browser, "mlflow-traces")


def test_a_trace_plays_its_sound(
    browser: Any, home: str, store: MlflowTracker, shown: SweepFolder
) -> None:
    key = run_of(store, shown).data.tags["earmark.run"]
    run = next(run for run in (place.run() for place in shown.runs()) if run.key == key)
    valid = next(one for one in run.attempts if one.valid)
    experiment = home.rsplit("/", 1)[1]
    hex_id = trace_hex(experiment, shown.name, key, valid.key)
    browser.get(f"{home}/traces?selectedEvaluationId=tr-{hex_id}")
    shows(browser, valid.task.id, "model", "extract", "execute", "score", "Assess")
    until(lambda: drawn(browser, "audio") == 1)
    until(lambda: drawn(browser, "img[src^='blob:'], img[src^='data:image/png']") > 0)
    length = "return document.querySelector('audio').duration"
    until(lambda: (browser.execute_script(length) or 0) > 0)
    assert valid.clip is not None
    assert browser.execute_script(length) == pytest.approx(valid.clip.seconds, abs=0.1)
    kept(browser, "mlflow-trace")


def test_two_runs_are_compared_task_by_task(
    browser: Any, home: str, store: MlflowTracker, shown: SweepFolder
) -> None:
    tier = run_of(store, shown).data.params["tier"]
    client = MlflowClient(store.uri)
    runs = client.search_runs(
        [home.rsplit("/", 1)[1]],
        f"tags.`earmark.sweep` = '{shown.name}' and params.tier = '{tier}'",
        order_by=["attributes.start_time ASC"],
    )
    one, other = runs[0].info, runs[-1].info
    browser.set_window_size(2200, 1000)
    browser.get(f"{home}/evaluation-runs")
    shows(browser, shown.name, "valid_rate")
    for run in (one, other):
        row = f"//*[@role='row'][.//a[contains(@href, '{run.run_id}')]]"
        clicked(browser, f"{row}//input[@type='checkbox']")
    clicked(browser, "//button[contains(., 'Actions')]")
    clicked(browser, "//*[@role='menuitem'][contains(., 'Compare')]")
    shows(browser, "Comparing", "sample 0")
    kept(browser, "mlflow-compared")
    browser.set_window_size(1500, 1000)


def test_a_wording_shows_what_changed(browser: Any, address: str) -> None:
    browser.get(f"{address}/#/prompts/prompt-default")
    shows(browser, "Version 1", "Version 2")
    clicked(browser, "//label[contains(., 'Compare')] | //button[contains(., 'Compare')]")
    shows(browser, "Comparing version")
    clicked(browser, "//label[.//text()='Text'] | //button[.//text()='Text']")
    until(lambda: "not supported in Markdown" not in browser.page_source)
    close_panels(browser)
    until(lambda: browser.execute_script(TO_THE_CHANGE))
    kept(browser, "mlflow-prompts")


def test_the_parent_says_the_verdict_and_lists_its_runs(
    browser: Any, home: str, store: MlflowTracker, shown: SweepFolder
) -> None:
    mlflow_run = run_of(store, shown)
    browser.get(f"{home}/runs/{mlflow_run.data.tags['mlflow.parentRunId']}")
    shows(browser, shown.name, "Child runs", "cost_usd", "attempts")
    kept(browser, "mlflow-parent")


def test_the_page_of_runs_is_open_and_its_columns_are_one_click_away(
    browser: Any, home: str, shown: SweepFolder
) -> None:
    first_visit(browser, home, "runs?workflowType=machine_learning")
    shows(browser, shown.name, "Sounds that language models program", "all runs by score")
    names = [label(place.run()) for place in shown.runs()]
    until(lambda: drawn(browser, "[role=row] [col-id*='Run Name']") > len(names))
    kept(browser, "mlflow-model-training")
    clicked(browser, "//button[contains(., 'Views')]")
    clicked(browser, "//*[contains(text(), 'Settings and scores')]")
    shows(browser, "temperature", "yamnet_minilm_floored")
    kept(browser, "mlflow-settings-and-scores")


@pytest.mark.parametrize("page", ["evaluation-runs?viewMode=charts", "runs?compareRunsMode=CHART"])
def test_charts_begin_with_the_scores(browser: Any, home: str, page: str) -> None:
    first_visit(browser, home, page)
    shows(browser, "at a glance")
    until(lambda: drawn(browser, ".js-plotly-plot, svg.main-svg") > 0)
    text = browser.find_element("css selector", "body").text
    assert text.index("at a glance") < text.index("baseline")
    kept(browser, "mlflow-charts")


def test_a_person_s_own_description_stays(store: MlflowTracker) -> None:
    with connect(store.uri, artifacts=store.artifacts, experiment=store.experiment) as (
        client,
        experiment,
    ):
        ours = client.get_experiment(experiment).tags[NOTE]
        assert ours.startswith(ABOUT)
        client.set_experiment_tag(experiment, NOTE, "what I think of it")
        views.save(client, experiment)
        assert client.get_experiment(experiment).tags[NOTE] == "what I think of it"
        client.set_experiment_tag(experiment, NOTE, "")
        views.save(client, experiment)
        assert client.get_experiment(experiment).tags[NOTE] == ours
