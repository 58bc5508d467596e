"""What an MLflow run holds of a run: params, metrics, tags, datasets and files.

The names that others rely on are made here. Values keep within MLflow's limits.
"""

import json
import shutil
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from math import isfinite
from pathlib import Path
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from earmark.analysis.exclusion import words_of
from earmark.analysis.labels import headline, is_baseline, is_smoke, label, swept_words
from earmark.analysis.scores import picked_attempts
from earmark.errors import counted
from earmark.identity import digest, file_digest
from earmark.records import Attempt, Json, Run, dump
from earmark.report.page import portable_page
from earmark.report.pictures import thumbnail
from earmark.storage.atomic import write_json, write_text
from earmark.storage.run_folder import RunFolder
from earmark.tracking.connection import NOTE
from earmark.tracking.metric_names import headline_names, mlflow_metrics
from earmark.tracking.mlflow_runs import STOPPED, Content, Evaluation
from earmark.tracking.run_note import run_note
from earmark.tracking.trace_content import trace_contents

LAYOUT = "11"  # of what a run holds; raise it and the next sync writes every run again
SOURCE = {"mlflow.source.name": "earmark", "mlflow.source.type": "LOCAL"}
TABLES = json.dumps([{"path": "attempts.json", "type": "table"}])
PARAM_CHARS, TAG_CHARS = 500, 5000
TEXT_CHARS = 400
FACTS = ("isolation", "stand_in", "fad_stand_in", "pipeline", "reference", "rescored_from")
MAX_PICTURED = 3  # MLflow fetches each picture of each run by itself


def made_from(folder: RunFolder) -> str:
    """The digest of all that an MLflow run is made from."""
    summary = folder.path / "run.json" if folder.finished else folder.stopped_file
    return digest([LAYOUT, file_digest(summary)])[:32]


def run_content(folder: RunFolder, files: Path, *, parent_id: str) -> Content:
    """The content of a finished run; its own files are written into the folder `files`."""
    run = folder.run()
    write_files(run, folder, files)
    shown = {
        "mlflow.parentRunId": parent_id,
        "mlflow.loggedArtifacts": TABLES,
        "mlflow.loggedImages": "true",
        NOTE: run_note(run),
        **SOURCE,
    }
    folders = {"": files}
    if run.attempts:
        folders["attempts"] = folder.path / "attempts"
    written = [path.stat().st_mtime for path in folder.path.glob("attempts/*/*/prompt.md")]
    ended = ended_seconds(folder)
    return Content(
        name=label(run),
        made_from=made_from(folder),
        params=params(run),
        metrics=metrics(run),
        tags={**tags(run), **shown},
        datasets=datasets(run),
        evaluation=evaluation(run, folder),
        folders=folders,
        started_ms=round(min(written, default=ended) * 1000),
        ended_ms=round(ended * 1000),
    )


def stopped_content(folder: RunFolder, files: Path, *, parent_id: str) -> Content:
    """The content of a run that a search gave up: what it measured, and its attempts.

    Its means are of fewer tasks, so they share no column with those of finished runs.
    """
    run = folder.stopped_run()
    write_files(run, folder, files)
    tasks = len({one.task.id for one in run.attempts})
    measured = {name: one for name, one in metrics(run).items() if "/" not in name}
    note = f"Stopped by the search after {counted(tasks, 'task')}: worse than the best so far."
    ended_ms = round(folder.stopped_file.stat().st_mtime * 1000)
    return Content(
        name=f"{label(run)} (stopped)",
        made_from=made_from(folder),
        params=params(run),
        metrics={
            "stopped/tasks": float(tasks),
            **{f"stopped/{name}": one for name, one in measured.items()},
        },
        tags={
            **tags(run),
            "earmark.kind": "stopped",
            "mlflow.parentRunId": parent_id,
            "mlflow.loggedArtifacts": TABLES,
            NOTE: note,
            **SOURCE,
        },
        folders={"": files, "attempts": folder.path / "attempts"},
        started_ms=ended_ms,
        ended_ms=ended_ms,
        status=STOPPED,
    )


def evaluation(run: Run, folder: RunFolder) -> Evaluation | None:
    """The run's traces, wording and tasks; None where `tracking.traces` leaves them out."""
    if not run.config.tracking.traces:
        return None
    tasks = {one.task.id: one.task for one in run.attempts}
    return Evaluation(
        owner=(run.sweep, run.key),
        traces=trace_contents(run, folder),
        wording=(run.config.prompt.name, run.config.prompt.templates),
        tasks=[task for _, task in sorted(tasks.items())],
        lock=folder.path.parents[1] / ".registry.lock",
    )


def ended_seconds(folder: RunFolder) -> float:
    """When the run was finished, in seconds since 1970."""
    return folder.finished_file.stat().st_mtime


def params(run: Run) -> dict[str, str]:
    """The swept names first, then sampling, seed, the strategy's settings and the isolation."""
    config = run.config
    flat: dict[str, object] = {
        "model": config.model.name,
        "tier": config.tier.name,
        "strategy": config.strategy.name,
        "embedder": config.embedder.name,
        "fad_embedder": config.fad_embedder.name,
        **_temperature(run),
        "samples": config.samples,
        "seed": config.seed,
        "prompt": config.prompt.name,
        "metric": config.strategy.metric,
        "isolation": run.facts.isolation or "unknown",
    }
    for name, value in {**asdict(config.sampling), **config.strategy.settings}.items():
        flat.setdefault(name, value)
    return {
        name: f"{value}"[:PARAM_CHARS]
        for name, value in flat.items()
        if isinstance(value, str | int | float)
    }


