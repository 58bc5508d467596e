"""What a report says, in order: verdict, tables, effects, causes, trend, methods and limits.

Sections are plain records; `report` writes them as HTML, Markdown and LaTeX.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from earmark.analysis.baselines import Baselines
from earmark.analysis.calibration import no_scale, recordings_mark
from earmark.analysis.comparisons import p_text
from earmark.analysis.conclusion import Conclusion, RunConclusion, TierConclusion
from earmark.analysis.decisions import Decision, interval_text
from earmark.analysis.grid import CHECKS, VALID
from earmark.analysis.metric_conclusion import MetricConclusion
from earmark.analysis.technique import Alikeness
from earmark.analysis.tier_trends import CLAIM, TierTrend
from earmark.analysis.trend import Step
from earmark.errors import counted
from earmark.records import Json
from earmark.report.answers import Answers, verdict_answers
from earmark.report.figures import Figure
from earmark.report.methods import LIMITS, METHODS
from earmark.report.report_figures import tier_figures, trend_figure
from earmark.report.results import Results
from earmark.report.table import MISSING, Table, decimals_for, number, tables
from earmark.report.verdict import excluded_lines, metric_words, value_text, verdict_lines
from earmark.report.votes import vote_sentence, vote_tables

Block = str | Table | Figure | Answers
MAX_PAIRS = 12
UNKNOWN = Alikeness(pairs=0, programs=0, clip_pairs=0, clips=0)


@dataclass(frozen=True, slots=True)
class Section:
    """A heading with paragraphs, tables and figures."""

    title: str
    blocks: tuple[Block, ...]


def sections(results: Results, alike: Mapping[str, Alikeness]) -> list[Section]:
    """The whole report of a sweep; `alike` is of its runs, by their keys."""
    conclusion = results.conclusion
    answers = verdict_answers(conclusion)
    notes = [*conclusion.refused, *excluded_lines(conclusion)]
    searched = searched_words(results.folder.facts())
    verdict: list[Block] = [*answers, *notes] if answers else [*verdict_lines(conclusion)]
    blocks: list[Block] = [*searched, *verdict]
    shown = [Section("Verdict", tuple(blocks)), *_excluded(conclusion)]
    names = tier_file_names(conclusion)
    for tier, table, name in zip(conclusion.tiers, tables(results), names, strict=False):
        shown += _tier(tier, replace(table, file=f"{name}-results"), name, alike)
    shown += _trend(conclusion)
    shown += _people(conclusion)
    about = (
        f"A difference of {conclusion.delta:g} is the one that matters here (--delta). "
        "Every number can be traced: the name of a run leads to its attempts, each with its "
        "program and sound, and data/episodes.csv has them all with what each counts as."
    )
    shown.append(Section("Methods", (about, *METHODS)))
    shown.append(Section("Limits", LIMITS))
    return shown


def _excluded(conclusion: Conclusion) -> list[Section]:
    """What counts in no number; no section where nothing is excluded."""
    if not conclusion.excluded:
        return []
    rows = []
    for one in conclusion.excluded:
        sample = MISSING if one.sample is None else str(one.sample)
        rows.append((one.tier, one.task, one.run or "every run", sample, one.reason))
    about = (
        "These attempts were made and are kept on disk; every number here is of the others. "
        f"Undo it: earmark exclude {conclusion.sweep} --undo."
    )
    heads = ("tier", "task", "run", "sample", "reason")
    return [Section("Excluded by hand", (about, Table("Excluded", heads, tuple(rows))))]


def searched_words(facts: Json) -> list[str]:
    """What a reader must know where the runs are trials of a search; else nothing."""
    if "objective" not in facts or "trials" not in facts:
        return []
    confirmed = facts.get("confirmed", "nothing is confirmed yet")
    caution = "its trials were chosen by their results, so what is decisive among them may be luck"
    return [f"These are the trials of a search: {caution}. Asked afresh: {confirmed}"]


def tier_file_names(conclusion: Conclusion) -> list[str]:
    """A name for the files of each tier and pipeline."""
    names: list[str] = []
    for tier in conclusion.tiers:
        name = f"{tier.tier}-{tier.headline}"
        names.append(name if name not in names else f"{name}-{len(names)}")
    return names


def _tier(
    tier: TierConclusion, table: Table, name: str, alike: Mapping[str, Alikeness]
) -> list[Section]:
    by = tier.by_primary_metric
    figures = tier_figures(tier, name)
    first = [one for one in figures if one.name.startswith((f"{name}-{by.metric}", f"{name}-cost"))]
    kinds = ("-effects", "-interactions", "-strategies", "-temperature")
    effects = [one for one in figures if one.name.endswith(kinds)]
    others = [one for one in figures if one not in first and one not in effects]
    sections_ = [
        Section(f"{tier.title}: results", (table, *_ends(tier), *first)),
        Section(f"{tier.title}: differences and effects", (*_decisions(tier, by), *effects)),
        Section(f"{tier.title}: where the spread comes from", _spread(by)),
        Section(
            f"{tier.title}: samples, failures and technique",
            (*_causes(tier, name, alike), *others),
        ),
    ]
    return [section for section in sections_ if section.blocks]


def _ends(tier: TierConclusion) -> list[Block]:
    if tier.baselines is None:
        return ["Floor and expert are not known: no baselines are kept for these runs."]
    kept: Baselines = tier.baselines
    ends = {kept.floor_name: "floor", kept.expert_name: "expert"}
    rows = []
    for name in kept.names:
        mean = kept.mean(name)
        text = value_text(mean) if mean else kept.unscored.get(name, MISSING)
        rows.append((name, ends.get(name, ""), text, str(mean.tasks) if mean else MISSING))
    title = f"{tier.title}: what {tier.headline} is read against"
    heads = ("baseline", "end", "mean (95 % interval)", "tasks")
    notes = [f"{name} is {choice.words}." for name, choice in kept.choices.items()]
    mark = recordings_mark(kept)
    if (reason := no_scale(kept)) is not None:
        notes.append(f"There is no calibrated score: {reason}.")
    elif not isinstance(mark, str):
        at = value_text(mark, decimals=2)
        notes.append(f"Recordings of {mark.tasks} of the tasks stand at {at} on the scale.")
    return [Table(title, heads, tuple(rows)), *notes]


def _decisions(tier: TierConclusion, by: MetricConclusion) -> list[Block]:
    if by.reason is not None:
        return [f"{by.reason}."]
    blocks: list[Block] = []
    for title, decisions in (
        (f"{tier.title}: pairs, by {metric_words(tier, by.metric)}", by.pairs),
        (f"{tier.title}: main effects", by.effects),
    ):
        if decisions:
            blocks.append(_decision_table(title, decisions))
        more = len(decisions) - MAX_PAIRS
        if more > 0:
            blocks.append(f"In data/pairs.csv: {counted(more, 'more comparison')}.")
    decided = [one for one in by.interactions if one.verdict == "decisive"]
    if decided:
        blocks.append(_decision_table(f"{tier.title}: decisive interactions", decided))
    elif by.interactions:
        tested = counted(len(by.interactions), "two-way interaction")
        blocks.append(f"None of {tested} is decisive.")
    blocks += [f"{note}." for note in by.notes]
    for metric in (tier.headline, CHECKS, VALID):
        other = tier.metrics[metric]
        if metric != by.metric and other.pairs:
            blocks.append(f"By {metric_words(tier, metric)}: {other.pairs[0].sentence}.")
    return blocks


def _decision_table(title: str, decisions: Sequence[Decision]) -> Table:
    rows = []
    for one in decisions[:MAX_PAIRS]:
        by = one.comparison
        p = p_text(by.p_family)
        rows.append((one.label, interval_text(by), p, p_text(by.p_holm), one.verdict))
    heads = ("difference", "value (simultaneous 95 % interval)", "p", "p by Holm", "verdict")
    return Table(title, heads, tuple(rows), file="pairs")


def _spread(by: MetricConclusion) -> tuple[Block, ...]:
    parts = by.components
    if parts is None:
        return ()
    shares = []
    for name, value in (
        ("tasks", parts.task),
        ("runs", parts.run),
        ("runs that do better on some tasks", parts.interaction),
        ("the model's own chance", parts.chance),
    ):
        share = parts.share(value)
        shares.append(f"{name} {'not known' if share is None else f'{share:.0%}'}")
    text = f"Of the variance of one score: {', '.join(shares)}."
    tasks, samples = by.grid.balanced.shape[1:]
    retest = parts.retest_error(tasks=tasks, samples=samples)
    if retest is None:
        text += " With 1 sample per task, chance cannot be separated from the rest."
    else:
        text += (
            f" A run and its own repetition would differ by ± {retest:.3g} (one standard error)."
        )
    return (text,)


def _causes(tier: TierConclusion, name: str, alike: Mapping[str, Alikeness]) -> list[Block]:
    blocks: list[Block] = [_runs_table(tier, name, alike)]
    difficulty = tier.difficulty
    if isinstance(difficulty, Step):
        blocks.append(
            f"Per step of difficulty {metric_words(tier, tier.primary)} falls by "
            f"{difficulty.fall:+.3f} ({difficulty.low:+.3f} to {difficulty.high:+.3f}), "
            f"one-sided p {difficulty.p:.3f}."
        )
    else:
        blocks.append(f"Difficulty: {difficulty}.")
    if isinstance(tier.associations, str):
        blocks.append(f"Technique and outcome: {tier.associations}.")
    else:
        sure = [one for one in tier.associations if one.p <= 0.05]
        words = [f"{one.feature} with {one.outcome} ({one.slope:+.3g})" for one in sure]
        blocks.append(
            "Technique goes with outcome, per doubling, association and not cause: "
            + (", ".join(words) if words else "no feature of a program does decisively")
            + "."
        )
    return blocks


def _runs_table(tier: TierConclusion, name: str, alike: Mapping[str, Alikeness]) -> Table:
    decimals = decimals_for(one.spent.score or 0.0 for one in tier.runs)
    places = {one.run.key: at for at, one in enumerate(tier.by_primary_metric.ranks)}
    runs = sorted(tier.runs, key=lambda one: places.get(one.run.key, len(places)))
    rows = tuple(_run_row(one, decimals, alike.get(one.run.key, UNKNOWN)) for one in runs)
    heads = (
        *("run", "failures", "pass@1", "pass@most", "best-of-most", "near duplicates"),
        *("equal clips", "score per $", "on the front"),
    )
    keys = tuple(one.run.key for one in runs)
    return Table(f"{tier.title}: samples, failures and cost", heads, rows, keys, f"{name}-runs")


def _run_row(one: RunConclusion, decimals: int, alike: Alikeness) -> tuple[str, ...]:
    failures = ", ".join(f"{kind} {count}" for kind, count in one.failures.items()) or "none"
    pass_at, best_of = one.repeats.pass_at, one.repeats.best_of
    most, best = max(pass_at, default=1), max(best_of, default=1)
    return (
        one.name,
        failures,
        value_text(pass_at.get(1)),
        f"k={most}: {value_text(pass_at[most])}" if most > 1 else MISSING,
        f"k={best}: {value_text(best_of[best], decimals=decimals)}" if best > 1 else MISSING,
        f"{alike.programs} of {alike.pairs}" if alike.pairs else MISSING,
        f"{alike.clips} of {alike.clip_pairs}" if alike.clip_pairs else MISSING,
        number(one.spent.per_dollar, ".3g"),
        "yes" if one.on_front else "no",
    )


def _people(conclusion: Conclusion) -> list[Section]:
    """What people prefer; no section where there are no votes."""
    blocks: list[Block] = []
    for one in conclusion.votes:
        blocks.append(vote_sentence(one, conclusion))
        blocks += [Table(*parts) for parts in vote_tables(one, conclusion)]
    return [Section("What do people prefer?", tuple(blocks))] if blocks else []


def _trend(conclusion: Conclusion) -> list[Section]:
    if not conclusion.trends:
        return []
    intro = (
        f"The abstract claims that {CLAIM}. Only the abstract is known to us, so its claim is "
        "tested on our tasks and scores, and no number of the paper is compared."
    )
    pooled = [one for one in conclusion.trends if one.of.startswith("all runs")]
    alone = [one for one in conclusion.trends if one not in pooled]
    blocks: list[Block] = [intro, *(f"{one.sentence}." for one in pooled)]
    if alone:
        blocks.append(_trend_table(alone))
    return [Section("Does quality fall over the tiers?", (*blocks, *trend_figure(conclusion)))]


def _trend_table(trends: Sequence[TierTrend]) -> Table:
    rows = []
    for one in trends:
        means = ", ".join(f"{tier} {value_text(mean)}" for tier, mean in one.tiers.items())
        rows.append((one.of, one.quantity, means or MISSING, one.sentence))
    title = "each run alone (one-sided p, not corrected for the number of runs)"
    heads = ("run", "quantity", "means (95 % interval)", "what follows")
    return Table(title, heads, tuple(rows), file="trends")
