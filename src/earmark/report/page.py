"""The listening page: one HTML file that ranks finished runs and plays every sound.

Runs are ranked within one tier and pipeline, next to the baselines that they are read against.
The file needs nothing from the network. It holds a line for each attempt; what else there is to say
of one comes in parts (`page_parts`) that are loaded when it is opened: from files next to the page,
or from within it, where sounds and pictures are inside too.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from importlib.resources import files
from itertools import chain
from math import inf
from pathlib import Path

from earmark.analysis.comparisons import MIN_TASKS
from earmark.analysis.conclusion import Conclusion
from earmark.analysis.funnel import STEPS
from earmark.analysis.labels import by_pipeline, headline, label, settings_of, table_titles
from earmark.analysis.ranking import Rank, ranking
from earmark.analysis.stability import order_warning
from earmark.analysis.tier_trends import ORDER
from earmark.errors import ConfigError, counted
from earmark.records import Json, Run
from earmark.report.axes import shared_axes, short_label, varying_axes
from earmark.report.baselines import ClipUri, baselines_section
from earmark.report.media import Whole, inline_clips, inline_parts, link_to
from earmark.report.page_parts import PER_PART, Part, parts_of, write_parts
from earmark.report.pictures import Budget
from earmark.report.results import Results, load_results
from earmark.report.table import fad_columns, fad_name, fad_note, mark
from earmark.report.verdict import brief_lines, verdict_lines
from earmark.storage.atomic import write_text
from earmark.storage.foreign import own_files
from earmark.storage.run_folder import RunFolder
from earmark.storage.sweep_folder import SweepFolder

INLINE_BYTES = 20_000_000
DIGITS = 4  # of a score in a row; the panel has it whole
SCRIPTS = ("page.js", "matrix.js", "detail.js", "baselines.js", "blind.js")
Runs = Sequence[tuple[RunFolder, Run]]


def write_leaderboard(
    folder: SweepFolder, results: Results | None = None, *, redraw: bool = True
) -> Path:
    """Write leaderboard.html and its parts into the sweep's folder, sounds linked; its path.

    Args:
        folder: of the sweep.
        results: its runs, where they were read already.
        redraw: False leaves a page as it is that is newer than every run.
    """
    page = folder.path / "leaderboard.html"
    newest = max(((run.path / "run.json").stat().st_mtime for run in folder.runs()), default=0.0)
    if not redraw and page.is_file() and page.stat().st_mtime > newest:
        return page
    own_files(folder.path / page.stem)
    results = results or load_results(folder)
    parts = chain.from_iterable(parts_of(run_folder.run()) for run_folder, _ in results.runs)
    write_parts(folder.path / page.stem, parts)
    write_text(page, linked_page(folder, results.runs, results.conclusion))
    return page


def linked_page(folder: SweepFolder, runs: Runs, conclusion: Conclusion | None = None) -> str:
    """The page as HTML that stands in the sweep's folder, and reads its parts and sounds there."""
    data = page_data(folder.name, runs, conclusion, clip_uri=link_to(folder.path))
    return render_page({**data, "linked": True})


def portable_page(
    title: str,
    runs: Runs,
    conclusion: Conclusion | None = None,
    *,
    budget_bytes: int = INLINE_BYTES,
    whole: Whole | None = None,
) -> str:
    """The page with its sounds inside; those beyond the budget are named by their folder.

    Args:
        title: of the page.
        runs: the finished runs, in folders of one sweep.
        conclusion: what the verdict is written from; None leaves it out.
        budget_bytes: how much of sounds, pictures and programs the page takes.
        whole: reads an attempt again, where those of `runs` have no texts.
    """
    budget = Budget(budget_bytes)
    # Before the attempts: baselines are few, and are the first to be put into the page.
    data = page_data(title, runs, conclusion, clip_uri=inline_clips(budget))
    return render_page({**data, "linked": False}, inline_parts(runs, budget, whole))


