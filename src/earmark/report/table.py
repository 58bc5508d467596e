"""The tables that end a sweep: one for each tier and pipeline, the best run first.

Scores are read from the runs' summaries; nothing is computed here. Where they are a stand-in's,
the heading says so.
"""

import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from earmark.analysis.labels import by_pipeline, headline, is_baseline, is_smoke, label, swept_words
from earmark.analysis.stability import order_warning
from earmark.errors import printable
from earmark.records import Run
from earmark.storage.sweep_folder import SweepFolder

MISSING = "–"
TEXT_COLUMNS = 3  # model, strategy and temperature begin at the left, numbers end at the right


@dataclass(frozen=True, slots=True)
class Table:
    """A title, column headings and rows of equal length, all text."""

    title: str
    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def mark(run: Run) -> str:
    """What is shown after the model's name where the run is not one of a model to be ranked."""
    return " (baseline)" if is_baseline(run) else " (smoke)" if is_smoke(run) else ""


def fad_name(runs: Iterable[Run]) -> str:
    """What the distances of these runs are called: a stand-in's say so."""
    return "FAD (stand-in)" if any(run.facts.fad_stand_in for run in runs) else "FAD"


def reference_of(runs: Iterable[Run]) -> str:
    """What FAD compared these runs with; empty where there was nothing."""
    return " or ".join(sorted({run.facts.reference for run in runs if run.facts.reference}))


def tables(folder: SweepFolder) -> list[Table]:
    """One table for each tier and pipeline, in the order of their first run."""
    groups = by_pipeline(run.summary() for run in folder.runs())
    return [_table(runs) for runs in groups.values()]


def render_text(folder: SweepFolder) -> str:
    """The tables as plain aligned lines."""
    texts = [align(table) for table in tables(folder)]
    return "\n\n".join(texts) or f"{folder.name}: no finished run yet"


def render_markdown(folder: SweepFolder) -> str:
    """The tables as Markdown, each below a bold title."""
    return "\n\n".join(_markdown(table) for table in tables(folder))


def print_table(folder: SweepFolder) -> None:
    """Print the tables: drawn on a terminal, plain lines elsewhere."""
    if not sys.stdout.isatty():
        print(render_text(folder))
        return
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table as RichTable

    for table in tables(folder):
        drawn = RichTable(title=escape(table.title), title_justify="left")
        for at, head in enumerate(table.heads):
            drawn.add_column(
                escape(head), justify="left" if at < TEXT_COLUMNS else "right", overflow="fold"
            )
        for row in table.rows:
            drawn.add_row(*map(escape, row))
        Console().print(drawn)


def number(value: float | None, form: str) -> str:
    """A number in the given format, or a dash for one that was not given."""
    return MISSING if value is None else format(value, form)


def align(table: Table, *, left: int = TEXT_COLUMNS) -> str:
    """The title, then the columns under each other; the first `left` begin at the left."""
    rows = (table.heads, *table.rows)
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return "\n".join([table.title, *(_line(row, widths, left) for row in rows)])


def _table(runs: Sequence[Run]) -> Table:
    name, fad = headline(runs[0]), fad_name(runs)
    scored_by = f"{name} (stand-in)" if runs[0].facts.stand_in else name
    parts = [f"{runs[0].config.tier.name}, scored by {scored_by}"]
    if reference := reference_of(runs):
        parts.append(f"FAD against {reference}")
    if warning := order_warning(runs, name):
        parts.append(f"do not rely on the order: {warning}")
    heads = ("model", "strategy", "t", scored_by, "± se", "floored", "valid", fad)
    return Table(
        printable("; ".join(parts)),
        tuple(map(printable, (*heads, "cost $", "seconds"))),
        tuple(_row(run) for run in sorted(runs, key=_best_first)),
    )


def _best_first(run: Run) -> tuple[bool, float, str]:
    floored = run.scores.get(f"{headline(run)}_floored")
    return floored is None, -(floored or 0.0), label(run)


def _row(run: Run) -> tuple[str, ...]:
    name, scores = headline(run), run.scores
    words = (
        f"{run.config.model.name}{mark(run)}",
        f"{run.config.strategy.name} {swept_words(run)}".rstrip(),
        f"{run.config.temperature:g}",
        number(scores.get(name), ".3f"),
        number(scores.get(f"{name}_se"), ".3f"),
        number(scores.get(f"{name}_floored"), ".3f"),
        number(scores.get("valid_rate"), ".0%"),
        number(scores.get("fad"), ".3g"),
        number(scores.get("cost_usd"), ".4f"),
        number(scores.get("seconds"), ".0f"),
    )
    return tuple(map(printable, words))


def _line(row: Sequence[str], widths: Sequence[int], left: int) -> str:
    columns = [
        word.ljust(width) if at < left else word.rjust(width)
        for at, (word, width) in enumerate(zip(row, widths, strict=True))
    ]
    return "  " + "  ".join(columns).rstrip()


def _markdown(table: Table) -> str:
    rule = ["---"] * TEXT_COLUMNS + ["---:"] * (len(table.heads) - TEXT_COLUMNS)
    return "\n".join([f"**{table.title}**", "", *map(_piped, (table.heads, rule, *table.rows))])


def _piped(words: Iterable[str]) -> str:
    return "| " + " | ".join(word.replace("|", "\\|") for word in words) + " |"
