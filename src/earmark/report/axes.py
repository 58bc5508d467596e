"""The swept settings of runs, by which the listening page names and filters them."""

from collections.abc import Sequence

from earmark.analysis.labels import settings_of
from earmark.records import Run

SIGNS = {"model": "", "strategy": "", "temperature": "t"}  # else the setting's name and `=`


def varying_axes(runs: Sequence[Run]) -> list[str]:
    """The axes in which runs differ; the model where they differ in none."""
    return [axis for axis, several in _values(runs).items() if len(several) > 1] or ["model"]


def shared_axes(runs: Sequence[Run]) -> str:
    """The values that all runs have in common, in words."""
    varying = varying_axes(runs)
    shared = [(axis, several) for axis, several in _values(runs).items() if axis not in varying]
    return ", ".join(f"{axis} {several[0]}" for axis, several in shared)


def short_label(run: Run, varying: Sequence[str]) -> str:
    """The run by the values that tell it from the others of its table."""
    values = {axis: value for axis, value in settings_of(run).items() if axis in varying}
    return " ".join(f"{SIGNS.get(axis, f'{axis}=')}{value}" for axis, value in values.items())


def _values(runs: Sequence[Run]) -> dict[str, list[str]]:
    """The different values of each axis, in order of appearance."""
    values: dict[str, list[str]] = {}
    for run in runs:
        for axis, value in settings_of(run).items():
            several = values.setdefault(axis, [])
            if value not in several:
                several.append(value)
    return values