def metrics(run: Run) -> dict[str, float]:
    """The run's scores under their names in MLflow, finite ones only."""
    return mlflow_metrics(run.scores, headline(run))


def tags(run: Run) -> dict[str, str]:
    """What finds and tells runs apart, and why a headline number is missing; run.json has all."""
    named = {
        "earmark.kind": "run",
        "earmark.run": run.key,
        "earmark.sweep": run.sweep,
        "earmark.pictured": ",".join(pictured(run)),
    }
    named |= {f"earmark.{name}": value for name, value in _facts(run).items()}
    infinite = {name: f"was {value}" for name, value in run.scores.items() if not isfinite(value)}
    headlines = headline_names(headline(run))
    for name, reason in {**run.unscored, **infinite}.items():
        if name in headlines:
            named[f"unscored.{name}"] = reason
    return {name: value[:TAG_CHARS] for name, value in named.items()}


def datasets(run: Run) -> list[tuple[str, str, str]]:
    """(name, digest, context) of the tasks, and of the reference where one was used."""
    tier = run.config.tier.name
    tasks = {one.task.id: dump(one.task) for one in run.attempts}
    used = [] if run.config.tracking.traces else [(f"{tier} tasks", digest(tasks)[:16], "tasks")]
    if run.facts.reference_digest:
        used.append((f"{tier} reference", run.facts.reference_digest[:16], "reference"))
    return used


def pictured(run: Run) -> dict[str, Attempt]:
    """The attempts whose spectrograms the saved view shows, by task.

    They are of the first few tasks, so of the same ones in every run of a tier.
    """
    picked = sorted(picked_attempts(run).items())
    first = [(task, one) for (task, sample), one in picked if sample == 0]
    return {task: one for task, one in first[:MAX_PICTURED] if one.valid}


def attempts_table(run: Run) -> Json:
    """The attempts as MLflow's split table, one row for each; no dots in names."""
    picked = set(run.picked)
    scores = sorted({name for one in run.attempts for name in one.scores})
    rows = [{**_row(one, scores), "picked": one.key in picked} for one in run.attempts]
    heads = list(rows[0]) if rows else ["task", "sample", "turn"]
    return {
        "columns": [head.replace(".", "_") for head in heads],
        "data": [list(row.values()) for row in rows],
    }


def write_files(run: Run, folder: RunFolder, into: Path) -> None:
    """Write the artifacts that stand next to the attempts: table, page, pictures, run.json."""
    write_json(into / "attempts.json", attempts_table(run))
    write_text(into / "listen.html", portable_page(label(run), [(folder, run)]))
    for task, one in pictured(run).items():
        _write_picture(folder.folder_of(one) / "out.png", into / "images", task)
    for name in ("run.json", "stopped.json", "run.log"):
        if (folder.path / name).is_file():
            shutil.copyfile(folder.path / name, into / name)


def _write_picture(png: Path, into: Path, key: str) -> None:
    """Under the names by which MLflow's charts find a logged image, full and small."""
    if png.is_file():
        into.mkdir(exist_ok=True)
        name = f"{key}+step+0+timestamp+0+{uuid5(NAMESPACE_URL, key)}"
        shutil.copyfile(png, into / f"{name}.png")
        thumbnail(png).save(into / f"{name}+compressed.webp", format="WEBP", quality=60)


def _temperature(run: Run) -> dict[str, object]:
    """The temperature that models sampled at; the requested one next to it where they differ."""
    requested = run.config.temperature
    effective = {one.completion.effective.temperature for one in run.attempts if one.completion}
    if effective <= {requested}:
        return {"temperature": requested}
    words = {"provider default" if value is None else f"{value:g}" for value in effective}
    return {"temperature": " or ".join(sorted(words)), "temperature_requested": requested}


def _facts(run: Run) -> dict[str, str]:
    """FACTS as texts: `yes` for a mark that holds; unknown ones are left out."""
    facts: dict[str, Any] = {
        **{name: getattr(run.facts, name) for name in FACTS},
        "swept": swept_words(run),
        "excluded": "; ".join(map(words_of, run.excluded)),
        "baseline": is_baseline(run),
        "smoke": is_smoke(run),
    }
    return {name: "yes" if value is True else str(value) for name, value in facts.items() if value}


def _row(one: Attempt, scores: Iterable[str]) -> dict[str, Any]:
    failure, program, completion = one.failure, one.program, one.completion
    folder = f"attempts/{one.task.id}/{one.sample}-{one.turn}"
    picture = f"{folder}/out.png"
    return {
        "task": one.task.id,
        "sample": one.sample,
        "turn": one.turn,
        "valid": one.valid,
        "failure": failure.kind if failure else "",
        **{name: one.scores.get(name) for name in scores},
        "spectrogram": {"type": "image", "filepath": picture, "compressed_filepath": picture}
        if one.clip
        else None,
        "caption": one.task.caption[:TEXT_CHARS],
        "message": failure.message[:TEXT_CHARS] if failure else _reasons(one.unscored),
        "program": program.source[:TEXT_CHARS] if program else "",
        "cheats": program.features.get("cheats", "") if program else "",
        "seconds": completion.seconds if completion else None,
        "cost_usd": completion.cost_usd if completion else None,
        "folder": folder,
    }


def _reasons(unscored: Mapping[str, str]) -> str:
    return "; ".join(f"{name}: {reason}" for name, reason in unscored.items())[:TEXT_CHARS]
