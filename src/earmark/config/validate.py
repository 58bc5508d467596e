"""A composed configuration checked against the classes that it names, and the ranges of numbers.

Before anything is built: a setting that a class does not have, a value of a wrong type, a number
that no run can use. Every refusal is a ConfigError that names the setting.
"""

import importlib
import inspect
import json
import math
import os
from collections.abc import Mapping
from dataclasses import is_dataclass
from functools import cache, lru_cache
from typing import Any, get_args, get_type_hints

from pydantic import ConfigDict, TypeAdapter, ValidationError

from earmark.config.schema import RunConfig
from earmark.errors import ConfigError, choose_from, printable
from earmark.strategies.prompt_template import PARTS

# Settings that a node may have whether its class takes them or not: they are read from the record.
PLUGINS = "EARMARK_PLUGINS"  # the variable that names packages of the user's own
ANY_CLASS = {"name", "on_unsupported", "smoke", "traces"}
NAMED = ("model", "tier", "strategy", "prompt", "embedder", "fad_embedder", "metric", "reference")
ASKING = ("each", "batch")
RANGES = {"temperature": (0.0, 2.0), "samples": (1, 10_000)}


def check_components(plain: Mapping[str, Any], where: str = "") -> None:
    """Hold every node with a `_target_` against the constructor that it names."""
    for name, node in plain.items():
        if isinstance(node, Mapping):
            place = f"{where}.{name}".lstrip(".")
            if "_target_" in node:
                _check_node(json.dumps(node, sort_keys=True, default=repr), place)
            else:
                check_components(node, place)


def packages() -> tuple[str, ...]:
    """The packages whose classes a configuration may name: ours, and those the user has named."""
    return ("earmark", *os.environ.get(PLUGINS, "").replace(",", " ").split())


def locate(target: str, place: str) -> Any:  # noqa: ANN401  a class or a function, as the YAML says
    """What `_target_` names. Raises ConfigError."""
    package = target.partition(".")[0]
    if package not in packages():
        rule = f"a class must be of {' or '.join(packages())}, got {target}"
        raise ConfigError(f"{place}._target_: {rule}; set {PLUGINS}={package}")
    module, _, name = target.rpartition(".")
    hint = f"see the YAML file of {place}, and PYTHONPATH for a package of your own"
    try:
        found = getattr(importlib.import_module(module), name)
    except (Exception, SystemExit) as error:  # a module of the user's own may raise anything
        problem = printable(str(error)) or type(error).__name__
        raise ConfigError(
            f"{place}._target_: {target} cannot be imported ({problem}); {hint}"
        ) from error
    if not callable(found):
        raise ConfigError(f"{place}._target_: {target} must be a class or a function; {hint}")
    return found


@lru_cache(maxsize=4096)
def _check_node(text: str, place: str) -> None:
    """Check one node; a grid names the same few again and again."""
    node: dict[str, Any] = json.loads(text)
    target = str(node["_target_"])
    parameters, hints = _signature(target, place)
    given = {
        key: value for key, value in node.items() if not key.startswith("_") or key == "_args_"
    }
    unknown = sorted(given.keys() - parameters.keys() - ANY_CLASS)
    takes_any = any(one.kind is one.VAR_KEYWORD for one in parameters.values())
    if unknown and not takes_any:
        hint = choose_from(unknown[0], parameters)
        raise ConfigError(f"{place}.{unknown[0]}: no such setting of {target}; {hint}")
    for name, value in given.items():
        if name in hints and not _holds_components(value):
            _check_value(hints[name], value, f"{place}.{name}")
    check_components(node, place)


@cache
def _signature(target: str, place: str) -> tuple[Mapping[str, inspect.Parameter], dict[str, Any]]:
    made = locate(target, place)
    hints = get_type_hints(made.__init__ if inspect.isclass(made) else made)
    return inspect.signature(made).parameters, hints


def _holds_components(value: object) -> bool:
    if isinstance(value, Mapping):
        return "_target_" in value or any(_holds_components(item) for item in value.values())
    return isinstance(value, list) and any(_holds_components(item) for item in value)


def _check_value(hint: Any, value: object, place: str) -> None:  # noqa: ANN401  any annotation
    # What else the hint allows may be a Protocol, which pydantic cannot hold a value against.
    if value is None and type(None) in get_args(hint):
        return
    try:
        settings = None if is_dataclass(hint) else ConfigDict(arbitrary_types_allowed=True)
        TypeAdapter(hint, config=settings).validate_python(value)
    except ValidationError as error:
        problem = error.errors()[0]
        raise ConfigError(f"{place}: {problem['msg']}, got {problem['input']!r}") from error


def check_prompt(prompt: object) -> None:
    """Refuse a part of the wording that no prompt has, or that is not text. Raises ConfigError."""
    for part, text in prompt.items() if isinstance(prompt, Mapping) else ():
        if part != "name" and part not in PARTS:
            raise ConfigError(f"prompt.{part}: unknown part; {choose_from(str(part), PARTS)}")
        if not isinstance(text, str):
            hint = f"put it into quotes: \"prompt.{part}='{text}'\""
            raise ConfigError(f"prompt.{part} must be a text, got {text!r}; {hint}")


def check_ranges(config: RunConfig) -> None:
    """Refuse numbers that no run can use."""
    budget_usd = config.budget_usd
    if budget_usd is not None and not 0 < budget_usd < math.inf:
        hint = "set budget_usd=null for no limit"
        raise ConfigError(f"budget_usd must be a number above 0, got {budget_usd:g}; {hint}")
    values = {"temperature": config.temperature, "samples": config.samples}
    for name, (low, high) in RANGES.items():
        if not low <= values[name] <= high:
            raise ConfigError(f"{name}={values[name]}: must be within {low}..{high}")
    for group in NAMED:
        name = getattr(config, group).name
        if not name.isprintable():
            rule = "must be one line of printable characters"
            raise ConfigError(f"{group}.name: {rule}, got {printable(name)}")
    if config.asking not in ASKING:
        rule = "each sends every request by itself, batch many together at half the price"
        hint = choose_from(config.asking, ASKING)
        raise ConfigError(f"asking={config.asking}: {hint} ({rule})")
    if (most := config.sampling.max_tokens) is not None and most < 1:
        rule = "must be at least 1, or null for the provider's default"
        raise ConfigError(f"sampling.max_tokens={most}: {rule}")
    at_once = config.concurrency
    for name, value in (
        ("requests", at_once.requests),
        ("programs", at_once.programs),
        ("scoring", at_once.scoring),
    ):
        if value < 1:
            raise ConfigError(f"concurrency.{name}={value}: must be at least 1")
