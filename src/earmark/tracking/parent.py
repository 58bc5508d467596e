"""What the parent run says of a sweep beyond its runs' sums: finished runs -> tags, metrics, the common configuration.

In: Runs without their attempts. Out: plain strings, finite numbers, JSON. Scores of different tiers or pipelines are never averaged.
It knows no store.
"""

from collections.abc import Iterator, Mapping, Sequence
from statistics import fmean
from typing import Any

from earmark.config.schema import plain
from earmark.identity import NOT_HASHED
from earmark.records import Json, Run


def metrics(runs: Sequence[Run]) -> dict[str, float]:
    """Mean share of valid episodes over the runs that are no baselines; scores of tiers have no common scale."""
    rates = [
        run.scores["valid_rate"]
        for run in runs
        if not _baseline(run) and "valid_rate" in run.scores
    ]
    return {"valid_rate": fmean(rates)} if rates else {}


def facts(runs: Sequence[Run]) -> dict[str, str]:
    """In what isolation programs ran, which models are baselines, what heard, and which references were compared with."""
    told = {
        "isolation": {run.facts.get("isolation", "unknown") for run in runs},
        "baselines": {run.config.model.name for run in runs if _baseline(run)},
        "embedders": {run.facts["embedder_id"] for run in runs if "embedder_id" in run.facts},
        "references": {
            f"{run.config.tier.name}: {run.facts['reference']}"
            for run in runs
            if "reference" in run.facts
        },
        "standin": {"yes" for run in runs if run.facts.get("standin") == "yes"},
    }
    return {name: "; ".join(sorted(values)) for name, values in told.items() if values}


def config(runs: Sequence[Run]) -> Json:
    """`fixed`: the settings that all runs share; `swept`: those that differ, each with its values. Names are dotted."""
    flat = [
        dict(leaves({k: v for k, v in plain(run.config).items() if k not in NOT_HASHED}))
        for run in runs
    ]
    names = sorted({name for one in flat for name in one})
    values = {name: _distinct([one.get(name) for one in flat]) for name in names}
    return {
        "fixed": {name: several[0] for name, several in values.items() if len(several) == 1},
        "swept": {name: several for name, several in values.items() if len(several) > 1},
    }


def leaves(config: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Every setting that is no mapping, under its dotted name."""
    for name, value in config.items():
        if isinstance(value, Mapping):
            yield from leaves(value, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", value


def _distinct(values: Sequence[Any]) -> list[Any]:
    found: list[Any] = []
    for value in values:
        if value not in found:
            found.append(value)
    return found


def _baseline(run: Run) -> bool:
    return run.facts.get("baseline") == "yes"
