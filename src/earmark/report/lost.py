"""The failure funnel as a table: where the attempts of each cell were lost.

In: Cells' summaries with their `funnel_*` shares. Out: aligned lines, one row per cell; each row's shares sum to 100 % of what was asked.
Nothing is counted here: see earmark.funnel.
"""

from collections.abc import Sequence

from earmark.funnel import PLACES
from earmark.records import Cell
from earmark.report.table import Table, aligned
from earmark.verdict import label

TITLE = "where attempts were lost, in % of those asked: each stands at the first place it did not pass"


def lost(cells: Sequence[Cell]) -> str:
    """The funnel of every cell; empty text where no cell has one."""
    rows = tuple(_row(cell) for cell in cells if "funnel_heard" in cell.scores)
    return aligned(Table(TITLE, ("cell", "asked", *PLACES, "heard"), rows), left=1) if rows else ""


def _row(cell: Cell) -> tuple[str, ...]:
    shares = (cell.scores[f"funnel_{place}"] for place in (*PLACES, "heard"))
    return (label(cell), f"{cell.scores['attempts']:.0f}", *(_percent(share) for share in shares))


def _percent(share: float) -> str:
    return "·" if share == 0 else f"{100 * share:.3g}"
