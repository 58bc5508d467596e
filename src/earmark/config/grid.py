"""The configurations of a grid, put together from few of its points.

Hydra takes a third of a second for a point, a grid has hundreds. But a swept setting changes only
some groups, and settings that change different groups are independent: a point is then put together
from points that change one of them each. Settings that change the same group (a strategy, and one
setting of it) are composed together. One point is composed whole as well: if it is not what was put
together, every point is composed.
"""

import itertools
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from earmark.config.compose import (
    compose_groups,
    config_of,
    from_plain,
    resolve_groups,
    settings_of,
)
from earmark.config.schema import RunConfig
from earmark.config.words import quoted

Axis = tuple[str, ...]  # the overrides of one swept setting, one per value
Groups = dict[str, Any]  # the top-level settings as they are written, with their interpolations
REFERENCE = re.compile(r"\$\{([\w.]*)")


@dataclass(frozen=True, slots=True)
class Point:
    """A run to be: its overrides in Hydra's grammar, what they compose to, and that as a record."""

    words: tuple[str, ...]
    groups: Mapping[str, Any]
    config: RunConfig


def compose_grid(fixed: Sequence[str], axes: Sequence[Axis]) -> list[Point]:
    """Every point, in the order of itertools.product. Raises ConfigError."""
    fixed = quoted(fixed)
    axes = [_quoted_axis(axis) for axis in axes]
    values = list(itertools.product(*axes))
    if len(values) <= max(sum(len(axis) for axis in axes), 1):
        return [_composed(fixed, one) for one in values]
    grid = _Grid(fixed, axes)
    if grid.groups(values[-1]) != compose_groups([*fixed, *values[-1]]):
        return [_composed(fixed, one) for one in values]
    own = _of_runs(fixed)
    return [Point((*own, *one), grid.groups(one), grid.config(one)) for one in values]


def _composed(fixed: Sequence[str], values: Sequence[str]) -> Point:
    groups = compose_groups([*fixed, *values])
    return Point((*_of_runs(fixed), *values), groups, config_of(groups))


def _quoted_axis(axis: Axis) -> Axis:
    return tuple(quoted([value])[0] for value in axis)


def _of_runs(words: Sequence[str]) -> list[str]:
    """The overrides without those of Hydra's own settings, which all runs share."""
    return [word for word in words if not word.lstrip("+~").startswith(("hydra.", "hydra/"))]


class _Grid:
    """The points of a grid, from the first of them and what each axis changes of it."""

    def __init__(self, fixed: Sequence[str], axes: Sequence[Axis]) -> None:
        self.fixed, self.axes = list(fixed), axes
        self.first = tuple(axis[0] for axis in axes)
        self.base = compose_groups([*fixed, *self.first])
        self._composed: dict[tuple[str, ...], Groups] = {self.first: self.base}
        self._resolved: dict[str, Any] = {}
        changed = [self._changed_by(at) for at in range(len(axes))]
        self._sets = [(axes, self._combinations(axes)) for axes in _joined(changed)]

    def groups(self, point: tuple[str, ...]) -> Groups:
        """A point, put together."""
        groups = dict(self.base)
        for axes, combinations in self._sets:
            groups |= combinations[tuple(point[at] for at in axes)]
        return groups

    def config(self, point: tuple[str, ...]) -> RunConfig:
        """The record of a point. Raises ConfigError."""
        groups = settings_of(self.groups(point))
        return from_plain({name: self._resolve(name, groups) for name in groups})

    def _changed_by(self, at: int) -> set[str]:
        """The groups that an axis changes."""
        changed: set[str] = set()
        for value in self.axes[at]:
            changed |= self._difference({at: value}).keys()
        return changed

    def _combinations(self, axes: Sequence[int]) -> dict[tuple[str, ...], Groups]:
        """What every combination of the values of these axes changes of the first point."""
        values = itertools.product(*(self.axes[at] for at in axes))
        return {one: self._difference(dict(zip(axes, one, strict=True))) for one in values}

    def _difference(self, values: dict[int, str]) -> Groups:
        point = tuple(values.get(at, value) for at, value in enumerate(self.first))
        if point not in self._composed:
            self._composed[point] = compose_groups([*self.fixed, *point])
        groups = self._composed[point]
        return {name: value for name, value in groups.items() if value != self.base.get(name)}

    def _resolve(self, name: str, groups: Groups) -> Any:  # noqa: ANN401  JSON
        """A group without interpolations; a grid resolves the same few again and again."""
        needed = {one: groups[one] for one in sorted(_references(name, groups))}
        key = json.dumps([name, needed], sort_keys=True)
        if key not in self._resolved:
            self._resolved[key] = resolve_groups(needed)[name]
        return self._resolved[key]


def _references(name: str, groups: Groups) -> set[str]:
    """The group, and those that its interpolations lead to."""
    found: set[str] = set()
    open_names = {name}
    while open_names:
        one = open_names.pop()
        found.add(one)
        paths = REFERENCE.findall(json.dumps(groups[one]))
        if any(path.startswith(".") or not path for path in paths):  # relative, or nested
            return set(groups)
        open_names |= {path.split(".")[0] for path in paths} & groups.keys() - found
    return found


def _joined(changed: Sequence[set[str]]) -> list[list[int]]:
    """The axes, those together that change a group in common."""
    sets: list[tuple[set[str], list[int]]] = []
    for at, groups in enumerate(changed):
        shared = [one for one in sets if one[0] & groups]
        sets = [one for one in sets if one not in shared]
        joined = groups.union(*(one[0] for one in shared))
        sets.append((joined, sorted([at, *(axis for one in shared for axis in one[1])])))
    return [axes for _, axes in sets]
