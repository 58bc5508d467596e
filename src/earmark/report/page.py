"""The listening page: finished runs -> one HTML file.

In: Runs with their folders. Out: HTML that needs nothing from anywhere: sounds and pictures are inlined up to a budget, or linked
relative to the page's own folder. Runs are ranked within what one pipeline heard on one tier, beside the baselines that they are read
against; a stand-in's numbers say so above them.
"""

import json
import os
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

from earmark.analysis import stability, statistics
from earmark.records import Attempt, Json, Run
from earmark.report.baselines import Carry, section
from earmark.report.pictures import Budget, picture, sound
from earmark.report.table import against, distance, headline, is_standin, mark
from earmark.storage.atomic import write_text
from earmark.storage.run_folder import RunFolder
from earmark.storage.sweep_folder import SweepFolder

INLINE_BYTES = 20_000_000

BASELINES_SHARE = 4  # of a page's bytes at most one part in this many is the baselines'; they are asked first and take far less


@dataclass(frozen=True, slots=True)
class Media:
    """How sounds come into the page: an attempt's program, sound and picture out of its folder, and a clip that is no attempt's."""

    attempt: Callable[[Attempt, Path], Json]
    clip: Carry


def leaderboard(folder: SweepFolder, *, redraw: bool = True) -> Path:
    """Write leaderboard.html into the sweep's folder, sounds linked; its path. Without `redraw` one newer than every run is left."""
    page = folder.path / "leaderboard.html"
    newest = max(((run.path / "run.json").stat().st_mtime for run in folder.runs()), default=0.0)
    if not redraw and page.is_file() and page.stat().st_mtime > newest:
        return page
    write_text(
        page, html(folder.name, [(one, one.run()) for one in folder.runs()], linked(folder.path))
    )
    return page


def travelling(
    title: str, runs: Sequence[tuple[RunFolder, Run]], *, budget_bytes: int = INLINE_BYTES
) -> str:
    """The page with everything inside, to be opened anywhere; what exceeds the budget says in which folder it is."""
    return html(title, runs, inlined(Budget(budget_bytes)))


def html(title: str, runs: Sequence[tuple[RunFolder, Run]], media: Media) -> str:
    """The page's text; `media` says how sounds and pictures are carried."""
    told = json.dumps(content(title, runs, media), ensure_ascii=False, allow_nan=False)
    parts = {
        "@TITLE@": _escaped(title),
        "@STYLE@": _template("page.css"),
        "@SCRIPT@": "".join(map(_template, ("page.js", "baselines.js", "blind.js"))),
        "@DATA@": told.replace("<", "\\u003c"),  # no text of a model may end the script element
    }
    page = _template("page.html")
    for place, text in parts.items():
        head, _, tail = page.partition(place)
        page = head + text + tail
    return page


def content(title: str, runs: Sequence[tuple[RunFolder, Run]], media: Media) -> Json:
    """What the page shows, as plain JSON."""
    groups = statistics.by_pipeline(run for _, run in runs)
    beside = [section(group, runs[0][0].path.parent, media.clip) for group in groups.values()]
    listed = [(one, folder, counts) for folder, run in runs for one, counts in _marked(run)]
    carried = {
        id(one): media.attempt(one, folder.folder_of(one))
        for one, folder, _ in sorted(listed, key=_first_to_travel)
    }
    attempts = [
        {**_attempt(one, folder, counts=counts), **carried[id(one)]}
        for one, folder, counts in listed
    ]
    heard = sum(one["valid"] for one in attempts)
    return {
        "title": title,
        "about": f"{len(runs)} runs, {len(attempts)} attempts, {heard} heard",
        "groups": [
            {**_group(group), "baselines": read}
            for group, read in zip(groups.values(), beside, strict=True)
        ],
        "attempts": attempts,
    }


def linked(page_folder: Path) -> Media:
    """Sounds and pictures as links relative to the page."""

    def carry(one: Attempt, folder: Path) -> Json:
        place = Path(os.path.relpath(folder, page_folder)).as_posix()
        audio = f"{place}/out.wav" if one.clip else None
        image = f"{place}/out.png" if one.clip and (folder / "out.png").is_file() else None
        return {
            "program": one.program.source if one.program else None,
            "audio": audio,
            "image": image,
        }

    return Media(carry, lambda wav: Path(os.path.relpath(wav, page_folder)).as_posix())


