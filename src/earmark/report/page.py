"""The listening page: finished cells -> one HTML file.

In: Cells with their folders. Out: HTML that needs nothing from anywhere: sounds and pictures are inlined up to a budget, or linked
relative to the page's own folder. Cells are ranked within what one pipeline heard on one tier, beside the controls that they are read
against; a stand-in's numbers say so above them.
"""

import json
import os
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

from earmark import stability, verdict
from earmark.archive import CellFolder, SweepFolder, write_text
from earmark.records import Attempt, Cell, Json
from earmark.report.beside import Carry, section
from earmark.report.pictures import Budget, picture, sound
from earmark.report.table import against, distance, headline, is_standin, mark

INLINE_BYTES = 20_000_000

CONTROLS_SHARE = 4  # of a page's bytes at most one part in this many is the controls'; they are asked first and take far less


@dataclass(frozen=True, slots=True)
class Media:
    """How sounds come into the page: an attempt's program, sound and picture out of its folder, and a clip that is no attempt's."""

    attempt: Callable[[Attempt, Path], Json]
    clip: Carry


def leaderboard(folder: SweepFolder, *, redraw: bool = True) -> Path:
    """Write leaderboard.html into the sweep's folder, sounds linked; its path. Without `redraw` one newer than every cell is left."""
    page = folder.path / "leaderboard.html"
    newest = max(((cell.path / "cell.json").stat().st_mtime for cell in folder.cells()), default=0.0)
    if not redraw and page.is_file() and page.stat().st_mtime > newest:
        return page
    write_text(page, html(folder.name, [(one, one.cell()) for one in folder.cells()], linked(folder.path)))
    return page


def travelling(title: str, cells: Sequence[tuple[CellFolder, Cell]], *, budget_bytes: int = INLINE_BYTES) -> str:
    """The page with everything inside, to be opened anywhere; what exceeds the budget says in which folder it is."""
    return html(title, cells, inlined(Budget(budget_bytes)))


def html(title: str, cells: Sequence[tuple[CellFolder, Cell]], media: Media) -> str:
    """The page's text; `media` says how sounds and pictures are carried."""
    told = json.dumps(content(title, cells, media), ensure_ascii=False, allow_nan=False)
    parts = {
        "@TITLE@": _escaped(title),
        "@STYLE@": _template("page.css"),
        "@SCRIPT@": "".join(map(_template, ("page.js", "controls.js", "blind.js"))),
        "@DATA@": told.replace("<", "\\u003c"),  # no text of a model may end the script element
    }
    page = _template("page.html")
    for place, text in parts.items():
        head, _, tail = page.partition(place)
        page = head + text + tail
    return page


def content(title: str, cells: Sequence[tuple[CellFolder, Cell]], media: Media) -> Json:
    """What the page shows, as plain JSON."""
    groups = verdict.by_pipeline(cell for _, cell in cells)
    beside = [section(group, cells[0][0].path.parent, media.clip) for group in groups.values()]
    listed = [(one, folder, counts) for folder, cell in cells for one, counts in _marked(cell)]
    carried = {id(one): media.attempt(one, folder.folder_of(one)) for one, folder, _ in sorted(listed, key=_first_to_travel)}
    attempts = [{**_attempt(one, folder, counts=counts), **carried[id(one)]} for one, folder, counts in listed]
    heard = sum(one["valid"] for one in attempts)
    return {
        "title": title,
        "about": f"{len(cells)} cells, {len(attempts)} attempts, {heard} heard",
        "groups": [{**_group(group), "controls": read} for group, read in zip(groups.values(), beside, strict=True)],
        "attempts": attempts,
    }


def linked(page_folder: Path) -> Media:
    """Sounds and pictures as links relative to the page."""

    def carry(one: Attempt, folder: Path) -> Json:
        place = Path(os.path.relpath(folder, page_folder)).as_posix()
        audio = f"{place}/out.wav" if one.clip else None
        image = f"{place}/out.png" if one.clip and (folder / "out.png").is_file() else None
        return {"program": one.program.source if one.program else None, "audio": audio, "image": image}

    return Media(carry, lambda wav: Path(os.path.relpath(wav, page_folder)).as_posix())


