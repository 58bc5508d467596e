"""conf/search.yaml and the words of `earmark tune` -> a SearchConfig: what is searched, and how."""

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import Any

from hydra.utils import instantiate
from pydantic import ValidationError

from earmark.config.choices import choices
from earmark.config.compose import compose_plain
from earmark.config.schema import Component
from earmark.errors import ConfigError
from earmark.records import load

GROUPS = ("hparams_search", "sampler", "pruner")
LIBRARY = ("optuna.samplers.*", "optuna.pruners.*", "earmark.*")  # what a search may build


@dataclass(frozen=True, slots=True)
class SearchConfig:
    """A search; `space` holds each parameter as conf/hparams_search/ writes it."""

    objective: tuple[str, ...]
    trials: int
    sampler: Component
    pruner: Component
    jobs: int = 1
    winners: int = 5
    confirm_limit: int | None = None
    witness: str | None = None
    space: Mapping[str, Any] = field(default_factory=dict)


def compose_search(words: Sequence[str]) -> tuple[SearchConfig, list[str]]:
    """The search that these words describe, and the words that are none of its own.

    Raises:
        ConfigError: an unknown choice, a wrong type, or a number that no search can use.
    """
    own = {one.name for one in fields(SearchConfig)} | set(GROUPS)
    ours = [word for word in words if _first_name(word) in own]
    for group in GROUPS:
        if f"{group}=null" in ours:
            raise ConfigError(f"{group}=null: must be one of {', '.join(choices(group))}")
    composed = compose_plain("search", ours)
    for group in ("sampler", "pruner"):
        composed[group] = _component(composed.get(group), group)
    if isinstance(composed.get("objective"), str):
        composed["objective"] = [composed["objective"]]
    try:
        search = load(SearchConfig, composed)
    except ValidationError as error:
        problem = error.errors()[0]
        place = ".".join(str(part) for part in problem["loc"])
        text = f"{place}: {problem['msg']}, got {problem['input']!r}"
        raise ConfigError(f"{text}; see conf/search.yaml") from error
    _check_numbers(search)
    return search, [word for word in words if word not in ours]


def _first_name(word: str) -> str:
    """The first name of a setting: `sampler` of +sampler.seed=1."""
    return word.lstrip("+~").partition("=")[0].partition(".")[0]


def build_search_part(component: Component, **given: object) -> Any:  # noqa: ANN401  what it names
    """The Optuna sampler or pruner of a component. Raises ConfigError."""
    node = {"_target_": component.target, **component.settings, **given}
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # that TPE's groups and the pruner are experimental
            return instantiate(node, _convert_="all", _execution_whitelist_=LIBRARY)
    except Exception as error:  # whatever the class refuses its settings by
        cause = error.__cause__ or error
        problem = " ".join(str(cause).split())
        raise ConfigError(f"{component.name}: {problem}; see its YAML file") from error


def _component(node: object, group: str) -> Component:
    if not isinstance(node, Mapping) or "_target_" not in node:
        known = ", ".join(choices(group))
        raise ConfigError(f"{group}: must be one of {known}, got {node!r}")
    settings = {key: one for key, one in node.items() if key not in ("_target_", "name")}
    return Component(str(node.get("name", group)), str(node["_target_"]), settings)


def _check_numbers(search: SearchConfig) -> None:
    lowest = {"trials": 1, "jobs": 1, "winners": 0}
    for name, low in lowest.items():
        if (value := getattr(search, name)) < low:
            raise ConfigError(f"{name}={value}: must be at least {low}")
    if search.confirm_limit is not None and search.confirm_limit < 1:
        rule = "must be at least 1, or null for every held-out task"
        raise ConfigError(f"confirm_limit={search.confirm_limit}: {rule}")