def inlined(budget: Budget) -> Media:
    """Programs, sounds and pictures inside the page while the budget lasts."""

    def carry(one: Attempt, folder: Path) -> Json:
        parts = {
            "program": one.program.source if one.program else None,
            "image": picture(folder / "out.png") if one.clip and not budget.spent else None,
            "audio": sound(Path(one.clip.path)) if one.clip and not budget.spent else None,
        }
        return {
            name: budget.spend(text) if text is not None else None for name, text in parts.items()
        }

    share = Budget(budget.left_bytes // BASELINES_SHARE)

    def clip(wav: Path) -> str | None:
        text = None if share.spent else sound(wav)
        return budget.spend(text) if text is not None and share.spend(text) is not None else None

    return Media(carry, clip)


def _group(runs: Sequence[Run]) -> Json:
    name = headline(runs[0])
    tasks = {one.task.id: one.task.caption for run in runs for one in run.attempts}
    notice = f"Scores by {name}, a stand-in: they order sounds of one tier roughly and must not be compared with CLAP scores."
    values: dict[str, set[str]] = defaultdict(set)
    for axis, value in (pair for run in runs for pair in _axes(run).items()):
        values[axis].add(value)
    varying = [axis for axis, several in values.items() if len(several) > 1] or ["model"]
    return {
        "title": runs[0].config.tier.name,
        "metric": name,
        "notice": notice if is_standin(runs[0]) else None,
        "same": ", ".join(
            f"{axis} {next(iter(several))}"
            for axis, several in values.items()
            if axis not in varying
        ),
        "fad": distance(runs),
        "against": against(one for one in runs if "fad" in one.scores) or None,
        "unsure": stability.told(runs, name) or None,
        "runs": [_standing(one, name, varying) for one in statistics.ranking(runs, name)],
        "tasks": [{"id": task, "caption": caption} for task, caption in sorted(tasks.items())],
    }


def _short(run: Run, varying: Sequence[str]) -> str:
    """The run by what tells it from the others of its table."""
    signs = {"model": "", "strategy": "", "temperature": "t"}
    words = (
        f"{signs.get(axis, f'{axis}=')}{value}"
        for axis, value in _axes(run).items()
        if axis in varying
    )
    return f"{' '.join(words)}{mark(run)}"


def _standing(one: statistics.Rank, name: str, varying: Sequence[str]) -> Json:
    run, found = one.run, one.mean
    heard = statistics.run_mean(run, name)
    return {
        "id": run.key,
        "label": f"{statistics.label(run)}{mark(run)}",
        "short": _short(run, varying),
        "axes": _axes(run),
        **{
            end: getattr(found, field) if found else None
            for end, field in (("mean", "value"), ("low", "low"), ("high", "high"))
        },
        "best_rank": one.best_rank,
        "worst_rank": one.worst_rank,
        "score": heard.value if heard else None,
        "se": heard.standard_error if heard else None,
        **{
            short: run.scores.get(long)
            for short, long in (("valid_rate", "valid_rate"), ("fad", "fad"), ("cost", "cost_usd"))
        },
    }


def _axes(run: Run) -> dict[str, str]:
    """What the run can be filtered by: its swept values."""
    words = (word.partition("=") for word in run.facts.get("swept", "").split(" "))
    named = {"model": run.config.model.name, "strategy": run.config.strategy.name}
    return {
        **named,
        "temperature": f"{run.config.temperature:g}",
        **{axis: value for axis, equals, value in words if equals},
    }


def _marked(run: Run) -> list[tuple[Attempt, bool]]:
    counted = {id(one) for one in statistics.picked(run).values()}
    return [(one, id(one) in counted) for one in run.attempts]


def _first_to_travel(one: tuple[Attempt, RunFolder, bool]) -> tuple[bool, int, str]:
    """Where not everything fits, every run keeps something to hear: what counts, first samples, task by task."""
    attempt, _, counts = one
    return not counts, attempt.sample, attempt.task.id


def _attempt(one: Attempt, folder: RunFolder, *, counts: bool) -> Json:
    return {
        "run": one.run,
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