def render_page(data: Json, parts: Iterable[Part] = ()) -> str:
    """The page as HTML, with these parts inside."""
    details = [
        f'<script type="application/json" id="details-{name}">{_in_script(attempts)}</script>\n'
        for name, attempts in parts
    ]
    texts = {
        "@TITLE@": data["title"].replace("&", "&amp;").replace("<", "&lt;"),
        "@STYLE@": _template("page.css"),
        "@DATA@": _in_script(data),
        "@DETAILS@": "".join(details),
        "@SCRIPT@": "".join(map(_template, SCRIPTS)),
    }
    rest, done = _template("page.html"), []
    for mark_, text in texts.items():
        # In the order of the page, each looked for behind the last: a text may hold such a mark.
        head, _, rest = rest.partition(mark_)
        done += [head, text]
    return "".join([*done, rest])


def _in_script(value: object) -> str:
    """JSON that no text of a model within it can end the script element of."""
    text = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return text.replace("<", "\\u003c")


def page_data(
    title: str, runs: Runs, conclusion: Conclusion | None = None, *, clip_uri: ClipUri
) -> Json:
    """What the page shows before anything is opened, as plain JSON; `clip_uri` is of baselines."""
    folders = {run.key: folder for folder, run in runs}
    groups = list(by_pipeline(run for _, run in runs).values())
    titles = table_titles(groups)
    shown = []
    for group, table in zip(groups, titles, strict=True):
        sweep = folders[group[0].key].path.parent
        section = baselines_section(group, sweep, clip_uri)
        shown.append({**_group(group, folders), "title": table, "baselines": section})
    shown.sort(key=lambda one: ORDER.index(one["tier"]) if one["tier"] in ORDER else len(ORDER))
    attempts = sum(len(run.attempts) for _, run in runs)
    valid = sum(one.valid for _, run in runs for one in run.attempts)
    return {
        "title": title,
        "folder": runs[0][0].path.parent.name if runs else "",
        "about": f"{counted(len(runs), 'run')}, {counted(attempts, 'attempt')}, {valid} valid",
        "brief": brief_lines(conclusion) if conclusion else [],
        "verdict": verdict_lines(conclusion) if conclusion else [],
        "steps": STEPS,
        "parts": "leaderboard",
        "per_part": PER_PART,
        "groups": shown,
    }


def _group(runs: Sequence[Run], folders: Mapping[str, RunFolder]) -> Json:
    name = headline(runs[0])
    notice = (
        f"Scores by {name}, a stand-in: they order sounds of one tier roughly "
        "and must not be compared with CLAP scores."
    )
    tasks = dict(sorted({(one.task.id, one.task.caption) for run in runs for one in run.attempts}))
    numbers = {task: at for at, task in enumerate(tasks)}
    varying = varying_axes(runs)
    ranks, note = _ranks(runs, name)
    distances = fad_columns([rank.run for rank in ranks], fad_name(runs))
    shown = []
    for at, rank in enumerate(ranks):
        fads = [texts[at] for _, texts in distances]
        rows = _rows(rank.run, name, numbers)
        folder = folders[rank.run.key].path.name
        shown.append({**_run(rank, name, varying), "fad": fads, "folder": folder, "attempts": rows})
    return {
        "tier": runs[0].config.tier.name,
        "metric": name,
        "notice": notice if runs[0].facts.stand_in else None,
        "same": shared_axes(runs),
        "fad": [head for head, _ in distances],
        "fad_note": fad_note(runs),
        "order_warning": order_warning(runs, name) or None,
        "rank_note": note,
        "runs": shown,
        "tasks": [{"id": task, "caption": caption} for task, caption in tasks.items()],
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
        "funnel": [
            run.scores[f"funnel_{step}"] for step in STEPS if f"funnel_{step}" in run.scores
        ],
    }


def _rows(run: Run, name: str, numbers: Mapping[str, int]) -> list[list[object]]:
    """Of each attempt what its place among the others shows; page.js names the columns."""
    picked, rows = set(run.picked), list[list[object]]()
    for one in run.attempts:
        failure = one.failure.kind if one.failure else None
        score = round(one.scores[name], DIGITS) if name in one.scores else None
        position = (numbers[one.task.id], one.sample, one.turn)
        rows.append([*position, failure, int(one.key in picked), score])
    return rows


def _template(name: str) -> str:
    return files("earmark.report").joinpath(name).read_text(encoding="utf-8")
