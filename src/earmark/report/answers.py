"""The verdict on a tier as four short answers: which run wins, by how much and how sure that is,
what moves the score, and what to do next. They stand at the top of the report.
"""

from dataclasses import dataclass

from earmark.analysis.conclusion import Conclusion, RunConclusion, TierConclusion
from earmark.analysis.decisions import Decision, interval_text
from earmark.analysis.labels import is_baseline
from earmark.analysis.metric_conclusion import MetricConclusion
from earmark.analysis.tier_trends import CLAIM
from earmark.report.verdict import MAX_EFFECTS, metric_words, run_text, value_text


@dataclass(frozen=True, slots=True)
class Answer:
    """A question that a reader has, and its answer in one or two sentences."""

    question: str
    text: str


@dataclass(frozen=True, slots=True)
class Answers:
    """Questions and answers about one thing."""

    about: str
    answers: tuple[Answer, ...]


def verdict_answers(conclusion: Conclusion) -> list[Answers]:
    """Answers for each tier and pipeline, then for the abstract's claim; empty without runs."""
    blocks = []
    for tier in conclusion.tiers:
        about = f"{tier.title}, scored by {tier.headline}"
        blocks.append(Answers(about, tuple(tier_answers(tier, conclusion.sweep))))
    pooled = [one for one in conclusion.trends if one.of.startswith("all runs")]
    claims = tuple(Answer(f"By {one.quantity}", _sentence(one.sentence)) for one in pooled)
    return [*blocks, Answers(f"Is it so that {CLAIM}?", claims)] if claims else blocks


def tier_answers(tier: TierConclusion, sweep: str) -> list[Answer]:
    """What a reader wants to know of a tier, by its primary metric."""
    by = tier.by_primary_metric
    answers = [Answer("Which wins?", _winner(tier, by))]
    rival = _rival(by)
    if rival is not None:
        shown = f"{interval_text(rival.comparison)} for {rival.label}: {rival.result}."
        answers.append(Answer("By how much, how sure?", shown))
    if moves := _moves(by):
        answers.append(Answer("What moves it?", moves))
    answers.append(Answer("What next?", _next(tier, by, rival, sweep)))
    return answers


def _winner(tier: TierConclusion, by: MetricConclusion) -> str:
    if not by.scored:
        return f"{by.reason or 'cannot tell: no run has a score'}."
    first = f"{run_text(tier, by.scored[0])}, {value_text(by.scored[0].mean)}"
    if len(by.scored) == 1:
        return f"One run only: {first}. There is nothing to compare it with."
    where = f"by {metric_words(tier, by.metric)}"
    if by.reason is not None:
        return f"{by.reason}. Highest of {len(by.scored)} runs: {first}, {where}."
    if len(by.best) == 1:
        return f"{first}, {where}: no other of {len(by.scored)} runs may be first."
    open_ = f"{len(by.best)} of {len(by.scored)} runs may be first"
    return f"Open: {open_}. Highest {where}: {first}."


def _rival(by: MetricConclusion) -> Decision | None:
    """The comparison of the first run that matters most: with the nearest undecided one."""
    rivals = by.pairs[: max(0, len(by.scored) - 1)]
    undecided = [one for one in rivals if one.verdict == "not decided"]
    return next(iter(undecided or rivals), None)


def _moves(by: MetricConclusion) -> str:
    settings = {one.label.split(":")[0] for one in by.effects}
    if len(settings) < 2:
        return ""
    decisive = [one for one in by.effects if one.verdict == "decisive"]
    decisive.sort(key=lambda one: -abs(one.comparison.value))
    moving = {one.label.split(":")[0] for one in decisive}
    parts = [f"{one.label} {interval_text(one.comparison)}" for one in decisive[:MAX_EFFECTS]]
    text = f"{'; '.join(parts)}: decisive." if parts else ""
    still = ", ".join(sorted(settings - moving))
    return f"{text} Nothing is shown for {still}.".strip() if still else text


def _next(tier: TierConclusion, by: MetricConclusion, rival: Decision | None, sweep: str) -> str:
    plan = f"earmark plan {sweep}"
    if not by.scored:
        return "Find out why nothing is scored: the reasons are in the table and in MLflow's tags."
    if by.reason is not None or rival is None:
        return f"Run more tasks or more configurations; {plan} says how many."
    cheapest = _cheapest(tier, by)
    if rival.verdict == "not decided":
        until = f" Until then the cheapest that may be first is {cheapest}." if cheapest else ""
        return f"{_sentence(rival.would_decide)[:-1]}; {plan} sizes it.{until}"
    if len(by.best) == 1 and is_baseline(by.best[0].run):
        return "No model reaches this baseline: change prompts or models before you compare more."
    if len(by.best) == 1:
        return f"Use it, and confirm on fresh samples: {plan} says how many a smaller gain takes."
    return f"Choose by cost among equals: {cheapest}." if cheapest else "Choose any of the equals."


def _cheapest(tier: TierConclusion, by: MetricConclusion) -> str:
    """The run of least known cost among those that may be first; empty where all cost the same."""
    keys = {one.run.key for one in by.best}
    priced: list[tuple[float, RunConclusion]] = []
    for one in tier.runs:
        if one.run.key in keys and one.spent.cost_usd is not None:
            priced.append((one.spent.cost_usd, one))
    costs = {cost for cost, _ in priced}
    if len(costs) < 2:
        return ""
    cost, one = min(priced, key=lambda entry: entry[0])
    return f"{one.name} at ${cost:.4f}"


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}."
