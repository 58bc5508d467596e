"""What the parent MLflow run holds of a sweep: sums over its runs, facts, settings and files.

Scores of different tiers or pipelines are never averaged.
"""

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from statistics import fmean
from typing import Any

from earmark.analysis.labels import is_baseline
from earmark.config.schema import plain
from earmark.errors import counted
from earmark.identity import NOT_HASHED, digest, file_digest
from earmark.records import Json, Run, Scores
from earmark.report import Results, load_results, render_markdown, summary_tables, tables
from earmark.report.page import portable_page
from earmark.report.report import write_report
from earmark.report.spending import total_spending
from earmark.report.verdict import verdict_lines
from earmark.storage import ratings
from earmark.storage.atomic import read_json, write_bytes, write_json, write_text
from earmark.storage.foreign import own_files
from earmark.storage.run_folder import RunFolder
from earmark.storage.sweep_folder import SweepFolder
from earmark.storage.votes import ballots
from earmark.tracking.connection import NOTE
from earmark.tracking.metric_names import CHARTED, mlflow_metrics
from earmark.tracking.mlflow_runs import Content
from earmark.tracking.run_content import LAYOUT, TAG_CHARS, ended_seconds, made_from
from earmark.tracking.run_note import Pages, placed_note

NOTE_CHARS = 4900
# Which answers runs share is in their attempts, which are read when all runs are there.
UNFINISHED = Scores(unscored={"cost_usd": "summed when all runs are finished"})


def sweep_made_from(folder: SweepFolder) -> str:
    """The digest of all that the parent run is made from."""
    runs = [made_from(run) for run in folder.runs()]
    return digest([LAYOUT, _facts(folder), runs, _baselines(folder), *_people(folder)])[:32]


def finished_results(folder: SweepFolder) -> Results | None:
    """The results of a finished sweep; to read every attempt of another would only delay it."""
    count = len(folder.runs())
    return load_results(folder) if count and count >= _expected(folder, count) else None


def sweep_content(folder: SweepFolder, files: Path, results: Results | None) -> Content:
    """The content of the parent run; its files are written into the folder `files`."""
    run_folders = folder.runs()
    runs = [run.summary() for run in run_folders]
    expected = _expected(folder, len(runs))
    write_files(folder, runs, files, results)
    sums = total_spending(runs, results.shared) if results else UNFINISHED
    tags = {
        name: value if isinstance(value, str) else json.dumps(value)
        for name, value in {**_facts(folder), **facts(runs)}.items()
    }
    tags |= {
        "kind": "sweep",
        "sweep": folder.name,
        "finished": f"{len(runs)} of {counted(expected, 'run')}",
    }
    shown = {f"earmark.{name}": value[:TAG_CHARS] for name, value in tags.items()}
    unscored = {f"unscored.{name}": reason for name, reason in sums.unscored.items()}
    rates = metrics(runs)
    return Content(
        name=folder.name,
        made_from=sweep_made_from(folder),
        metrics={
            "runs": float(len(runs)),
            **{f"{CHARTED}/{name}": rate for name, rate in rates.items()},
            **mlflow_metrics(sums.values, ""),
            **rates,
            **baseline_means(_baselines(folder)),
            **search_metrics(_facts(folder)),
        },
        tags={**shown, **unscored, NOTE: _note(runs, results)},
        folders={"": files},
        ended_ms=round(max(map(ended_seconds, run_folders), default=0.0) * 1000),
        status="FINISHED" if len(runs) >= expected else "SCHEDULED",
    )


def placed_notes(results: Results, pages: Pages) -> dict[str, str]:
    """The note of each run of a finished sweep, by run key."""
    notes: dict[str, str] = {}
    for tier in results.conclusion.tiers:
        notes |= {one.run.key: placed_note(one.run, tier, pages) for one in tier.runs}
    return notes


def _expected(folder: SweepFolder, there: int) -> int:
    return int(_facts(folder).get("runs", there))


def parent_tags(folder: SweepFolder) -> dict[str, str]:
    """The tags by which the parent run is found."""
    return {"earmark.kind": "sweep", "earmark.sweep": folder.name}


def started_ms(folder: SweepFolder) -> int | None:
    """When the sweep was started, in ms since 1970; None where sweep.json does not say."""
    started = folder.facts().get("started")
    if not isinstance(started, str):
        return None
    return round(datetime.fromisoformat(started).timestamp() * 1000)


def metrics(runs: Sequence[Run]) -> dict[str, float]:
    """Mean share of valid episodes over a tier's models, or its baselines where there are none.

    Of several tiers each has its own, as `valid_rate/notes`.
    """
    asked = [run for run in runs if not is_baseline(run)]
    rates: dict[str, list[float]] = defaultdict(list)
    for run in asked or runs:
        if "valid_rate" in run.scores:
            rates[run.config.tier.name].append(run.scores["valid_rate"])
    if len(rates) == 1:
        return {"valid_rate": fmean(*rates.values())}
    return {f"valid_rate/{tier}": fmean(several) for tier, several in rates.items()}


