"""The listening page: one HTML file that ranks finished runs and plays every sound.

Runs are ranked within one tier and pipeline, next to the baselines that they are read against.
The file needs nothing from the network: sounds and pictures are inside it, or linked by paths
relative to its own folder.
"""

import json
from collections.abc import Sequence
from dataclasses import replace
from importlib.resources import files
from math import inf
from pathlib import Path

from earmark.analysis.comparisons import MIN_TASKS
from earmark.analysis.conclusion import Conclusion
from earmark.analysis.labels import by_pipeline, headline, label, settings_of
from earmark.analysis.ranking import Rank, ranking
from earmark.analysis.stability import order_warning
from earmark.errors import ConfigError, counted
from earmark.records import Attempt, Json, Run
from earmark.report.axes import shared_axes, short_label, varying_axes
from earmark.report.baselines import baselines_section
from earmark.report.media import Media, inline_media, link_media
from earmark.report.pictures import Budget
from earmark.report.results import Results, load_results
from earmark.report.table import fad_columns, fad_name, fad_note, mark
from earmark.report.verdict import brief_lines, verdict_lines
from earmark.storage.atomic import write_text
from earmark.storage.run_folder import RunFolder
from earmark.storage.sweep_folder import SweepFolder

INLINE_BYTES = 20_000_000
MESSAGE_CHARS = 400
SCRIPTS = ("page.js", "baselines.js", "blind.js")


def write_leaderboard(
    folder: SweepFolder, results: Results | None = None, *, redraw: bool = True
) -> Path:
    """Write leaderboard.html into the sweep's folder, with sounds linked; its path.

    Args:
        folder: of the sweep.
        results: its runs, where they were read already.
        redraw: False leaves a page as it is that is newer than every run.
    """
    page = folder.path / "leaderboard.html"
    newest = max(((run.path / "run.json").stat().st_mtime for run in folder.runs()), default=0.0)
    if not redraw and page.is_file() and page.stat().st_mtime > newest:
        return page
    results = results or load_results(folder)
    media = link_media(folder.path)
    write_text(page, render_page(folder.name, results.runs, media, results.conclusion))
    return page


def portable_page(
    title: str,
    runs: Sequence[tuple[RunFolder, Run]],
    conclusion: Conclusion | None = None,
    *,
    budget_bytes: int = INLINE_BYTES,
) -> str:
    """The page with its sounds inside; those beyond the budget are named by their folder."""
    return render_page(title, runs, inline_media(Budget(budget_bytes)), conclusion)


def render_page(
    title: str,
    runs: Sequence[tuple[RunFolder, Run]],
    media: Media,
    conclusion: Conclusion | None = None,
) -> str:
    """The page as HTML; with a conclusion its verdict stands above the ranking."""
    content = page_data(title, runs, media, conclusion)
    data = json.dumps(content, ensure_ascii=False, allow_nan=False)
    parts = {
        "@TITLE@": title.replace("&", "&amp;").replace("<", "&lt;"),
        "@STYLE@": _template("page.css"),
        "@SCRIPT@": "".join(map(_template, SCRIPTS)),
        "@DATA@": data.replace("<", "\\u003c"),  # no text of a model may end the script element
    }
    page = _template("page.html")
    for mark_, text in parts.items():
        # Only the first occurrence, from left to right: a text may hold such a mark itself.
        head, _, tail = page.partition(mark_)
        page = head + text + tail
    return page


def page_data(
    title: str,
    runs: Sequence[tuple[RunFolder, Run]],
    media: Media,
    conclusion: Conclusion | None = None,
) -> Json:
    """What the page shows, as plain JSON."""
    groups = []
    for group in by_pipeline(run for _, run in runs).values():
        # Before the attempts: baselines are few, and are the first to be put into the page.
        section = baselines_section(group, runs[0][0].path.parent, media.clip)
        groups.append({**_group(group), "baselines": section})
    attempts = _attempts(runs, media)
    valid = sum(one["valid"] for one in attempts)
    return {
        "title": title,
        "about": f"{counted(len(runs), 'run')}, {counted(len(attempts), 'attempt')}, {valid} valid",
        "brief": brief_lines(conclusion) if conclusion else [],
        "verdict": verdict_lines(conclusion) if conclusion else [],
        "groups": groups,
        "attempts": attempts,
    }


