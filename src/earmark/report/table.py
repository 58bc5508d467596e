"""The tables that end a sweep: one for each tier and pipeline, the best run first.

A place is a rank set: 1–3 are the places that the run may have, all sets of a table holding
together in 95 % of sweeps. Where the scores are a stand-in's, the heading says so, and the spec
checks come first.
"""

import sys
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import floor, log10

from earmark.analysis.conclusion import TierConclusion
from earmark.analysis.fad_reading import fad_reading, fad_readings
from earmark.analysis.grid import CHECKS
from earmark.analysis.labels import (
    by_pipeline,
    headline,
    is_baseline,
    is_smoke,
    label,
    swept_words,
    table_titles,
)
from earmark.analysis.stability import order_warning
from earmark.errors import printable
from earmark.records import Run
from earmark.report.results import Results
from earmark.report.verdict import value_text, verdict_text

MISSING = "–"
TEXT_COLUMNS = 4  # place, model, strategy, temperature begin at the left; numbers end at the right
MAX_FAD_COLUMNS = 2

Column = tuple[str, list[str]]  # a heading and a text for each run; empty where there is none


@dataclass(frozen=True, slots=True)
class Table:
    """A title, column headings and rows of equal length, all text.

    `keys` are the runs that the rows are of, so that a report can link each to its attempts; `file`
    names the CSV in which a report keeps all rows where it shows the first ones only.
    """

    title: str
    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    keys: tuple[str, ...] = ()
    file: str = ""


def mark(run: Run) -> str:
    """What is shown after the model's name where the run is not one of a model to be ranked."""
    return " (baseline)" if is_baseline(run) else " (smoke)" if is_smoke(run) else ""


def fad_name(runs: Iterable[Run]) -> str:
    """What the distances of these runs are called: a stand-in's say so."""
    return "FAD (stand-in)" if any(run.facts.fad_stand_in for run in runs) else "FAD"


def reference_of(runs: Iterable[Run]) -> str:
    """What FAD compared these runs with; empty where there was nothing."""
    return " or ".join(sorted({run.facts.reference for run in runs if run.facts.reference}))


def fad_note(runs: Sequence[Run]) -> str:
    """What the distances are to, or why no run has one; empty where none was wanted."""
    if any(fad_reading(run) for run in runs):
        return f"FAD against {reference_of(runs) or 'unnamed recordings'}"
    reasons = Counter(run.unscored["fad"] for run in runs if "fad" in run.unscored)
    return f"no FAD: {reasons.most_common(1)[0][0]}" if reasons else ""


def tables(results: Results) -> list[Table]:
    """One table for each tier and pipeline, with places and intervals."""
    tiers = {run.run.key: tier for tier in results.conclusion.tiers for run in tier.runs}
    groups = list(by_pipeline(run for _, run in results.runs).values())
    order = [one.run.key for tier in results.conclusion.tiers for one in tier.runs]
    groups.sort(key=lambda runs: order.index(runs[0].key) if runs[0].key in tiers else len(order))
    titled = zip(table_titles(groups), groups, strict=True)
    return [_table(title, runs, tiers.get(runs[0].key)) for title, runs in titled]


def summary_tables(runs: Iterable[Run]) -> list[Table]:
    """The same from summaries alone, of a sweep that is not finished: no places, no intervals."""
    groups = list(by_pipeline(runs).values())
    titled = zip(table_titles(groups), groups, strict=True)
    return [_table(title, group, None) for title, group in titled]


def render_text(results: Results) -> str:
    """The tables as plain aligned lines, then the verdict."""
    texts = [align(table) for table in tables(results)]
    if not texts:
        return f"{results.folder.name}: no finished run yet"
    return "\n\n".join([*texts, verdict_text(results.conclusion)])


def render_markdown(tables_: Iterable[Table]) -> str:
    """Tables as Markdown, each below a bold title."""
    return "\n\n".join(markdown(table) for table in tables_)


def print_table(results: Results) -> None:
    """Print the tables and the verdict: drawn on a terminal, plain lines elsewhere."""
    if not sys.stdout.isatty() or not results.runs:
        print(render_text(results))
        return
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table as RichTable

    for table in tables(results):
        drawn = RichTable(title=escape(table.title), title_justify="left")
        for at, head in enumerate(table.heads):
            drawn.add_column(
                escape(head), justify="left" if at < TEXT_COLUMNS else "right", overflow="fold"
            )
        for row in table.rows:
            drawn.add_row(*map(escape, row))
        Console().print(drawn)
    print(verdict_text(results.conclusion))


def number(value: float | None, form: str) -> str:
    """A number in the given format, or a dash for one that was not given."""
    return MISSING if value is None else format(value, form)


def align(table: Table, *, left: int = TEXT_COLUMNS) -> str:
    """The title, then the columns under each other; the first `left` begin at the left."""
    rows = (table.heads, *table.rows)
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return "\n".join([table.title, *(_line(row, widths, left) for row in rows)])


