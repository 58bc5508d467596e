"""The figures of a report, each drawn from the rows that are saved with it as CSV.

Colours are those of Okabe and Ito (2008), which remain apart with colour-blind eyes; shapes and
labels repeat what colours say. Text is never read as mathematics: names of models may hold a `$`.
"""

import csv
import io
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from math import inf
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

from earmark.storage.atomic import write_text

if TYPE_CHECKING:
    from matplotlib.figure import Figure as Drawing

Row = tuple[Any, ...]
BLUE, ORANGE, GREEN, RED, GREY = "#0072B2", "#E69F00", "#009E73", "#D55E00", "#767676"
COLOURS = (BLUE, ORANGE, GREEN, RED, "#CC79A7", "#56B4E9", "#F0E442", "#000000")
MARKERS = "osD^vP*X"
STYLE = {
    "svg.fonttype": "none",
    "svg.hashsalt": "earmark",
    "text.parse_math": False,
    "font.size": 9,
    "axes.spines.top": False,
    "axes.spines.right": False,
}


@dataclass(frozen=True, slots=True)
class Figure:
    """A picture and its data: `draw` puts `rows`, whose columns are `heads`, on a drawing."""

    name: str
    title: str
    caption: str
    heads: tuple[str, ...]
    rows: tuple[Row, ...]
    draw: "Callable[[Drawing, Sequence[Row]], None]"
    size: tuple[float, float] = (7.0, 3.2)


def write_figure(figure: Figure, into: Path) -> str:
    """Write NAME.svg, NAME.pdf and NAME.csv; returns the SVG element, equal for equal rows."""
    import matplotlib as mpl
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure as Drawing

    into.mkdir(parents=True, exist_ok=True)
    stream = io.StringIO()
    with mpl.rc_context(STYLE):
        drawing = Drawing(figsize=figure.size)
        FigureCanvasAgg(drawing)
        figure.draw(drawing, figure.rows)
        drawing.savefig(stream, format="svg", bbox_inches="tight", metadata={"Date": None})
        pdf = into / f"{figure.name}.pdf"
        drawing.savefig(pdf, format="pdf", bbox_inches="tight", metadata={"CreationDate": None})
    text = stream.getvalue()
    write_text(into / f"{figure.name}.svg", text)
    write_text(into / f"{figure.name}.csv", csv_text(figure.heads, figure.rows))
    return text[text.index("<svg") :]


def csv_text(heads: Sequence[str], rows: Iterable[Row]) -> str:
    """Rows as CSV; None is an empty field."""
    stream = io.StringIO()
    _write_rows(stream, heads, rows)
    return stream.getvalue()


def write_csv(path: Path, heads: Sequence[str], rows: Iterable[Row]) -> None:
    """The same into a file, a row at a time."""
    with path.open("w", encoding="utf-8", newline="") as stream:
        _write_rows(stream, heads, rows)


def _write_rows(stream: TextIO, heads: Sequence[str], rows: Iterable[Row]) -> None:
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(heads)
    for row in rows:
        writer.writerow(["" if value is None else value for value in row])


def forest(
    label: str, *, zero: bool = False, marks: Sequence[tuple[str, float]] = ()
) -> "Callable[[Drawing, Sequence[Row]], None]":
    """Draws rows (name, value, low, high, …) as dots with intervals, the first row on top.

    Args:
        label: of the value.
        zero: draw a line at no difference.
        marks: named values, such as floor and expert, that everything is read against.
    """

    def draw(drawing: "Drawing", rows: Sequence[Row]) -> None:
        axes = drawing.add_subplot()
        if zero:
            axes.axvline(0, color=GREY, linewidth=1)
        if len(marks) == 2:
            axes.axvspan(marks[0][1], marks[1][1], color=GREY, alpha=0.12, linewidth=0)
        for at, (name, value) in enumerate(marks):
            axes.axvline(value, color=GREY, linestyle="--", linewidth=1)
            right = at == len(marks) - 1
            axes.annotate(
                name,
                (value, 1),
                xycoords=("data", "axes fraction"),
                ha="right" if right else "left",
            )
        for at, (_, value, low, high, *_rest) in enumerate(rows):
            if low is not None and high is not None:
                axes.plot([low, high], [at, at], color=BLUE, linewidth=2)
            axes.plot([value], [at], "o", color=BLUE)
        names = [str(row[0]).replace(", more", ",\nmore") for row in rows]
        axes.set_yticks(range(len(rows)), names)
        axes.set_ylim(len(rows) - 0.5, -0.5)
        axes.set_xlabel(label)

    return draw


