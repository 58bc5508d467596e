"""A configuration in the shape of its YAML files -> the typed record; `schema.plain` leads back.

In YAML a component is `{_target_: CLASS, name: NAME, **settings}`; in the record its class, name
and what other code reads are fields, and the rest is `settings`.
"""

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from typing import Any, get_args, get_origin, get_type_hints

from pydantic import ValidationError

from earmark.config.schema import Component, PromptConfig, RunConfig
from earmark.errors import ConfigError, choose_from
from earmark.records import Json, load

REST = {Component: "settings", PromptConfig: "templates"}  # where the settings without a field go

RULES = {  # of pydantic's errors those that a person meets, in our words
    "int_parsing": "must be a whole number",
    "int_type": "must be a whole number",
    "int_from_float": "must be a whole number",
}


def typed(config: Mapping[str, Any]) -> RunConfig:
    """The record of a configuration in the shape of the YAML files.

    Raises:
        ConfigError: the first setting that does not fit, by name.
    """
    shaped = _shaped(RunConfig, config, "")
    try:
        return load(RunConfig, shaped)
    except ValidationError as error:
        problem = error.errors()[0]
        place = ".".join(str(part) for part in problem["loc"])
        if problem["type"] == "missing":
            raise ConfigError(f"{place}: must be set, is missing; see conf/config.yaml") from error
        rule = RULES.get(problem["type"], f"does not fit: {problem['msg']}")
        raise ConfigError(f"{place} {rule}, got {problem['input']!r}") from error


def _shaped(kind: type, node: object, place: str) -> object:
    """The node with its keys sorted into the fields of `kind`."""
    if not isinstance(node, Mapping):
        raise ConfigError(f"{place}: must be a group of settings, got {node!r}; see conf/{place}")
    hints = get_type_hints(kind)
    own = {one.name for one in fields(kind)}
    rest = {key: value for key, value in node.items() if key not in own and key != "_target_"}
    shaped: Json = {
        key: _child(hints[key], value, f"{place}.{key}".lstrip("."))
        for key, value in node.items()
        if key in own
    }
    where = next((name for base, name in REST.items() if issubclass(kind, base)), None)
    if where is None and rest:
        label = f"{place} {node.get('name', '')!r}" if place else "the top level"
        names = [one.name for one in fields(kind)] if place else sorted(own)
        hint = choose_from(min(rest), names)
        raise ConfigError(f"{label}: unknown setting {min(rest)!r}; {hint}")
    if where is not None:
        shaped[where] = rest
        shaped.setdefault("name", "")
    if issubclass(kind, Component):
        shaped["target"] = node.get("_target_", "")
    return shaped


def _child(hint: Any, value: object, place: str) -> object:  # noqa: ANN401  any annotation
    if is_dataclass(hint) and isinstance(hint, type):
        return _shaped(hint, value, place)
    if get_origin(hint) is not None and len(get_args(hint)) > 1 and isinstance(value, Mapping):
        item = get_args(hint)[1]
        return {key: _child(item, one, f"{place}.{key}") for key, one in value.items()}
    return value
