"""The verdict on a sweep in plain sentences: which run is best, by how much, how sure, what next.

The same sentences stand in the terminal, on the pages, in the report and in MLflow.
"""

from collections import defaultdict
from collections.abc import Sequence

from earmark.analysis.conclusion import Conclusion, TierConclusion
from earmark.analysis.estimates import Estimate
from earmark.analysis.exclusion import words_of
from earmark.analysis.grid import CHECKS, VALID
from earmark.analysis.labels import is_baseline, is_smoke
from earmark.analysis.metric_conclusion import MetricConclusion
from earmark.analysis.ranking import Rank
from earmark.analysis.tier_trends import CLAIM, METRIC_WORDS
from earmark.errors import counted, printable
from earmark.report.votes import vote_sentence

MAX_NAMED = 4
MAX_EFFECTS = 3
BRIEF_WORDS = {CHECKS: "spec checks", VALID: "valid clips"}


def verdict_lines(conclusion: Conclusion) -> list[str]:
    """One line for each tier and pipeline, then the abstract's claim; never empty."""
    if not conclusion.tiers:
        return list(conclusion.refused) or ["cannot tell: no finished run yet"]
    lines = [tier_verdict(tier) for tier in conclusion.tiers]
    pooled = [one.sentence for one in conclusion.trends if one.of.startswith("all runs")]
    if pooled:
        lines.append(f"The abstract's claim ({CLAIM}): {'; '.join(pooled)}.")
    lines += [vote_sentence(one, conclusion) for one in conclusion.votes]
    return [*lines, *conclusion.refused, *excluded_lines(conclusion)]


def brief_lines(conclusion: Conclusion) -> list[str]:
    """The verdict to be read in ten seconds: one short line for each tier."""
    lines = [_brief(tier) for tier in conclusion.tiers] or ["Cannot tell: no finished run yet."]
    for one in conclusion.votes:
        first = conclusion.names.get(one.runs[0], one.runs[0])
        lines.append(f"People, by {counted(one.votes, 'vote')}: {first} first.")
    if conclusion.excluded:
        named = [words_of(one, conclusion.names) for one in conclusion.excluded[:MAX_NAMED]]
        more = len(conclusion.excluded) - len(named)
        rest = f" and {more} more" if more else ""
        lines.append(f"Excluded by hand: {', '.join(named)}{rest}.")
    return lines


def _brief(tier: TierConclusion) -> str:
    by = tier.by_primary_metric
    stand_in = " (stand-in)" if tier.stand_in and by.metric == tier.headline else ""
    head = f"{tier.title}, by {BRIEF_WORDS.get(by.metric, by.metric)}{stand_in}"
    if not by.scored:
        return f"{head}: cannot tell: no run has a score."
    first = run_text(tier, by.scored[0])
    value = by.scored[0].mean.value if by.scored[0].mean else 0.0
    top = f"{first} {value:.3f}"
    if len(by.scored) == 1:
        return f"{head}: {top}, the only run."
    if by.reason is not None:
        return f"{head}: {top} is highest, but {by.reason.split(';')[0]}."
    if len(by.best) == 1:
        lead = by.pairs[0].comparison.value
        return f"{head}: {top} is best, {lead:+.3f} above the next, decisive."
    rivals = by.pairs[: len(by.scored) - 1]
    among = [one for one in rivals if one.verdict != "decisive"]
    equal = among and all(one.verdict == "ruled out" for one in among)
    how = f"as good as equal (±{among[0].delta:g})" if equal else "not decided"
    return f"{head}: {top} is highest, {len(by.best)} of {len(by.scored)} may be best: {how}."


def excluded_lines(conclusion: Conclusion) -> list[str]:
    """What is excluded by hand and why, in one line; no line where nothing is."""
    if not conclusion.excluded:
        return []
    by_reason: dict[str, list[str]] = defaultdict(list)
    for one in conclusion.excluded:
        by_reason[one.reason].append(words_of(one, conclusion.names))
    parts = [f"{', '.join(words)} ({reason})" for reason, words in by_reason.items()]
    return [f"Excluded by hand, and in no number: {'; '.join(parts)}."]


def verdict_text(conclusion: Conclusion) -> str:
    """The lines as plain text, each after `verdict`."""
    return "\n".join(f"verdict  {printable(line)}" for line in verdict_lines(conclusion))


