"""Six questions about a sweep, each answered from the server's plain address in a few clicks.

Each test prints its clicks and seconds: `pytest -rP tests/report/test_six_questions.py`.
"""

import re
import time
from collections.abc import Iterator
from typing import Any

import pytest

from earmark.records import Attempt, Run
from earmark.report import load_results
from earmark.report.spending import total_spending
from earmark.storage.sweep_folder import SweepFolder
from earmark.tracking.run_note import widest_difference

from .screens import drawn, shows, until
from .visitor import Visitor

pytestmark = [
    pytest.mark.xdist_group("screens"),
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
]
MAX_CLICKS = 6  # of ten seconds each, so a minute
TRACE_ROW = "//*[@role='row' or self::tr][contains(., '{}')][contains(., '{}')]"


@pytest.fixture
def visitor(browser: Any, address: str) -> Iterator[Visitor]:
    one = Visitor(browser, address)
    one.open()
    yield one
    print(f"{one.clicks} clicks, {time.monotonic() - one.began:.0f} s")
    assert one.clicks <= MAX_CLICKS


@pytest.fixture(scope="session")
def runs(shown: SweepFolder) -> list[Run]:
    return [place.run() for place in shown.runs()]


def attempt(runs: list[Run], *, valid: bool) -> tuple[Run, Attempt]:
    return next((run, one) for run in runs for one in run.attempts if one.valid is valid)


def link(words: str) -> str:
    """A link of the description that stands above each of the experiment's pages."""
    return f"//a[contains(., '{words}')]"


def test_which_run_is_best_on_speech(visitor: Visitor, runs: list[Run]) -> None:
    speech = [run for run in runs if run.config.tier.name == "speech"]
    by = "check_ok" if "check_ok" in speech[0].scores else "yamnet_minilm_floored"
    highest = max(run.scores[by] for run in speech)
    best = [run.config.model.name for run in speech if run.scores[by] == highest]
    visitor.click(link("all runs by score"), "Settings and scores", "temperature")
    until(lambda: any("speech" in row for row in visitor.rows()))
    tiers = visitor.rows("//*[@col-id='params.`tier`'][@role='gridcell']")
    names = visitor.rows("//*[@col-id='attributes.`Run Name`'][@role='gridcell']")
    assert len(tiers) == len(names) == len(runs)
    assert any(name in names[tiers.index("speech")] for name in best)


def test_what_a_model_wrote_and_how_it_sounds(visitor: Visitor, runs: list[Run]) -> None:
    run, one = attempt(runs, valid=True)
    assert one.program is not None
    visitor.click(link("listen"))
    visitor.type("Search traces", one.task.id)
    row = TRACE_ROW.format(one.task.id, run.config.model.name)
    visitor.click(f"{row}//*[contains(text(), '{one.task.id}')]", "Assess", "execute")
    until(lambda: drawn(visitor.browser, "audio") == 1)
    play = "return document.querySelector('audio').play().then(() => true)"
    assert visitor.browser.execute_script(play)
    visitor.clicks += 1
    at = "return document.querySelector('audio').currentTime"
    until(lambda: visitor.browser.execute_script(at) > 0)
    visitor.click("//*[text()='extract']", *one.program.source.strip().splitlines()[:2])


def test_why_an_attempt_failed(visitor: Visitor, runs: list[Run]) -> None:
    run, one = attempt(runs, valid=False)
    failure = one.failure
    assert failure is not None
    visitor.click(link("listen"))
    visitor.type("Search traces", one.task.id)
    row = TRACE_ROW.format(one.task.id, f"{failure.kind} ({run.config.model.name}")
    visitor.click(f"{row}//*[contains(text(), '{one.task.id}')]", "Assess", failure.kind)
    shows(visitor.browser, failure.message[:40])


def test_what_a_sweep_and_a_run_cost(visitor: Visitor, shown: SweepFolder) -> None:
    visitor.click(link(f"verdict of {shown.name}"), "cost_usd", "attempts")
    values = visitor.rows("//*[@role='row'][.//*[text()='cost_usd']]")
    results = load_results(shown)
    whole = total_spending([run for _, run in results.runs], results.shared)
    assert float(values[0].split()[-1]) == pytest.approx(whole.values["cost_usd"])


def test_where_two_runs_differ_most(visitor: Visitor, shown: SweepFolder, runs: list[Run]) -> None:
    visitor.click(link("all runs by score"), "Settings and scores", "temperature")
    own = runs[0]
    name = f"//a[contains(., '{own.config.model.name} {own.config.tier.name}')]"
    visitor.click(name, "most different on")
    text = visitor.browser.find_element("css selector", "body").text
    found = re.search(r"(?:above|below) (\S+) .*? most different on (\S+) \(([+-][\d.]+)\)", text)
    assert found is not None
    others = [run for run in runs if run.config.tier == own.config.tier and run is not own]
    other = next(run for run in others if run.config.model.name == found[1])
    metrics = ("check_ok", "yamnet_minilm", "valid_rate")
    widest = [widest_difference(own, other, metric) for metric in metrics]
    wanted = [f"{gap:+.3f}" for task, gap in filter(None, widest) if task == found[2]]
    assert found[3] in wanted
    visitor.click("//a[text()='task by task']", "Comparing", found[2])
