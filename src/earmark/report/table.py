"""The table that ends a sweep: finished runs -> lines.

In: a SweepFolder. Out: text: columns on a terminal, plain aligned lines elsewhere, Markdown for a page. Runs are grouped by what heard
them, best first by the score that counts invalid episodes; numbers of a stand-in say so in their heading. Nothing is computed that is
not in the run's summary.
"""

import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from earmark.analysis import stability, statistics
from earmark.errors import printable
from earmark.records import Run
from earmark.storage.sweep_folder import SweepFolder

MISSING = "–"


@dataclass(frozen=True, slots=True)
class Table:
    """One group of runs: a title, column headings and rows of equal length, all text."""

    title: str
    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def is_standin(run: Run) -> bool:
    """True when the run's text-audio scores are a stand-in's and must say so."""
    return run.facts.get("standin") == "yes"


def mark(run: Run) -> str:
    """What must be said beside the model's name: that it is a baseline, or a smoke model too small to mean anything."""
    return next(
        (f" ({word})" for word in ("baseline", "smoke") if run.facts.get(word) == "yes"), ""
    )


def headline(run: Run) -> str:
    """The name of the run's text-audio score: its embedder's."""
    return run.config.embedder.name


def distance(runs: Iterable[Run]) -> str:
    """What the distances of these runs are called: a stand-in's say so."""
    return "FAD (stand-in)" if any(run.facts.get("fad_standin") == "yes" for run in runs) else "FAD"


def against(runs: Iterable[Run]) -> str:
    """What the distances of these runs were taken from; empty where there is nothing."""
    return " or ".join(sorted({run.facts["reference"] for run in runs if "reference" in run.facts}))


def tables(folder: SweepFolder) -> list[Table]:
    """One table for each tier and pipeline, in the order of their first run."""
    groups = statistics.by_pipeline(run.summary() for run in folder.runs())
    return [_table(group) for group in groups.values()]


def text(folder: SweepFolder) -> str:
    """The tables as plain aligned lines."""
    return (
        "\n\n".join(aligned(table) for table in tables(folder))
        or f"{folder.name}: no finished run yet"
    )


def markdown(folder: SweepFolder) -> str:
    """The tables as Markdown, each below a bold title."""
    return "\n\n".join(_marked(table) for table in tables(folder))


def print_table(folder: SweepFolder) -> None:
    """Print the tables: drawn on a terminal, plain lines elsewhere."""
    if not sys.stdout.isatty():
        print(text(folder))
        return
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table as Drawn

    for table in tables(folder):
        drawn = Drawn(title=escape(table.title), title_justify="left")
        for at, head in enumerate(table.heads):
            drawn.add_column(escape(head), justify="left" if at < 3 else "right", overflow="fold")
        for row in table.rows:
            drawn.add_row(*map(escape, row))
        Console().print(drawn)


def _table(runs: Sequence[Run]) -> Table:
    name = headline(runs[0])
    shown = f"{name} (stand-in)" if is_standin(runs[0]) else name
    heads = (
        "model",
        "strategy",
        "t",
        shown,
        "± se",
        "_all",
        "valid",
        distance(runs),
        "cost $",
        "seconds",
    )
    order = sorted(
        range(len(runs)),
        key=lambda at: (-runs[at].scores.get(f"{name}_all", -9.0), statistics.label(runs[at])),
    )
    title = f"{runs[0].config.tier.name}, heard by {shown}" + (
        f"; FAD against {reference}" if (reference := against(runs)) else ""
    )
    title = "; ".join(part for part in (title, stability.told(runs, name)) if part)
    rows = tuple(tuple(map(printable, _row(runs[at]))) for at in order)
    return Table(printable(title), tuple(map(printable, heads)), rows)


def _row(run: Run) -> tuple[str, ...]:
    name, scores, config = headline(run), run.scores, run.config
    return (
        f"{config.model.name}{mark(run)}",
        f"{config.strategy.name} {run.facts.get('swept', '')}".rstrip(),
        f"{config.temperature:g}",
        number(scores.get(name), ".3f"),
        number(scores.get(f"{name}_se"), ".3f"),
        number(scores.get(f"{name}_all"), ".3f"),
        number(scores.get("valid_rate"), ".0%"),
        number(scores.get("fad"), ".3g"),
        number(scores.get("cost_usd"), ".4f"),
        number(scores.get("seconds"), ".0f"),
    )


def number(value: float | None, form: str) -> str:
    """A number in the given format, or a dash for one that was not given."""
    return MISSING if value is None else format(value, form)


def aligned(table: Table, *, left: int = 3) -> str:
    """The title, then the columns under each other; the first `left` of them begin at the left."""
    wide = [max(map(len, column)) for column in zip(table.heads, *table.rows, strict=True)]
    return "\n".join([table.title, *(_line(row, wide, left) for row in (table.heads, *table.rows))])


def _line(row: Sequence[str], wide: Sequence[int], left: int) -> str:
    placed = (
        word.ljust(width) if at < left else word.rjust(width)
        for at, (word, width) in enumerate(zip(row, wide, strict=True))
    )
    return "  " + "  ".join(placed).rstrip()


def _marked(table: Table) -> str:
    rule = ["---"] * 3 + ["---:"] * (len(table.heads) - 3)
    return "\n".join([f"**{table.title}**", "", *map(_piped, (table.heads, rule, *table.rows))])


def _piped(words: Iterable[str]) -> str:
    return "| " + " | ".join(word.replace("|", "\\|") for word in words) + " |"
