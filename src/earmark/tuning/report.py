"""The report of a study: what was found, what was confirmed, the figures, every trial.

study/study.html    needs nothing from the network
study/figures/      NAME.svg NAME.pdf, and NAME.csv with the data behind each
study/trials.csv    every trial with its settings, values and run
"""

from collections.abc import Sequence
from pathlib import Path

from earmark.report.figures import Row, csv_text, write_figure
from earmark.report.report import render_html
from earmark.report.sections import Block, Section
from earmark.storage.atomic import write_text
from earmark.tuning.conclude import Confirmation
from earmark.tuning.figures import study_figures
from earmark.tuning.prepare import Search
from earmark.tuning.results import SearchResult, counts_text
from earmark.tuning.study import SharedStudy
from earmark.tuning.tried import Tried

METHODS = (
    "Every trial answers the same tasks and samples in the same shuffled order. After every few "
    "tasks it is compared with the best trial so far by Wilcoxon's signed-rank test, and stopped "
    "where it is worse; its value is then predicted from the tasks that both have answered.",
    "Of the trials, the one with the best value is partly the luckiest. The confirmation therefore "
    "asks afresh, on tasks that were held out, and compares with the defaults task by task; its "
    "intervals hold for all winners together (max-t).",
)


def write_study(
    into: Path,
    study: SharedStudy,
    todo: Search,
    result: SearchResult,
    confirmed: Confirmation | None,
) -> Path:
    """Write everything into the folder `into`; returns the page."""
    objectives, tasks = todo.settings.objective, len(todo.order)
    units = dict(zip(objectives, todo.units, strict=True))
    figures = study_figures(study, todo.space, units, tasks)
    drawn = {one.name: write_figure(one, into / "figures") for one in figures}
    heads = ("trial", "state", *objectives, "tasks", "same_as", "reason", "run", *todo.space.names)
    rows = [_row(one, todo.space.names, len(objectives), tasks) for one in result.tried]
    write_text(into / "trials.csv", csv_text(heads, rows))
    first: list[Block] = [counts_text(result.tried, tasks)]
    if confirmed is not None:
        first = [confirmed.verdict, confirmed.table, *first]
    shown = [
        Section("Verdict", tuple(first)),
        Section("Search", tuple(figures)),
        Section("Methods", METHODS),
    ]
    page = into / "study.html"
    question = "which settings are better?"
    write_text(page, render_html(todo.config.name, shown, drawn, question=question))
    return page


def _row(one: Tried, names: Sequence[str], objectives: int, tasks: int) -> Row:
    values = one.values or (None,) * objectives
    asked = one.pruned_after or (tasks if one.complete else None)
    state = "running" if one.running else "no value" if one.values is None else "complete"
    if one.pruned_after is not None:
        state = "stopped"
    settings = [one.settings.get(name) for name in names]
    return (one.number, state, *values, asked, one.same_as, one.reason, one.run, *settings)
