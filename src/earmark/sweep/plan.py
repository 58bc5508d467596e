"""What a command line would run, worked out before anything runs.

In: Hydra overrides. Out: the sweep's name and its points, and ConfigError for the first thing that would go wrong: an unknown
name, a wrong type, a broken task file. Asking, running and hearing are not touched; see sweep.py for what is.
"""

import itertools
import os
from collections.abc import Sequence
from dataclasses import dataclass
from math import prod
from pathlib import Path

from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.core.override_parser.types import Glob, Override
from hydra.errors import HydraException
from omegaconf import DictConfig

from earmark import paths
from earmark.config.compose import check, choices, compose, plain, settings
from earmark.errors import ConfigError
from earmark.identity import digest
from earmark.records import Json


@dataclass(frozen=True)
class Plan:
    """A sweep to be; runs may be fewer when tuning.

    `axes` holds each swept name's override strings, `swept` the names, `fixed` the overrides that all points share.
    """

    name: str
    fixed: tuple[str, ...]
    axes: tuple[tuple[str, ...], ...]
    runs: int
    multirun: bool
    tuning: bool
    swept: tuple[str, ...] = ()

    def points(self) -> list[tuple[str, ...]]:
        """Every point of the grid as overrides."""
        return [(*self.fixed, *values) for values in itertools.product(*self.axes)]

    def probes(self) -> list[tuple[str, ...]]:
        """Few points that together show every value of every axis."""
        first = [axis[0] for axis in self.axes]
        turned = [
            (*first[:at], value, *first[at + 1 :])
            for at, axis in enumerate(self.axes)
            for value in axis
        ]
        return [(*self.fixed, *values) for values in (turned or [()])]


def plan(overrides: Sequence[str], *, multirun: bool) -> Plan:
    """The plan of a command line; raises ConfigError for what cannot be parsed or composed."""
    parsed = _parse(overrides)
    fixed = tuple(
        text for text, one in zip(overrides, parsed, strict=True) if not one.is_sweep_override()
    )
    cfg = compose(fixed)
    many = multirun or (cfg.hydra.mode is not None and cfg.hydra.mode.name == "MULTIRUN")
    swept = [one for one in parsed if one.is_sweep_override()]
    if swept and not many:
        raise ConfigError(f"{swept[0].input_line}: several values need a sweep; add -m")
    named = {one.key_or_group for one in parsed}
    swept += [one for one in _recorded(cfg) if one.key_or_group not in named] if many else []
    tuning = "n_trials" in cfg.hydra.sweeper
    axes = () if tuning else tuple(tuple(_values(one)) for one in swept)
    runs = int(cfg.hydra.sweeper.n_trials) if tuning and many else prod(len(axis) for axis in axes)
    names = tuple(str(one.get_key_element()) for one in swept)
    return Plan(
        _name(cfg, overrides),
        fixed=fixed,
        axes=axes,
        runs=runs,
        multirun=many,
        tuning=tuning,
        swept=names,
    )


def _parse(overrides: Sequence[str]) -> list[Override]:
    try:
        return OverridesParser.create().parse_overrides(list(overrides))
    except HydraException as error:
        raise ConfigError(" ".join(str(error).split())) from error


def _recorded(cfg: DictConfig) -> list[Override]:
    """The axes that conf/experiment/NAME.yaml holds under hydra.sweeper.params."""
    params = cfg.hydra.sweeper.get("params") or {}
    return [
        one
        for one in _parse([f"{key}={value}" for key, value in params.items()])
        if one.is_sweep_override()
    ]


def _values(one: Override) -> list[str]:
    if not one.is_discrete_sweep():
        raise ConfigError(
            f"{one.input_line}: a plain sweep needs listed values, as in {one.key_or_group}=a,b"
        )
    value = one.value()
    listed = (
        value.filter(choices(one.key_or_group))
        if isinstance(value, Glob)
        else one.sweep_string_iterator()
    )
    return [f"{one.get_key_element()}={item}" for item in listed]


def _name(cfg: DictConfig, overrides: Sequence[str]) -> str:
    """The name given, else eight hex digits of the overrides: the same line, in any order, finds the same sweep.

    With another budget it is the same line: under another name the ledger would begin at nothing spent.
    """
    given = str(cfg.name)
    kept = sorted(
        text for text in overrides if not text.startswith(("hydra", "dry_run=", "budget_usd="))
    )
    name = digest(kept)[:8] if given == "unnamed" else given
    if not name or name.startswith(".") or "/" in name or len(name) > 100:
        raise ConfigError(
            f"name={name}: must be a folder name of at most 100 characters, without / and no leading dot"
        )
    return name


def checked(points: Sequence[Sequence[str]]) -> list[Json]:
    """The composed configuration of each point, held against the classes it names."""
    made = [plain(compose(point)) for point in points]
    for config in made:
        if unknown := sorted(config.keys() - settings()):
            raise ConfigError(
                f"{unknown[0]}: no such setting; the top level has {', '.join(sorted(settings()))}"
            )
        check({key: value for key, value in config.items() if isinstance(value, dict)})
        bounds(config)
    return made


def bounds(config: Json) -> None:
    """ConfigError for a number of the top level that is out of range, or a root that cannot be written to."""
    if Path(config["root"]) != paths.root():  # sync, export and the page must find it too
        place = config["root"]
        raise ConfigError(
            f"root={place}: where sweeps lie is no setting of one; set EARMARK_ROOT={place} for every command"
        )
    there = next(path for path in (paths.root(), *paths.root().parents) if path.exists())
    if not there.is_dir() or not os.access(there, os.W_OK):
        raise ConfigError(
            f"EARMARK_ROOT={paths.root()}: nothing can be written to {there}; set it to a folder that you may write to"
        )
    rules = {
        "temperature": (0.0, 2.0),
        "samples": (1, 10_000),
        "max_turns": (1, 100),
    }
    for name, (low, high) in rules.items():
        if not low <= config[name] <= high:
            raise ConfigError(f"{name}={config[name]}: must be within {low}..{high}")
    if (most := config["sampling"]["max_tokens"]) is not None and most < 1:
        raise ConfigError(
            f"sampling.max_tokens={most}: must be at least 1, or null for the provider's default"
        )
    for name, value in config["concurrency"].items():
        if value < 1:
            raise ConfigError(f"concurrency.{name}={value}: must be at least 1")
