"""What a command line would run, worked out before anything runs.

An unknown name, a wrong type or a broken task file is a ConfigError here, before a model is asked.
"""

import os
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from math import prod
from typing import Any

from hydra.core.override_parser.types import Glob, Override

from earmark import paths
from earmark.config.choices import choices
from earmark.config.compose import Composed, compose_line, run_name
from earmark.config.grid import Point, compose_grid
from earmark.config.schema import RunConfig
from earmark.config.words import listed_values, parse_words
from earmark.errors import ConfigError, printable
from earmark.identity import digest
from earmark.sweep.partial_settings import PartialSettings, is_group_setting, partial_settings

# Settings that do not make another sweep of a line: under another name a raised budget would begin
# at nothing spent, and a batch would be forgotten.
NOT_NAMING = ("hydra", "dry_run=", "budget_usd=", "asking=")


@dataclass(frozen=True)
class Plan:
    """A sweep to be.

    words     the line in Hydra's grammar, each swept value once
    fixed     the overrides that all runs share
    axes      of each swept setting its overrides, one per value; none for a search
    swept     the names of the swept settings
    notes     what a person should know of the line
    runs      how many runs there will be; a search may end with fewer
    config    the configuration of the fixed overrides alone
    launcher  the settings of Hydra's launcher
    """

    name: str
    words: tuple[str, ...]
    fixed: tuple[str, ...]
    axes: tuple[tuple[str, ...], ...]
    swept: tuple[str, ...]
    runs: int
    multirun: bool
    tuning: bool
    config: RunConfig
    launcher: Mapping[str, Any]
    notes: tuple[str, ...] = ()

    @property
    def in_this_process(self) -> bool:
        """Whether Hydra's own launcher runs the runs, and no worker does."""
        return str(self.launcher["_target_"]).endswith(".BasicLauncher")

    def points(self) -> list[Point]:
        """Every run of the grid, each once. Raises ConfigError."""
        if not self.multirun:
            return [Point(self.words, {}, replace(self.config, name=self.name))]
        points = compose_grid(self.fixed, self.axes)
        named = [replace(one, config=replace(one.config, name=self.name)) for one in points]
        return list({run_name(one.config): one for one in named}.values())

    def configs(self) -> list[RunConfig]:
        """The configurations of these."""
        return [point.config for point in self.points()]


def plan(overrides: Sequence[str], *, multirun: bool) -> Plan:
    """The plan of a command line. ConfigError for what cannot be parsed or composed."""
    parsed = parse_words(overrides)
    swept = [one for one in parsed if one.is_sweep_override()]
    shared = [one for one in parsed if not one.is_sweep_override()]
    typed = tuple(str(one.input_line) for one in shared)
    line = _composed(typed)
    partial = PartialSettings()
    if multirun or not swept:
        partial = partial_settings(shared, _swept_choices(shared, swept, line))
    fixed = partial.applied(typed)
    if line is None or fixed != typed:
        line = _compose_fixed(fixed, swept)
    check_root()
    multirun = multirun or line.multirun
    if swept and not multirun:
        raise ConfigError(f"{swept[0].input_line}: several values need a sweep; add -m")
    if multirun:
        named = {one.key_or_group for one in parsed}
        swept += [one for one in _recorded(line) if one.key_or_group not in named]
    tuning = line.trials is not None
    axes = () if tuning else tuple(tuple(_values(one)) for one in swept)
    grid = prod(len(axis) for axis in axes)
    return Plan(
        words=partial.applied([str(one.input_line) if tuning else _word(one) for one in parsed]),
        name=sweep_name(line.config.name, overrides),
        fixed=fixed,
        axes=axes,
        swept=tuple(str(one.get_key_element()) for one in swept),
        runs=line.trials if line.trials is not None and multirun else grid,
        multirun=multirun,
        tuning=tuning,
        config=line.config,
        launcher=line.launcher,
        notes=partial.notes,
    )


def _composed(words: Sequence[str]) -> Composed | None:
    """What the words compose to; None where they do not, which is looked into by others."""
    with suppress(ConfigError):
        return compose_line(words)
    return None


def _swept_choices(
    shared: Sequence[Override], swept: Sequence[Override], line: Composed | None
) -> dict[str, list[str]]:
    """The choices of each swept group, those of an experiment included, where a word needs them."""
    if not any(map(is_group_setting, shared)):
        return {}
    line = line or _composed([str(one.input_line) for one in shared if not is_group_setting(one)])
    if line is not None and line.multirun:
        swept = [*swept, *_recorded(line)]
    groups = [one for one in swept if one.is_discrete_sweep() and choices(one.key_or_group)]
    return {one.key_or_group: _values(one) for one in reversed(groups)}


def _compose_fixed(fixed: Sequence[str], swept: Sequence[Override]) -> Composed:
    """What the overrides that all runs share compose to.

    Where one of them is a setting that only the swept choices have (model=a,b model.api_base=…),
    the first choice of each swept group is composed with them.
    """
    try:
        return compose_line(fixed)
    except ConfigError:
        groups = [one for one in swept if one.is_discrete_sweep() and choices(one.key_or_group)]
        if not groups:
            raise
        return compose_line([*fixed, *(_values(one)[0] for one in groups)])


def check_root() -> None:
    """Refuse a root or a cache that cannot be written."""
    for name, folder in (("EARMARK_ROOT", paths.root()), ("EARMARK_CACHE", paths.cache())):
        there = next(path for path in (folder, *folder.parents) if os.path.exists(path))
        if not there.is_dir() or not os.access(there, os.W_OK):
            hint = "set it to a folder that you may write to"
            raise ConfigError(f"{name}={folder}: nothing can be written to {there}; {hint}")


def _recorded(line: Composed) -> list[Override]:
    """The axes that conf/experiment/NAME.yaml holds."""
    parsed = parse_words([f"{key}={value}" for key, value in line.axes.items()])
    return [one for one in parsed if one.is_sweep_override()]


def _values(one: Override) -> list[str]:
    if not one.is_discrete_sweep():
        example = f"{one.key_or_group}=a,b"
        raise ConfigError(f"{one.input_line}: a plain sweep needs listed values, as in {example}")
    value = one.value()
    listed = (
        value.filter(choices(one.key_or_group)) if isinstance(value, Glob) else listed_values(one)
    )
    return [f"{one.get_key_element()}={item}" for item in listed]


def _word(one: Override) -> str:
    """The override as Hydra's sweeper is to read it."""
    if not one.is_discrete_sweep() or isinstance(one.value(), Glob):
        return str(one.input_line)
    return f"{one.get_key_element()}={','.join(listed_values(one))}"


def sweep_name(given: str, overrides: Sequence[str]) -> str:
    """The name given, else eight hex digits of the overrides: the same line, in any order."""
    kept = sorted(text for text in overrides if not text.startswith(NOT_NAMING))
    name = digest(kept)[:8] if given == "unnamed" else given
    well = name.isprintable() and "/" not in name and not name.startswith(".")
    if not name or len(name) > 100 or not well:
        rule = "must be a folder name of at most 100 printable characters, without / and no"
        raise ConfigError(f"name={printable(name)}: {rule} leading dot")
    return name
