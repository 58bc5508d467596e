"""Sums of a sweep are given whole or not at all, and the funnel says what passed."""

from dataclasses import replace
from pathlib import Path

import pytest

from earmark.analysis.funnel import STEPS
from earmark.config.schema import ModelConfig
from earmark.records import Run
from earmark.report.funnel import funnel_table
from earmark.report.spending import Answers, Shared, spending_line, total_spending
from earmark.testing.sweeps import config, make_sweep

CONFIG = config(model="m", strategy="single", temperature=0.5)
KNOWN = {
    "cost_usd": 0.25,
    "prompt_tokens": 100.0,
    "completion_tokens": 50.0,
    "seconds": 2.0,
    "attempts": 4.0,
}


def shared(runs: list[Run]) -> Shared:
    """What these runs share, counted as a sweep is read."""
    answers = Answers()
    for run in runs:
        for one in run.attempts:
            answers.add(run, one)
    return answers.shared()


def test_known_sums_are_added() -> None:
    runs = [Run("a", "s", CONFIG, scores=KNOWN), Run("b", "s", CONFIG, scores=KNOWN)]
    doubled = {name: 2 * value for name, value in KNOWN.items()}
    assert total_spending(runs, Shared()).values == doubled
    assert spending_line(runs, Shared()) == "$0.5000 for 200 + 100 tokens in 8 attempts of 2 runs"


def test_one_unknown_cost_makes_the_sum_unknown_and_not_lower() -> None:
    unpriced = {name: value for name, value in KNOWN.items() if name != "cost_usd"}
    runs = [Run("a", "s", CONFIG, scores=KNOWN), Run("b", "s", CONFIG, scores=unpriced)]
    sums = total_spending(runs, Shared())
    assert "cost_usd" not in sums.values
    assert sums.unscored == {"cost_usd": "unknown for 1 of 2 runs"}
    assert spending_line(runs, Shared()).startswith("an unknown sum (cost unknown for 1 of 2 runs)")


def test_an_answer_that_two_runs_share_is_paid_once(tmp_path: Path) -> None:
    one, other = (folder.run() for folder in make_sweep(tmp_path).runs())
    twice = replace(one, key="again", config=replace(one.config, strategy=other.config.strategy))
    alone = total_spending([one], shared([one])).values
    both = total_spending([one, twice], shared([one, twice])).values
    assert alone["cost_usd"] > 0
    for name in ("cost_usd", "prompt_tokens", "completion_tokens"):
        assert both[name] == pytest.approx(alone[name])
    assert both["attempts"] == 2 * alone["attempts"]
    answered = sum(attempt.completion is not None for attempt in one.attempts)
    assert spending_line([one, twice], shared([one, twice])).endswith(
        f"{answered} of the answers are another run's as well, and paid once"
    )
    named = replace(one.config, model=replace(one.config.model, name="other"))
    other_model = replace(one, config=named)
    apart = total_spending([one, other_model], shared([one, other_model])).values
    assert apart["cost_usd"] == pytest.approx(2 * alone["cost_usd"])


def test_baselines_use_no_tokens() -> None:
    baseline = Run(
        "b",
        "s",
        replace(CONFIG, model=ModelConfig("m", baseline=True)),
        scores={"cost_usd": 0.0, "seconds": 1.0, "attempts": 4.0},
    )
    sums = total_spending([Run("a", "s", CONFIG, scores=KNOWN), baseline], Shared())
    assert sums.values["prompt_tokens"] == 100.0


def test_a_row_of_the_funnel_says_what_passed_and_ends_in_what_is_valid() -> None:
    shares = {f"funnel_{step}": 0.625 for step in STEPS}
    shares |= {"funnel_answered": 1.0, "funnel_code": 0.875}
    row = funnel_table([Run("a", "s", CONFIG, scores={**KNOWN, **shares})]).splitlines()[-1].split()
    assert row[:5] == ["m", "notes", "single", "t0.5", "4"]
    assert row[5:] == ["100", "87.5", *["62.5"] * 7]


def test_runs_of_another_age_have_no_row() -> None:
    assert funnel_table([Run("a", "s", CONFIG, scores=KNOWN)]) == ""