def tier_verdict(tier: TierConclusion) -> str:
    """Which run is best, by how much and how sure, what moves the score, and what would decide."""
    by = tier.by_primary_metric
    head = f"{tier.title}, by {metric_words(tier, by.metric)}"
    sentences = [_best(tier, by), *_effects(by)]
    if by.grid.left_out:
        without = counted(len(by.grid.left_out), "run")
        sentences.append(f"no place for {without} without such a score")
    return f"{head}: {'. '.join(one for one in sentences if one)}."


def metric_words(tier: TierConclusion, metric: str) -> str:
    """What a metric is called in a sentence; a stand-in says that it is one."""
    if metric == tier.headline:
        stand_in = ", a stand-in" if tier.stand_in else ""
        return f"{metric}{stand_in} (failures at the floor)"
    words = METRIC_WORDS.get(metric, metric)
    if tier.stand_in and metric == tier.primary:
        return f"{words} ({tier.headline} is a stand-in and comes second)"
    return words


def axis_words(tier: TierConclusion, metric: str) -> str:
    """What a metric is called at an axis, in few words."""
    if metric == tier.headline:
        return f"{metric}{' (stand-in)' if tier.stand_in else ''}"
    return METRIC_WORDS.get(metric, metric).removeprefix("the ")


def value_text(estimate: Estimate | None, *, decimals: int = 3) -> str:
    """`0.412 (0.380 to 0.441)`; without the interval where there is none."""
    if estimate is None:
        return "–"
    value = f"{estimate.value:.{decimals}f}"
    if estimate.low is None or estimate.high is None:
        return value
    return f"{value} ({estimate.low:.{decimals}f} to {estimate.high:.{decimals}f})"


def run_text(tier: TierConclusion, rank: Rank) -> str:
    """The run's name, marked where it is no model that is compared."""
    name = next(one.name for one in tier.runs if one.run.key == rank.run.key)
    mark = " (a baseline)" if is_baseline(rank.run) else " (smoke)" if is_smoke(rank.run) else ""
    return f"{name}{mark}"


def _best(tier: TierConclusion, by: MetricConclusion) -> str:
    if not by.scored:
        return by.reason or "cannot tell: no run has a score"
    first = f"{run_text(tier, by.scored[0])} {value_text(by.scored[0].mean)}"
    if len(by.scored) == 1:
        return f"one run only, {first}; there is nothing to compare it with"
    if by.reason is not None:
        return f"{by.reason}. Highest of {len(by.scored)} runs: {first}"
    if len(by.best) == 1:
        return f"{first} is best; {by.pairs[0].sentence}"
    return _tied(tier, by)


def _tied(tier: TierConclusion, by: MetricConclusion) -> str:
    named = [f"{run_text(tier, one)} {value_text(one.mean)}" for one in by.best[:MAX_NAMED]]
    more = len(by.best) - len(named)
    rest = f" and {more} more" if more else ""
    # The pairs of the first run come first, in the order of places.
    rivals = by.pairs[: len(by.scored) - 1]
    among = [one for one in rivals if one.verdict != "decisive"]
    if among and all(one.verdict == "ruled out" for one in among):
        text = f"the best {len(by.best)} runs are as good as equal: {', '.join(named)}{rest}"
        return f"{text}. {among[-1].sentence}"
    undecided = next((one for one in among if one.verdict == "not decided"), by.pairs[0])
    text = f"the best is one of {len(by.best)} of {len(by.scored)} runs"
    return f"{text}: {', '.join(named)}{rest}. {undecided.sentence}"


def _effects(by: MetricConclusion) -> Sequence[str]:
    """The decisive effects of settings; nothing where one setting differs: its pairs say it."""
    settings = {one.label.split(":")[0] for one in by.effects}
    if len(settings) < 2:
        return []
    decisive = [one for one in by.effects if one.verdict == "decisive"]
    decisive.sort(key=lambda one: -abs(one.comparison.value))
    if not decisive:
        return [f"No effect of {', '.join(sorted(settings))} is decided"]
    shown = "; ".join(one.sentence for one in decisive[:MAX_EFFECTS])
    return [f"What moves it: {shown}"]
