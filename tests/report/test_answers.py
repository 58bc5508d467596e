"""The four answers at the top of a report are those of the conclusion."""

from dataclasses import replace

from earmark.analysis.conclusion import conclude
from earmark.records import Run
from earmark.report.answers import verdict_answers
from tests.analysis.known import known_run


def answers(*runs: Run) -> dict[str, str]:
    [block] = verdict_answers(conclude("s", runs, {}))
    return {one.question: one.text for one in block.answers}


def test_a_clear_winner_is_used() -> None:
    texts = answers(known_run("a", mean=0.6), known_run("b", mean=0.3))
    assert texts["Which wins?"].startswith("a, 0.6")
    assert "no other of 2 runs may be first" in texts["Which wins?"]
    assert "decisive (p < 0.001)" in texts["By how much, how sure?"]
    assert texts["What next?"].startswith("Use it")


def test_what_is_open_says_what_would_decide_it_and_what_is_cheapest() -> None:
    runs = [known_run(name, chance=0.2, cost_usd=cost) for name, cost in (("a", 0.2), ("b", 0.1))]
    texts = answers(*runs)
    assert texts["Which wins?"].startswith("Open: 2 of 2 runs may be first")
    assert "would decide a difference of 0.03; earmark plan s sizes it" in texts["What next?"]
    assert texts["What next?"].endswith("the cheapest that may be first is b at $2.4000.")


def test_one_run_and_a_baseline_on_top_have_answers_of_their_own() -> None:
    assert answers(known_run("a"))["Which wins?"].startswith("One run only: a")
    texts = answers(known_run("expert", mean=0.9, baseline=True), known_run("b"))
    assert texts["What next?"].startswith("No model reaches this baseline")


def test_two_pipelines_of_a_tier_have_names_of_their_own() -> None:
    one = known_run("a")
    other = replace(one, key="o", facts=replace(one.facts, embedder_id="another"))
    blocks = verdict_answers(conclude("s", [one, other], {}))
    names = [block.about for block in blocks]
    assert len(set(names)) == 2
    assert "notes (embedder another), scored by" in names[1]