def curves(x_label: str, y_label: str) -> "Callable[[Drawing, Sequence[Row]], None]":
    """Draws rows (series, x, y, low, high) as a line for each series, with its intervals."""

    def draw(drawing: "Drawing", rows: Sequence[Row]) -> None:
        axes = drawing.add_subplot()
        for at, name in enumerate(dict.fromkeys(row[0] for row in rows)):
            points = [row for row in rows if row[0] == name]
            colour, marker = COLOURS[at % len(COLOURS)], MARKERS[at % len(MARKERS)]
            xs, ys = [row[1] for row in points], [row[2] for row in points]
            axes.plot(xs, ys, marker=marker, color=colour, label=str(name))
            for _, x, _, low, high in points:
                if low is not None and high is not None:
                    axes.plot([x, x], [low, high], color=colour, alpha=0.5)
        if all(isinstance(row[1], int) for row in rows):
            axes.set_xticks(sorted({row[1] for row in rows}))
        axes.set_xlabel(x_label)
        axes.set_ylabel(y_label)
        axes.legend(loc="center left", bbox_to_anchor=(1.0, 0.5), frameon=False)

    return draw


def heat_map(label: str) -> "Callable[[Drawing, Sequence[Row]], None]":
    """Draws rows (row, column, value) as a grid of colours with the values written in."""

    def draw(drawing: "Drawing", rows: Sequence[Row]) -> None:
        axes = drawing.add_subplot()
        down = list(dict.fromkeys(row[0] for row in rows))
        across = list(dict.fromkeys(row[1] for row in rows))
        grid = [[float("nan")] * len(across) for _ in down]
        for row, column, value in rows:
            grid[down.index(row)][across.index(column)] = value
        image = axes.imshow(grid, cmap="cividis", aspect="auto")
        middle = (max(row[2] for row in rows) + min(row[2] for row in rows)) / 2
        for row, column, value in rows:
            ink = "black" if value > middle else "white"
            where = (across.index(column), down.index(row))
            axes.annotate(f"{value:.3f}", where, ha="center", va="center", color=ink)
        axes.set_xticks(range(len(across)), across)
        axes.set_yticks(range(len(down)), down)
        drawing.colorbar(image, label=label)

    return draw


def scatter(x_label: str, y_label: str) -> "Callable[[Drawing, Sequence[Row]], None]":
    """Draws rows (name, x, y, on the front) as points, filled if so; names those ahead in y."""

    def draw(drawing: "Drawing", rows: Sequence[Row]) -> None:
        axes = drawing.add_subplot()
        for _, x, y, on_front in rows:
            face = BLUE if on_front else "none"
            axes.plot([x], [y], "o", color=BLUE, markerfacecolor=face)
        best = -inf
        ahead = []
        for name, x, y, _ in sorted(rows, key=lambda row: (row[1], -row[2])):
            if y > best:
                best = y
                ahead.append((name, x, y))
        for at, (name, x, y) in enumerate(ahead):
            right = at >= len(ahead) / 2  # names stay within the axes
            axes.annotate(
                name,
                (x, y),
                xytext=(-6 if right else 6, 5),
                textcoords="offset points",
                ha="right" if right else "left",
                fontsize=8,
            )
        axes.margins(0.1, 0.15)
        steps = [(x, y) for _, x, y in ahead]
        axes.step(*zip(*steps, strict=True), where="post", color=BLUE, linewidth=0.8, ls=":")
        if min(row[1] for row in rows) > 0:
            axes.set_xscale("log", subs=[2, 5])
            axes.xaxis.set_major_formatter("{x:g}")
            axes.xaxis.set_minor_formatter("{x:g}")
        axes.set_xlabel(x_label)
        axes.set_ylabel(y_label)

    return draw
