"""The conclusion of runs whose truth is known is that truth, and every poor case has its answer."""

from dataclasses import replace

import numpy as np
import pytest

from earmark.analysis.baselines import Baselines
from earmark.analysis.conclusion import Conclusion, TierConclusion, conclude
from earmark.analysis.cost import Spent, front
from earmark.analysis.grid import CHECKS, VALID
from earmark.analysis.technique import alikeness, associations, normalised
from earmark.analysis.tier_trends import CALIBRATED
from earmark.analysis.trend import Trend
from earmark.records import Program, Run
from earmark.report.verdict import tier_verdict, verdict_lines
from earmark.testing.sweeps import HEADLINE
from tests.analysis.known import known_run


def one_tier(runs: list[Run]) -> TierConclusion:
    [tier] = conclude("known", runs, {}).tiers
    return tier


def test_the_better_model_wins_and_equal_ones_are_not_separated() -> None:
    tier = one_tier(
        [known_run("good", mean=0.5), known_run("plain", mean=0.3), known_run("other", mean=0.3)]
    )
    by = tier.metrics[HEADLINE]
    assert [rank.places for rank in by.ranks] == ["1", "2–3", "2–3"]
    assert [one.verdict for one in by.pairs[:2]] == ["decisive", "decisive"]
    assert by.pairs[0].comparison.low < 0.2 < by.pairs[0].comparison.high
    assert by.pairs[2].verdict != "decisive"
    assert "good 0.5" in tier_verdict(tier)
    assert "is best" in tier_verdict(tier)


def test_effects_of_settings_are_found_in_the_grid_and_absent_ones_are_not() -> None:
    runs = [
        known_run(model, strategy=strategy, temperature=temperature, mean=base + more)
        for model, base in (("a", 0.3), ("b", 0.4))
        for strategy, more in (("zero_shot", 0.0), ("few_shot", 0.06))
        for temperature in (0.0, 1.0)
    ]
    by = one_tier(runs).metrics[HEADLINE]
    verdicts = {one.label: one.verdict for one in by.effects}
    assert verdicts["model: b − a"] == "decisive"
    assert verdicts["strategy: few_shot − zero_shot"] == "decisive"
    temperature = next(one for one in by.effects if one.label.startswith("temperature"))
    assert temperature.verdict == "ruled out"
    assert all(one.verdict != "decisive" for one in by.interactions)
    assert "What moves it: model: b − a" in tier_verdict(one_tier(runs))


def test_where_the_embedder_is_a_stand_in_spec_checks_decide() -> None:
    """The stand-in puts them the other way round: it must not be read first."""
    runs = [
        known_run("right", mean=0.2, checks=0.8, stand_in=True),
        known_run("wrong", mean=0.4, checks=0.4, stand_in=True),
    ]
    tier = one_tier(runs)
    assert tier.primary == CHECKS
    assert "right" in tier_verdict(tier).split("is best")[0]
    real = [replace(run, facts=replace(run.facts, stand_in=False)) for run in runs]
    assert one_tier(real).primary == HEADLINE


def test_a_small_difference_is_ruled_out_or_says_what_would_decide_it() -> None:
    close = [known_run("a", chance=0.01), known_run("b", chance=0.01)]
    assert one_tier(close).by_primary_metric.pairs[0].verdict == "ruled out"
    assert "beyond ±" in one_tier(close).by_primary_metric.pairs[0].sentence
    noisy = [known_run(name, chance=0.1) for name in "ab"]
    sentence = one_tier(noisy).by_primary_metric.pairs[0].sentence
    assert "not decided" in sentence
    assert "more tasks" in sentence
    assert "more samples of each would decide a difference of 0.03" in sentence
    single = [known_run(name, chance=0.1, samples=1) for name in "ab"]
    sentence = one_tier(single).by_primary_metric.pairs[0].sentence
    assert "it is not known how far more samples would help" in sentence