def _attempts(runs: Sequence[tuple[RunFolder, Run]], media: Media) -> list[Json]:
    """Every attempt, in the order of the runs; what counts is first put into the page."""
    entries: list[tuple[RunFolder, Attempt, bool]] = []
    for folder, run in runs:
        picked = set(run.picked)
        entries += [(folder, one, one.key in picked) for one in run.attempts]
    carried = {}
    for folder, one, _ in sorted(entries, key=_most_wanted_first):
        carried[id(one)] = media.attempt(one, folder.folder_of(one))
    return [
        {**_attempt(one, folder), "picked": picked, **carried[id(one)]}
        for folder, one, picked in entries
    ]


def _most_wanted_first(entry: tuple[RunFolder, Attempt, bool]) -> tuple[bool, int, str]:
    """Where not all fits, every run keeps something: what counts, first samples, task by task."""
    _, attempt, picked = entry
    return not picked, attempt.sample, attempt.task.id


def _group(runs: Sequence[Run]) -> Json:
    name = headline(runs[0])
    notice = (
        f"Scores by {name}, a stand-in: they order sounds of one tier roughly "
        "and must not be compared with CLAP scores."
    )
    tasks = {one.task.id: one.task.caption for run in runs for one in run.attempts}
    varying = varying_axes(runs)
    ranks, note = _ranks(runs, name)
    distances = fad_columns([rank.run for rank in ranks], fad_name(runs))
    shown = []
    for at, rank in enumerate(ranks):
        fads = [texts[at] for _, texts in distances]
        shown.append({**_run(rank, name, varying), "fad": fads})
    return {
        "title": runs[0].config.tier.name,
        "metric": name,
        "notice": notice if runs[0].facts.stand_in else None,
        "same": shared_axes(runs),
        "fad": [head for head, _ in distances],
        "fad_note": fad_note(runs),
        "order_warning": order_warning(runs, name) or None,
        "rank_note": note,
        "runs": shown,
        "tasks": [{"id": task, "caption": caption} for task, caption in sorted(tasks.items())],
    }


def _ranks(runs: Sequence[Run], name: str) -> tuple[list[Rank], str]:
    """The runs in order, and what their places mean; where none is known, any is possible."""
    try:
        ranks = ranking(runs, name)
    except ConfigError as error:
        alone = [replace(ranking([run], name)[0], worst_rank=len(runs)) for run in runs]
        alone.sort(key=lambda one: -one.mean.value if one.mean else inf)
        return alone, f"Cannot tell an order: {error}."
    return ranks, _rank_note(ranks)


def _rank_note(ranks: Sequence[Rank]) -> str:
    """What a place means here; few tasks allow every place."""
    tasks = min((rank.mean.tasks for rank in ranks if rank.mean), default=0)
    if tasks < MIN_TASKS:
        return f"Cannot tell an order: {counted(tasks, 'task')}; a test needs at least {MIN_TASKS}."
    return (
        "A rank such as 1–3 holds the places that the run may have; all ranks hold together in "
        "95 % of sweeps, paired by task. Bars are 95 % intervals over tasks."
    )


def _run(rank: Rank, name: str, varying: Sequence[str]) -> Json:
    run, mean = rank.run, rank.mean
    return {
        "id": run.key,
        "label": f"{label(run)}{mark(run)}",
        "short": f"{short_label(run, varying)}{mark(run)}",
        "axes": settings_of(run),
        "mean": mean.value if mean else None,
        "low": mean.low if mean else None,
        "high": mean.high if mean else None,
        "best_rank": rank.best_rank,
        "worst_rank": rank.worst_rank,
        "score": run.scores.get(name),
        "se": run.scores.get(f"{name}_se"),
        "valid_rate": run.scores.get("valid_rate"),
        "cost": run.scores.get("cost_usd"),
    }


def _attempt(one: Attempt, folder: RunFolder) -> Json:
    return {
        "run": one.run,
        "task": one.task.id,
        "caption": one.task.caption,
        "sample": one.sample,
        "turn": one.turn,
        "valid": one.valid,
        "failure": one.failure.kind if one.failure else None,
        "message": one.failure.message[:MESSAGE_CHARS] if one.failure else None,
        "scores": dict(one.scores),
        "unscored": dict(one.unscored),
        "folder": folder.folder_of(one).relative_to(folder.path.parents[1]).as_posix(),
    }


def _template(name: str) -> str:
    return files("earmark.report").joinpath(name).read_text(encoding="utf-8")
