"""What the parent run says of a sweep beyond its cells' sums: finished cells -> tags, metrics, the common configuration.

In: Cells without their attempts. Out: plain strings, finite numbers, JSON. Scores of different tiers or pipelines are never averaged.
It knows no store.
"""

from collections.abc import Iterator, Mapping, Sequence
from statistics import fmean
from typing import Any

from earmark.identity import NOT_HASHED
from earmark.records import Cell, Json


def metrics(cells: Sequence[Cell]) -> dict[str, float]:
    """Mean share of valid episodes over the cells that are no controls; scores of tiers have no common scale."""
    rates = [cell.scores["valid_rate"] for cell in cells if not _control(cell) and "valid_rate" in cell.scores]
    return {"valid_rate": fmean(rates)} if rates else {}


def facts(cells: Sequence[Cell]) -> dict[str, str]:
    """In what isolation programs ran, which models are controls, what heard, and which references were compared with."""
    told = {
        "isolation": {cell.facts.get("isolation", "unknown") for cell in cells},
        "controls": {str(cell.config["model"]["name"]) for cell in cells if _control(cell)},
        "embedders": {cell.facts["embedder_id"] for cell in cells if "embedder_id" in cell.facts},
        "references": {f"{cell.config['tier']['name']}: {cell.facts['reference']}" for cell in cells if "reference" in cell.facts},
        "standin": {"yes" for cell in cells if cell.facts.get("standin") == "yes"},
    }
    return {name: "; ".join(sorted(values)) for name, values in told.items() if values}


def config(cells: Sequence[Cell]) -> Json:
    """`fixed`: the settings that all cells share; `swept`: those that differ, each with its values. Names are dotted."""
    flat = [dict(leaves({name: value for name, value in cell.config.items() if name not in NOT_HASHED})) for cell in cells]
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


def _control(cell: Cell) -> bool:
    return cell.facts.get("control") == "yes"