def _table(title: str, runs: Sequence[Run], tier: TierConclusion | None) -> Table:
    name, fad = headline(runs[0]), fad_name(runs)
    scored_by = f"{name} (stand-in)" if runs[0].facts.stand_in else name
    parts = [f"{title}, scored by {scored_by}"]
    if note := fad_note(runs):
        parts.append(note)
    if excluded := {one for run in runs for one in run.excluded}:
        parts.append(f"{len(excluded)} excluded by hand")
    if warning := order_warning(runs, name):
        parts.append(f"do not rely on the order: {warning}")
    columns = [_checks(runs, tier), _floored(runs, tier), (scored_by, _values(runs, name))]
    if tier is not None and tier.primary == name:
        columns = [columns[1], columns[0], columns[2]]
    columns.append(("calibrated", [calibrated_text(run) for run in runs]))
    columns = [(head, texts) for head, texts in columns if head == scored_by or any(texts)]
    columns += [("valid", [number(run.scores.get("valid_rate"), ".0%") for run in runs])]
    columns += fad_columns(runs, fad)
    columns += [("cost $", [number(run.scores.get("cost_usd"), ".4f") for run in runs])]
    columns += [("seconds", [number(run.scores.get("seconds"), ".0f") for run in runs])]
    ranks = {one.run.key: one for one in tier.by_primary_metric.ranks} if tier else {}
    rows = []
    for at, run in enumerate(runs):
        rank = ranks.get(run.key)
        place = rank.places if rank and rank.mean else MISSING
        values = [texts[at] or MISSING for _, texts in columns]
        first = not rank or rank.mean is None, rank.rank if rank else 0
        row = (place, *_names(run), *values)
        rows.append(((*first, *_best_first(run)), row, run.key))
    rows.sort()
    heads = ("place", "model", "strategy", "t", *(head for head, _ in columns))
    return Table(
        printable("; ".join(parts)),
        tuple(map(printable, heads)),
        tuple(tuple(map(printable, row)) for _, row, _ in rows),
        keys=tuple(key for *_, key in rows),
    )


def _names(run: Run) -> tuple[str, str, str]:
    strategy = f"{run.config.strategy.name} {swept_words(run)}".rstrip()
    return f"{run.config.model.name}{mark(run)}", strategy, f"{run.config.temperature:g}"


def _best_first(run: Run) -> tuple[bool, float, str]:
    floored = run.scores.get(f"{headline(run)}_floored")
    return floored is None, -(floored or 0.0), label(run)


def _checks(runs: Sequence[Run], tier: TierConclusion | None) -> Column:
    """The share of spec checks met, failures as 0; of valid clips alone without a conclusion."""
    if tier is None:
        return "checks of valid", _values(runs, CHECKS)
    return "checks", _estimates(runs, tier, CHECKS)


def _floored(runs: Sequence[Run], tier: TierConclusion | None) -> Column:
    if tier is None:
        return "floored", _values(runs, f"{headline(runs[0])}_floored")
    return "floored", _estimates(runs, tier, tier.headline)


def _estimates(runs: Sequence[Run], tier: TierConclusion, metric: str) -> list[str]:
    """Means with their intervals; empty where a run has none."""
    means = {one.run.key: one.mean for one in tier.metrics[metric].ranks}
    decimals = decimals_for(one.value for one in means.values() if one)
    return [
        value_text(mean, decimals=decimals) if (mean := means.get(run.key)) else "" for run in runs
    ]


def _values(runs: Sequence[Run], name: str) -> list[str]:
    decimals = decimals_for(run.scores[name] for run in runs if name in run.scores)
    return [f"{run.scores[name]:.{decimals}f}" if name in run.scores else "" for run in runs]


def calibrated_text(run: Run) -> str:
    """`0.42 (0.31 to 0.53)`: between the floor, 0, and the expert, 1, failures at the floor."""
    name, scores = f"{headline(run)}_floored_calibrated", run.scores
    if name not in scores:
        return ""
    ends = [scores[f"{name}_{end}"] for end in ("low", "high") if f"{name}_{end}" in scores]
    interval = f" ({ends[0]:.2f} to {ends[1]:.2f})" if len(ends) > 1 else ""
    return f"{scores[name]:.2f}{interval}"


def decimals_for(values: Iterable[float]) -> int:
    """At least 3; more where the largest value would keep fewer than 3 digits."""
    largest = max((abs(value) for value in values), default=0.0)
    return 3 if largest == 0 else min(8, max(3, 2 - floor(log10(largest))))


def fad_columns(runs: Sequence[Run], name: str) -> list[Column]:
    """One column at the n that all runs have; without such n, one for each of the most frequent.

    Each value has what as many real recordings get (the null floor) and how many times as far it
    is; values at different n are not comparable and never share a column.
    """
    columns = []
    for n, readings in list(fad_readings(runs).items())[:MAX_FAD_COLUMNS]:
        texts = [readings[run.key].text if run.key in readings else "" for run in runs]
        columns.append((f"{name} n={n}", texts))
    return columns


def _line(row: Sequence[str], widths: Sequence[int], left: int) -> str:
    columns = [
        word.ljust(width) if at < left else word.rjust(width)
        for at, (word, width) in enumerate(zip(row, widths, strict=True))
    ]
    return "  " + "  ".join(columns).rstrip()


def markdown(table: Table) -> str:
    """One table as Markdown."""
    rule = ["---"] * TEXT_COLUMNS + ["---:"] * (len(table.heads) - TEXT_COLUMNS)
    return "\n".join([f"**{table.title}**", "", *map(_piped, (table.heads, rule, *table.rows))])


def _piped(words: Iterable[str]) -> str:
    return "| " + " | ".join(word.replace("|", "\\|") for word in words) + " |"
