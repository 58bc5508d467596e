"""The failure funnel as a table: where the attempts of each run were lost.

In: Runs' summaries with their `funnel_*` shares. Out: aligned lines, one row per run; each row's shares sum to 100 % of what was asked.
Nothing is counted here: see earmark.analysis.funnel.
"""

from collections.abc import Sequence

from earmark.analysis.funnel import PLACES
from earmark.analysis.statistics import label
from earmark.records import Run
from earmark.report.table import Table, aligned

TITLE = (
    "where attempts were lost, in % of those asked: each stands at the first place it did not pass"
)


def lost(runs: Sequence[Run]) -> str:
    """The funnel of every run; empty text where no run has one."""
    rows = tuple(_row(run) for run in runs if "funnel_heard" in run.scores)
    return aligned(Table(TITLE, ("run", "asked", *PLACES, "heard"), rows), left=1) if rows else ""


def _row(run: Run) -> tuple[str, ...]:
    shares = (run.scores[f"funnel_{place}"] for place in (*PLACES, "heard"))
    return (label(run), f"{run.scores['attempts']:.0f}", *(_percent(share) for share in shares))


def _percent(share: float) -> str:
    return "·" if share == 0 else f"{100 * share:.3g}"
