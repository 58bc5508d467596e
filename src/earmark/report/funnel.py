"""The funnel as a table: how far the attempts of each run come."""

from collections.abc import Sequence

from earmark.analysis.funnel import STEPS, passed
from earmark.analysis.labels import label
from earmark.records import Run
from earmark.report.table import Table, align

TITLE = "how far attempts come: % of all attempts that passed this step and every step before it"


def funnel_table(runs: Sequence[Run]) -> str:
    """A row for each run, whose shares never rise; empty where no run has a funnel."""
    rows = tuple(_row(run) for run in runs if passed(run.scores))
    if not rows:
        return ""
    return align(Table(TITLE, ("run", "attempts", *STEPS), rows), left=1)


def _row(run: Run) -> tuple[str, ...]:
    shares = (f"{100 * share:.3g}" for share in passed(run.scores))
    return (label(run), f"{run.scores['attempts']:.0f}", *shares)