def test_the_variance_is_split_and_chance_needs_samples() -> None:
    runs = [known_run(name, chance=0.05, samples=4, tasks=60) for name in "abc"]
    parts = one_tier(runs).by_primary_metric.components
    assert parts is not None
    assert parts.chance == pytest.approx(0.05**2, rel=0.5)
    assert parts.task == pytest.approx(0.05**2, rel=0.5)
    single = one_tier([known_run(name, samples=1) for name in "ab"])
    one_sample = single.by_primary_metric.components
    assert one_sample is not None
    assert one_sample.chance is None


def trends_of(means: tuple[float, float, float]) -> Conclusion:
    tiers = ("notes", "environment", "speech")
    runs: list[Run] = []
    baselines = {}
    for tier, mean in zip(tiers, means, strict=True):
        names = [f"task{at}" for at in range(12)]
        rng = np.random.default_rng(len(tier))
        scores = {
            "noise": {name: 0.05 + float(rng.normal(0, 0.005)) for name in names},
            "expert": {name: 0.65 + float(rng.normal(0, 0.02)) for name in names},
        }
        kept = Baselines(tier, HEADLINE, "drawn-1", scores=scores)
        baselines[kept.id] = kept
        for model in ("a", "b"):
            run = known_run(model, tier=tier, mean=mean, checks=mean, samples=1)
            runs.append(replace(run, facts=replace(run.facts, baselines=kept.id)))
    return conclude("known", runs, baselines)


def test_the_abstracts_claim_is_tested_and_worded() -> None:
    falling = trends_of((0.6, 0.4, 0.2))
    [pooled] = [one for one in falling.trends if one.quantity == CALIBRATED and one.runs == 2]
    assert isinstance(pooled.result, Trend)
    assert pooled.result.p_every < 0.01
    assert pooled.tiers["notes"].value == pytest.approx((0.6 - 0.05) / 0.6, abs=0.1)
    assert "falls at every step from notes to environment to speech" in verdict_lines(falling)[-1]
    level = trends_of((0.4, 0.4, 0.4))
    assert "falls at every step" not in verdict_lines(level)[-1]
    assert [one.tier for one in level.tiers] == ["notes", "environment", "speech"]


def test_failures_and_costs_and_repeats_are_counted() -> None:
    good = known_run("good", mean=0.5, cost_usd=0.01)
    cheap = known_run("cheap", mean=0.3, valid=0.6, samples=3)
    tier = one_tier([good, known_run("dear", mean=0.3, cost_usd=0.02), cheap])
    by_name = {one.name: one for one in tier.runs}
    failed = sum(one.failure is not None for one in cheap.attempts)
    assert by_name["cheap"].failures == {"timeout": failed}
    assert [by_name[name].on_front for name in ("good", "cheap", "dear")] == [True, True, False]
    assert by_name["good"].spent.per_dollar == pytest.approx(0.5 / 0.24, rel=0.2)
    pass_at = by_name["cheap"].repeats.pass_at
    assert pass_at[1].value == pytest.approx(1 - failed / 36)
    assert pass_at[1].value < pass_at[2].value < pass_at[3].value <= 1
    assert tier.metrics[VALID].scored[-1].run.key == cheap.key


def test_the_front_holds_what_nothing_beats_and_ignores_what_is_not_known() -> None:
    runs = {
        "best": Spent(0.5, 1.0, 2.0, 10.0),
        "cheap": Spent(0.4, 1.0, 1.0, 10.0),
        "beaten": Spent(0.4, 0.9, 1.5, 10.0),
        "unscored": Spent(None, 1.0, 0.0, 1.0),
    }
    assert front(runs) == ["best", "cheap"]
    unknown = {**runs, "free": Spent(0.1, 0.5, None, 20.0)}
    assert front(unknown) == ["best"]
    assert Spent(0.4, 1.0, 0.0, 1.0).per_dollar is None


