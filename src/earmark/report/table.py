"""The table that ends a sweep: finished cells -> lines.

In: a SweepFolder. Out: text: columns on a terminal, plain aligned lines elsewhere, Markdown for a page. Cells are grouped by what heard
them, best first by the score that counts invalid episodes; numbers of a stand-in say so in their heading. Nothing is computed that is
not in the cell's summary.
"""

import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from earmark import stability, verdict
from earmark.archive import SweepFolder
from earmark.records import Cell

MISSING = "–"


@dataclass(frozen=True, slots=True)
class Table:
    """One group of cells: a title, column headings and rows of equal length, all text."""

    title: str
    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def is_standin(cell: Cell) -> bool:
    """True when the cell's text-audio scores are a stand-in's and must say so."""
    return cell.facts.get("standin") == "yes"


def mark(cell: Cell) -> str:
    """What must be said beside the model's name: that it is a control, or a smoke model too small to mean anything."""
    return next((f" ({word})" for word in ("control", "smoke") if cell.facts.get(word) == "yes"), "")


def headline(cell: Cell) -> str:
    """The name of the cell's text-audio score: its embedder's."""
    return str(cell.config["embedder"]["name"])


def distance(cells: Iterable[Cell]) -> str:
    """What the distances of these cells are called: a stand-in's say so."""
    return "FAD (stand-in)" if any(cell.facts.get("fad_standin") == "yes" for cell in cells) else "FAD"


def against(cells: Iterable[Cell]) -> str:
    """What the distances of these cells were taken from; empty where there is nothing."""
    return " or ".join(sorted({cell.facts["reference"] for cell in cells if "reference" in cell.facts}))


def tables(folder: SweepFolder) -> list[Table]:
    """One table for each tier and pipeline, in the order of their first cell."""
    groups = verdict.by_pipeline(cell.summary() for cell in folder.cells())
    return [_table(group) for group in groups.values()]


def text(folder: SweepFolder) -> str:
    """The tables as plain aligned lines."""
    return "\n\n".join(aligned(table) for table in tables(folder)) or f"{folder.name}: no finished cell yet"


def markdown(folder: SweepFolder) -> str:
    """The tables as Markdown, each below a bold title."""
    return "\n\n".join(_marked(table) for table in tables(folder))


def print_table(folder: SweepFolder) -> None:
    """Print the tables: drawn on a terminal, plain lines elsewhere."""
    if not sys.stdout.isatty():
        print(text(folder))
        return
    from rich.console import Console
    from rich.table import Table as Drawn

    for table in tables(folder):
        drawn = Drawn(title=table.title, title_justify="left")
        for at, head in enumerate(table.heads):
            drawn.add_column(head, justify="left" if at < 3 else "right", overflow="fold")
        for row in table.rows:
            drawn.add_row(*row)
        Console().print(drawn)


def _table(cells: Sequence[Cell]) -> Table:
    name = headline(cells[0])
    shown = f"{name} (stand-in)" if is_standin(cells[0]) else name
    heads = ("model", "strategy", "t", shown, "± se", "_all", "valid", distance(cells), "cost $", "seconds")
    order = sorted(range(len(cells)), key=lambda at: (-cells[at].scores.get(f"{name}_all", -9.0), verdict.label(cells[at])))
    title = f"{cells[0].config['tier']['name']}, heard by {shown}" + (f"; FAD against {reference}" if (reference := against(cells)) else "")
    title = "; ".join(part for part in (title, stability.told(cells, name)) if part)
    return Table(title, heads, tuple(_row(cells[at]) for at in order))


def _row(cell: Cell) -> tuple[str, ...]:
    name, scores, config = headline(cell), cell.scores, cell.config
    return (
        f"{config['model']['name']}{mark(cell)}",
        f"{config['strategy']['name']} {cell.facts.get('swept', '')}".rstrip(),
        f"{config['temperature']:g}",
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
    placed = (word.ljust(width) if at < left else word.rjust(width) for at, (word, width) in enumerate(zip(row, wide, strict=True)))
    return "  " + "  ".join(placed).rstrip()


def _marked(table: Table) -> str:
    rule = ["---"] * 3 + ["---:"] * (len(table.heads) - 3)
    return "\n".join([f"**{table.title}**", "", *map(_piped, (table.heads, rule, *table.rows))])


def _piped(words: Iterable[str]) -> str:
    return "| " + " | ".join(word.replace("|", "\\|") for word in words) + " |"