def search_metrics(sweep_facts: Json) -> dict[str, float]:
    """What a search found: its best value, and the gain that was confirmed."""
    found = {
        "best_value": sweep_facts.get("best", {}).get("value"),
        "confirmed_gain": sweep_facts.get("confirmed_gain"),
        "pruned_share": sweep_facts.get("trials", {}).get("saved_share"),
    }
    return {name: float(value) for name, value in found.items() if value is not None}


def facts(runs: Sequence[Run]) -> dict[str, str]:
    """Isolation, baselines, embedders and references of all runs."""
    several: dict[str, set[str]] = {
        "isolation": {run.facts.isolation or "unknown" for run in runs},
        "baselines": {run.config.model.name for run in runs if is_baseline(run)},
        "embedders": {run.facts.embedder_id for run in runs if run.facts.embedder_id},
        "references": {
            f"{run.config.tier.name}: {run.facts.reference}" for run in runs if run.facts.reference
        },
        "stand_in": {"yes" for run in runs if run.facts.stand_in},
    }
    return {name: "; ".join(sorted(values)) for name, values in several.items() if values}


def baseline_means(stored: Sequence[Json]) -> dict[str, float]:
    """Means of the baselines as `baseline/TIER EMBEDDER ID BASELINE`.

    The id keeps apart what other pipelines or tasks gave.
    """
    means: dict[str, float] = {}
    for one in stored:
        prefix = f"baseline/{one['tier']} {one['headline']} {digest(one)[:8]}"
        for name, baseline in one["baselines"].items():
            if "value" in baseline:
                means[f"{prefix} {name}"] = baseline["value"]
    return means


def settings(runs: Sequence[Run]) -> Json:
    """`fixed`: the settings that all runs share; `swept`: those that differ, with their values."""
    values: dict[str, list[Any]] = {}
    for run in runs:
        hashed = {
            name: value for name, value in plain(run.config).items() if name not in NOT_HASHED
        }
        for name, value in _leaves(hashed):
            values.setdefault(name, []).append(value)
    fixed: Json = {}
    swept: Json = {}
    for name, several in sorted(values.items()):
        if len(several) < len(runs):
            several.append(None)  # some runs have no such setting
        different = _distinct(several)
        if len(different) == 1:
            fixed[name] = different[0]
        else:
            swept[name] = different
    return {"fixed": fixed, "swept": swept}


def write_files(
    folder: SweepFolder, runs: Sequence[Run], into: Path, results: Results | None
) -> None:
    """Write the artifacts of the parent run; what needs the attempts only with `results`."""
    write_json(into / "sweep.json", folder.facts())
    write_json(into / "config.json", settings(runs))
    for kind in ("references", "baselines"):
        own_files(folder.path / kind)
        for path in folder.path.glob(f"{kind}/*.json"):
            write_text(into / kind / path.name, path.read_text(encoding="utf-8"))
    study = folder.path / "study"
    own_files(study)
    for path in sorted(study.rglob("*")):
        if path.is_file():
            write_bytes(into / "study" / path.relative_to(study), path.read_bytes())
    if results is not None:
        page = portable_page(
            folder.name, results.runs, results.conclusion, whole=RunFolder.read_again
        )
        write_text(into / "leaderboard.html", page)
        write_report(results, into / "report")


def _facts(folder: SweepFolder) -> Json:
    """What sweep.json holds, without the note of finished command lines, which changes no run."""
    return {name: value for name, value in folder.facts().items() if name != "complete"}


def _baselines(folder: SweepFolder) -> list[Json]:
    """What scores of the sweep are read against, for each tier, pipeline and set of tasks."""
    return [read_json(path) for path in sorted(folder.path.glob("baselines/*.json"))]


def _people(folder: SweepFolder) -> list[str]:
    """Digests of what people said; none where they said nothing."""
    paths = [*ballots(folder.path), folder.path / ratings.FILE]
    return [file_digest(path) for path in paths if path.is_file()]


def _note(runs: Sequence[Run], results: Results | None) -> str:
    """The verdict, then the tables, as far as they fit."""
    if results is None:
        text = render_markdown(summary_tables(runs))
    else:
        verdict = "\n\n".join(verdict_lines(results.conclusion))
        text = f"{verdict}\n\n{render_markdown(tables(results))}"
    if len(text) <= NOTE_CHARS:
        return text
    whole_lines = text[:NOTE_CHARS].rsplit("\n", 1)[0]
    return f"{whole_lines}\n\n(more in leaderboard.html)"


def _leaves(config: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Every setting that is no mapping, under its dotted name."""
    for name, value in config.items():
        if isinstance(value, Mapping):
            yield from _leaves(value, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", value


def _distinct(values: Sequence[Any]) -> list[Any]:
    """Each value once; settings may be lists, which no set can hold."""
    different: list[Any] = []
    for value in values:
        if value not in different:
            different.append(value)
    return different
