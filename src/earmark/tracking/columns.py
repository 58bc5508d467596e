"""What a run says of a run: a Run -> params, metrics, tags, a table of attempts.

In: a finished Run with its attempts. Out: plain strings and finite numbers within MLflow's limits. Names others rely on are made here and
nowhere else. It knows no store.
"""

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from math import isfinite
from typing import Any

from earmark.analysis import statistics
from earmark.identity import digest
from earmark.records import Attempt, Json, Run, dump
from earmark.report.table import distance

PARAM_CHARS, TAG_CHARS = 500, 5000
SHOWN_CHARS = 400
PICTURED = 3  # MLflow fetches each picture of each run by itself


def params(run: Run) -> dict[str, str]:
    """Flat, short: the swept names first, then sampling, seed, the strategy's settings and the isolation."""
    config = run.config
    flat: dict[str, object] = {
        "model": config.model.name,
        "tier": config.tier.name,
        "strategy": config.strategy.name,
        "embedder": config.embedder.name,
        "fad_embedder": config.fad_embedder.name,
        "temperature": config.temperature,
        "samples": config.samples,
        "seed": config.seed,
        "max_turns": config.max_turns,
    }
    extras = {
        **asdict(config.sampling),
        **config.strategy.settings,
        "metric": config.strategy.metric,
        "prompt": config.prompt.name,
    }
    flat |= {
        name: value
        for name, value in extras.items()
        if name not in flat and not name.startswith("_") and name != "name"
    }
    flat["isolation"] = run.facts.get("isolation", "unknown")
    return {
        name: f"{value}"[:PARAM_CHARS]
        for name, value in flat.items()
        if isinstance(value, str | int | float)
    }


def metrics(run: Run) -> dict[str, float]:
    """The run's scores as they are, finite ones only."""
    name, said = run.config.embedder.name, run.scores
    first = [
        one for one in (name, f"{name}_se", f"{name}_all", "valid_rate", "fad") if one in said
    ]  # the run page keeps this order
    return {one: float(said[one]) for one in dict.fromkeys([*first, *said]) if isfinite(said[one])}


def tags(run: Run) -> dict[str, str]:
    """Facts of the run, and for each number that could not be given the reason."""
    infinite = {name: f"was {value}" for name, value in run.scores.items() if not isfinite(value)}
    named = {
        "earmark.kind": "run",
        "earmark.run": run.key,
        "earmark.sweep": run.sweep,
        **{f"earmark.{name}": value for name, value in run.facts.items()},
        "earmark.pictured": ",".join(pictured(run)),
        **{f"unscored.{name}": reason for name, reason in {**run.unscored, **infinite}.items()},
    }
    return {name: value[:TAG_CHARS] for name, value in named.items()}


def note(run: Run) -> str:
    """What a person should read first on the run's page, as Markdown."""
    name, scores = run.config.embedder.name, run.scores
    shown = (
        f"{name} (a stand-in: never compare it with CLAP)"
        if run.facts.get("standin") == "yes"
        else name
    )
    error = f" ± {scores[f'{name}_se']:.3f}" if f"{name}_se" in scores else ""
    apart = f"{distance([run])} {_number(scores.get('fad'))}"
    lines = [
        f"Heard by **{shown}**",
        f"- **{name}** {_number(scores.get(name))}{error}, with failures at the floor {_number(scores.get(f'{name}_all'))}",
        f"- **{_number(scores.get('valid_rate'), '.0%')}** of episodes left an audible clip, {apart}",
        "- listen: *Artifacts*, `listen.html`; each attempt is in `attempts/`",
    ]
    return "\n".join(lines)


def _number(value: float | None, form: str = ".3f") -> str:
    return "–" if value is None else format(value, form)


def datasets(run: Run) -> list[tuple[str, str, str]]:
    """(name, digest, context) of what went in: the tasks asked, and the reference set where one was used."""
    tier = run.config.tier.name
    tasks = {one.task.id: dump(one.task) for one in run.attempts}
    found = [(f"{tier} tasks", digest(tasks)[:16], "asked")]
    reference = run.facts.get("reference_digest")
    return [*found, (f"{tier} reference", reference[:16], "compared")] if reference else found


def pictured(run: Run) -> dict[str, Attempt]:
    """The attempts whose spectrograms stand in the saved view, by task: the first few tasks, the same ones in every run of a tier."""
    picks = statistics.picked(run)
    tasks = sorted({task for task, _ in picks})[:PICTURED]
    return {
        task: one
        for (task, sample), one in picks.items()
        if task in tasks and sample == 0 and one.valid
    }


def table(run: Run) -> dict[str, Any]:
    """The attempts as MLflow's split table: `columns` and `data`, one row for each attempt; no dots in names."""
    counted = {id(one) for one in statistics.picked(run).values()}
    names = sorted({name for one in run.attempts for name in one.scores})
    rows = [_row(one, names, counts=id(one) in counted) for one in run.attempts]
    heads = list(rows[0]) if rows else ["task", "sample", "turn"]
    return {
        "columns": [head.replace(".", "_") for head in heads],
        "data": [list(row.values()) for row in rows],
    }


def _row(one: Attempt, names: Iterable[str], *, counts: bool) -> dict[str, Any]:
    failure, answer = one.failure, one.completion
    return {
        "task": one.task.id,
        "sample": one.sample,
        "turn": one.turn,
        "counts": counts,
        "valid": one.valid,
        "failure": failure.kind if failure else "",
        **{name: one.scores.get(name) for name in names},
        "spectrogram": _picture(one),
        "caption": one.task.caption[:SHOWN_CHARS],
        "message": failure.message[:SHOWN_CHARS] if failure else _reasons(one.unscored),
        "program": one.program.source[:SHOWN_CHARS] if one.program else "",
        "cheats": one.program.features.get("cheats", "") if one.program else "",
        "seconds": answer.seconds if answer else None,
        "cost_usd": answer.cost_usd if answer else None,
        "folder": place(one),
    }


def baselines(told: Iterable[Json]) -> dict[str, float]:
    """Means of the baselines as `baselines TIER EMBEDDER ID/BASELINE`: the id keeps what other pipelines or tasks gave apart."""
    means: dict[str, float] = {}
    for one in told:
        where = f"baselines {one['tier']} {one['headline']} {digest(one)[:8]}"
        means |= {
            f"{where}/{name}": found["value"]
            for name, found in one["baselines"].items()
            if "value" in found
        }
    return means


def place(one: Attempt) -> str:
    """The folder of an attempt among a run's artifacts."""
    return f"attempts/{one.task.id}/{one.sample}-{one.turn}"


def _picture(one: Attempt) -> dict[str, str] | None:
    path = f"{place(one)}/out.png"
    return {"type": "image", "filepath": path, "compressed_filepath": path} if one.clip else None


def _reasons(unscored: Mapping[str, str]) -> str:
    return "; ".join(f"{name}: {reason}" for name, reason in unscored.items())[:SHOWN_CHARS]