@pytest.mark.parametrize(
    ("runs", "words"),
    [
        ([known_run("a", tasks=3), known_run("b", tasks=3)], "cannot tell: 3 tasks"),
        (
            [known_run("a", tasks=1, samples=1), known_run("b", tasks=1, samples=1)],
            "cannot tell: 1",
        ),
        ([known_run("a")], "one run only"),
        ([known_run("a", tasks=1, samples=1)], "one run only"),
        ([known_run("a", valid=0.0), known_run("b", valid=0.0)], "no run has a valid clip"),
        ([known_run("a"), replace(known_run("a"), key="again")], "as good as equal"),
        ([replace(known_run("a"), attempts=())], "cannot tell: no run has a score (no attempts)"),
        (
            [known_run("a"), known_run("b"), replace(known_run("c"), attempts=())],
            "no place for 1 run without",
        ),
    ],
    ids=["few", "single", "alone", "least", "invalid", "ties", "empty", "missing"],
)
def test_every_poor_case_has_an_answer_and_no_star(runs: list[Run], words: str) -> None:
    tier = one_tier(runs)
    assert words in tier_verdict(tier)
    by = tier.by_primary_metric
    decisions = [*by.pairs, *by.effects, *by.interactions]
    assert all(one.verdict != "decisive" for one in decisions)


def test_no_runs_and_runs_of_other_tasks_are_answered() -> None:
    assert verdict_lines(conclude("none", [], {})) == ["cannot tell: no finished run yet"]
    odd = conclude("odd", [known_run("a", tasks=8), known_run("b", tasks=9)], {})
    assert odd.tiers == ()
    assert "must have asked the same tasks" in verdict_lines(odd)[0]


def test_an_association_that_is_there_is_found_and_runs_and_tasks_are_taken_out() -> None:
    """Runs with many loops are worse throughout; within a run loops help: the slope is positive."""
    runs = []
    for model, mean, more in (("low", 0.5, 0), ("high", 0.2, 40)):
        run = known_run(model, mean=mean, tasks=16, samples=3)
        attempts = []
        for one in run.attempts:
            assert one.program is not None
            loops = int(one.program.features["loops"]) + more
            program = replace(one.program, features={"loops": loops, "lines": 3})
            score = one.scores[HEADLINE] + 0.2 * float(np.log2(1 + loops))
            attempts.append(replace(one, program=program, scores={HEADLINE: score}))
        runs.append(replace(run, attempts=tuple(attempts)))
    found = associations(runs, HEADLINE)
    assert not isinstance(found, str)
    [with_loops] = [one for one in found if one.feature == "loops" and one.outcome == HEADLINE]
    assert with_loops.p < 0.001
    assert with_loops.low < 0.2 < with_loops.high
    none = associations([known_run("a", tasks=16, samples=3)], HEADLINE)
    assert not isinstance(none, str)
    assert all(one.p > 0.05 for one in none if one.outcome == HEADLINE)
    assert "cannot tell: 4 programs" in str(associations([known_run("a", tasks=2)], HEADLINE))


def test_programs_that_differ_in_names_and_remarks_alone_are_near_duplicates() -> None:
    source = "import numpy\nrate = 44100\n# a tone\nt = numpy.arange(rate) / rate\nprint(t)\n"
    renamed = source.replace("rate", "sr").replace("# a tone", "# something else")
    other = "def play(x):\n    return [y * 2 for y in x]\nprint(play(range(9)))\n"
    assert normalised(source) == normalised(renamed)
    assert normalised("def (") == "def ("
    run = known_run("a", tasks=1, samples=3)
    programs = [Program(text) for text in (source, renamed, other)]
    attempts = tuple(
        replace(one, program=program) for one, program in zip(run.attempts, programs, strict=True)
    )
    found = alikeness(replace(run, attempts=attempts))
    assert (found.pairs, found.programs) == (3, 1)
    assert (found.clip_pairs, found.clips) == (3, 3)
