"""The failure funnel as a table: at which step the attempts of each run failed."""

from collections.abc import Sequence

from earmark.analysis.funnel import STEPS
from earmark.analysis.labels import label
from earmark.records import Run
from earmark.report.table import Table, align

TITLE = "where attempts failed, in % of all attempts: each counts at the first step it did not pass"


def funnel_table(runs: Sequence[Run]) -> str:
    """A row for each run, whose shares sum to 100 %; empty where no run has a funnel."""
    rows = tuple(_row(run) for run in runs if "funnel_valid" in run.scores)
    if not rows:
        return ""
    return align(Table(TITLE, ("run", "attempts", *STEPS, "valid"), rows), left=1)


def _row(run: Run) -> tuple[str, ...]:
    shares = (run.scores[f"funnel_{step}"] for step in (*STEPS, "valid"))
    return (label(run), f"{run.scores['attempts']:.0f}", *map(_percent, shares))


def _percent(share: float) -> str:
    return "·" if share == 0 else f"{100 * share:.3g}"