def inlined(budget: Budget) -> Media:
    """Programs, sounds and pictures inside the page while the budget lasts."""

    def carry(one: Attempt, folder: Path) -> Json:
        parts = {
            "program": one.program.source if one.program else None,
            "image": picture(folder / "out.png") if one.clip and not budget.spent else None,
            "audio": sound(Path(one.clip.path)) if one.clip and not budget.spent else None,
        }
        return {name: budget.spend(text) if text is not None else None for name, text in parts.items()}

    share = Budget(budget.left_bytes // CONTROLS_SHARE)

    def clip(wav: Path) -> str | None:
        text = None if share.spent else sound(wav)
        return budget.spend(text) if text is not None and share.spend(text) is not None else None

    return Media(carry, clip)


def _group(cells: Sequence[Cell]) -> Json:
    name = headline(cells[0])
    tasks = {one.task.id: one.task.caption for cell in cells for one in cell.attempts}
    notice = f"Scores by {name}, a stand-in: they order sounds of one tier roughly and must not be compared with CLAP scores."
    values: dict[str, set[str]] = defaultdict(set)
    for axis, value in (pair for cell in cells for pair in _axes(cell).items()):
        values[axis].add(value)
    varying = [axis for axis, several in values.items() if len(several) > 1] or ["model"]
    return {
        "title": str(cells[0].config["tier"]["name"]),
        "metric": name,
        "notice": notice if is_standin(cells[0]) else None,
        "same": ", ".join(f"{axis} {next(iter(several))}" for axis, several in values.items() if axis not in varying),
        "fad": distance(cells),
        "against": against(one for one in cells if "fad" in one.scores) or None,
        "unsure": stability.told(cells, name) or None,
        "cells": [_standing(one, name, varying) for one in verdict.ranking(cells, name)],
        "tasks": [{"id": task, "caption": caption} for task, caption in sorted(tasks.items())],
    }


def _short(cell: Cell, varying: Sequence[str]) -> str:
    """The cell by what tells it from the others of its table."""
    signs = {"model": "", "strategy": "", "temperature": "t"}
    words = (f"{signs.get(axis, f'{axis}=')}{value}" for axis, value in _axes(cell).items() if axis in varying)
    return f"{' '.join(words)}{mark(cell)}"


def _standing(one: verdict.Standing, name: str, varying: Sequence[str]) -> Json:
    cell, found = one.cell, one.mean
    heard = verdict.cell_mean(cell, name)
    return {
        "id": cell.key,
        "label": f"{verdict.label(cell)}{mark(cell)}",
        "short": _short(cell, varying),
        "axes": _axes(cell),
        **{end: getattr(found, field) if found else None for end, field in (("mean", "value"), ("low", "low"), ("high", "high"))},
        "best_rank": one.best_rank,
        "worst_rank": one.worst_rank,
        "score": heard.value if heard else None,
        "se": heard.standard_error if heard else None,
        **{short: cell.scores.get(long) for short, long in (("valid_rate", "valid_rate"), ("fad", "fad"), ("cost", "cost_usd"))},
    }


def _axes(cell: Cell) -> dict[str, str]:
    """What the cell can be filtered by: its swept values."""
    words = (word.partition("=") for word in cell.facts.get("swept", "").split(" "))
    named = {axis: str(cell.config[axis]["name"]) for axis in ("model", "strategy")}
    return {**named, "temperature": f"{cell.config['temperature']:g}", **{axis: value for axis, equals, value in words if equals}}


def _marked(cell: Cell) -> list[tuple[Attempt, bool]]:
    counted = {id(one) for one in verdict.picked(cell).values()}
    return [(one, id(one) in counted) for one in cell.attempts]


def _first_to_travel(one: tuple[Attempt, CellFolder, bool]) -> tuple[bool, int, str]:
    """Where not everything fits, every cell keeps something to hear: what counts, first samples, task by task."""
    attempt, _, counts = one
    return not counts, attempt.sample, attempt.task.id


def _attempt(one: Attempt, folder: CellFolder, *, counts: bool) -> Json:
    return {
        "cell": one.cell,
        "task": one.task.id,
        "caption": one.task.caption,
        "sample": one.sample,
        "turn": one.turn,
        "counts": counts,
        "valid": one.valid,
        "failure": one.failure.kind if one.failure else None,
        "message": one.failure.message[:400] if one.failure else None,
        "scores": dict(one.scores),
        "unscored": dict(one.unscored),
        "folder": f"{folder.path.parent.name}/{folder.path.name}/attempts/{one.task.id}/{one.sample}-{one.turn}",
    }


def _template(name: str) -> str:
    return files("earmark.report").joinpath(name).read_text(encoding="utf-8")


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;")
