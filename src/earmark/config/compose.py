"""From configuration to objects: where OmegaConf ends and plain values begin.

In: Hydra overrides or a composed config. Out: plain values and the objects that the YAML files name by `_target_`. Bad values
become ConfigError before anything is asked, run or loaded. It starts no sweep.
"""

import importlib
import inspect
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from functools import cache
from typing import Any, get_args, get_type_hints

from hydra import compose as hydra_compose
from hydra import initialize_config_dir
from hydra.core.config_store import ConfigStore
from hydra.core.global_hydra import GlobalHydra
from hydra.core.hydra_config import HydraConfig
from hydra.errors import HydraException
from hydra.utils import instantiate
from omegaconf import MISSING, DictConfig, OmegaConf
from omegaconf.errors import OmegaConfBaseException
from pydantic import ConfigDict, TypeAdapter, ValidationError
from yaml import MarkedYAMLError, YAMLError

from earmark import paths
from earmark.errors import ConfigError
from earmark.identity import folder_digest, run_key
from earmark.records import Json
from earmark.tasks import tier_files

WHITELIST = ("earmark.*",)


@dataclass
class SamplingConf:
    """Sampling beyond temperature."""

    top_p: float | None = None
    max_tokens: int | None = None
    reasoning_effort: str | None = None


@dataclass
class ConcurrencyConf:
    """How many at once, per stage."""

    requests: int = 4
    programs: int = 2
    scoring: int = 1


@dataclass
class Config:
    """The typed top level; the groups are typed by the classes that their YAML names (see `check`)."""

    model: dict[str, Any] = MISSING
    baselines: dict[str, Any] = MISSING
    tier: dict[str, Any] = MISSING
    strategy: dict[str, Any] = MISSING
    prompt: dict[str, Any] = MISSING
    sandbox: dict[str, Any] = MISSING
    embedder: dict[str, Any] = MISSING
    fad_embedder: dict[str, Any] = MISSING
    metric: dict[str, Any] = MISSING
    reference: dict[str, Any] = MISSING
    tracking: dict[str, Any] = MISSING
    name: str = MISSING
    temperature: float = 0.7
    samples: int = 1
    seed: int = 0
    sampling: SamplingConf = field(default_factory=SamplingConf)
    max_turns: int = 6
    check_determinism: bool = False
    budget_usd: float | None = None
    replay: str | None = None
    dry_run: bool = False
    concurrency: ConcurrencyConf = field(default_factory=ConcurrencyConf)
    root: str = MISSING
    cache: str = MISSING
    cassette: str = MISSING


def settings() -> set[str]:
    """The names of the top level."""
    return {one.name for one in fields(Config)}


def register() -> None:
    """Tell Hydra the schema and our resolvers; safe to call again."""
    ConfigStore.instance().store(name="schema", node=Config, replace=True)
    tier_files.register()
    OmegaConf.register_resolver("earmark.root", lambda: str(paths.root()), replace=True)
    OmegaConf.register_resolver("earmark.cache", lambda: str(paths.cache()), replace=True)
    OmegaConf.register_resolver("earmark.run", _run_folder_name, replace=True)
    OmegaConf.register_resolver("earmark.digest", _package_digest, replace=True)


def _run_folder_name(*, _root_: DictConfig) -> str:
    return run_name(plain(_root_))


@cache
def _package_digest(folder: str) -> str:
    return folder_digest(paths.PACKAGE / folder)[:16]


def compose(overrides: Iterable[str]) -> DictConfig:
    """The composed configuration of one point. ConfigError in one line for a wrong name, choice or type."""
    register()
    words = list(overrides)
    try:
        return _composed(words)
    except (HydraException, OmegaConfBaseException) as error:
        raise ConfigError(_refusal(error, words)) from error
    except (YAMLError, UnicodeDecodeError) as error:
        raise ConfigError(_unreadable(error)) from error


def _composed(words: list[str]) -> DictConfig:
    if GlobalHydra.instance().is_initialized():
        return hydra_compose("config", words, return_hydra_config=True)
    with initialize_config_dir(str(paths.conf())):
        return hydra_compose("config", words, return_hydra_config=True)


def _unreadable(error: Exception) -> str:
    """Which file is no YAML, where it stops being it, and what usually mends it."""
    if (
        isinstance(error, MarkedYAMLError)
        and (mark := error.problem_mark or error.context_mark) is not None
    ):
        said = f"{mark.name} line {mark.line + 1} column {mark.column + 1}: {error.problem or error.context}"
        if "duplicate" in said:
            return f"{said}; a key stands once in its mapping"
        return f"{said}; YAML wants quotes around a text that holds a colon or, inside [...], a comma, and spaces for every indent"
    return f"a file of {paths.conf()} must be text in UTF-8: {error}; save it as UTF-8"


def _refusal(error: Exception, words: list[str]) -> str:
    """What Hydra refuses, on one line: the setting, the rule, and the names or types that would do."""
    text = " ".join(str(error).split()).partition(" Config search path:")[0]
    if wrong := re.match(r"Could not override '([^']+)'", text):
        return f"{wrong[1]}: no such setting; {_known_beside(wrong[1], words)}"
    if text.startswith("Error merging override ") and error.__cause__ is not None:
        return f"{text.removeprefix('Error merging override ')}: {str(error.__cause__).splitlines()[0]}"
    return text


def _known_beside(key: str, words: list[str]) -> str:
    """The settings that stand where `key` was looked for, as the other words of the line compose them."""
    place = key.rpartition(".")[0]
    others = [word for word in words if not word.startswith(f"{key}=")]
    try:
        node = OmegaConf.select(_composed(others), place) if place else _composed(others)
    except (HydraException, OmegaConfBaseException):
        return f"see conf/{key.partition('.')[0]}"  # another word of the line is wrong as well: this one is said first
    names = (
        sorted(str(name) for name in node if name != "hydra")
        if isinstance(node, DictConfig)
        else []
    )
    return (
        f"{place or 'the top level'} has {', '.join(names)}"
        if names
        else f"{place} has no settings of its own"
    )


def plain(cfg: DictConfig) -> Json:
    """The resolved configuration as plain JSON values, without Hydra's own node."""
    shallow = OmegaConf.masked_copy(cfg, [str(key) for key in cfg if key != "hydra"])
    try:
        value = OmegaConf.to_container(shallow, resolve=True, throw_on_missing=True)
    except OmegaConfBaseException as error:
        raise ConfigError(" ".join(str(error).split())) from error
    if not isinstance(value, dict):
        raise ConfigError(f"the configuration must be a mapping, is {type(value).__name__}")
    config = {str(key): item for key, item in value.items()}
    return (
        {**config, "tier": tier_files.with_tasks(config["tier"])}
        if isinstance(config.get("tier"), dict)
        else config
    )


def run_name(config: Mapping[str, Any]) -> str:
    """The folder of a run: its swept values for people, its key for the rest."""
    words = [
        config["model"]["name"],
        config["tier"]["name"],
        config["strategy"]["name"],
        f"t{config['temperature']:g}",
    ]
    # File systems count bytes: an emoji is four of them.
    short = (str(word).replace("/", "_").encode()[:40].decode(errors="ignore") for word in words)
    return "-".join([*short, run_key(config)])


def check(config: Mapping[str, Any], where: str = "") -> None:
    """Hold every node with a `_target_` against the constructor it names: unknown keys, wrong types, missing values."""
    for name, node in config.items():
        if not isinstance(node, Mapping):
            continue
        place = f"{where}.{name}".lstrip(".")
        if "_target_" in node:
            _check_call(str(node["_target_"]), node, place)
        check(node, place)


def _check_call(target: str, node: Mapping[str, Any], place: str) -> None:
    made = _locate(target, place)
    parameters = inspect.signature(made).parameters
    hints = get_type_hints(made.__init__ if inspect.isclass(made) else made)
    given = {
        str(key): value
        for key, value in node.items()
        if not str(key).startswith("_") or key == "_args_"
    }
    if not any(p.kind is p.VAR_KEYWORD for p in parameters.values()) and (
        unknown := sorted(given.keys() - parameters.keys())
    ):
        raise ConfigError(
            f"{place}.{unknown[0]}: no such setting of {target}; it knows {', '.join(parameters)}"
        )
    for name, value in given.items():
        if name in hints and not _nested(value):
            _check_value(hints[name], value, f"{place}.{name}")


def _locate(target: str, place: str) -> Any:  # a class or a function: whatever the YAML names
    module, _, name = target.rpartition(".")
    try:
        return getattr(importlib.import_module(module), name)
    except (ImportError, AttributeError, ValueError) as error:
        raise ConfigError(
            f"{place}._target_: {target} cannot be imported ({error}); see the YAML file of {place}"
        ) from error


def _nested(value: object) -> bool:
    if isinstance(value, Mapping):
        return "_target_" in value or any(_nested(item) for item in value.values())
    return isinstance(value, list) and any(_nested(item) for item in value)


def _check_value(hint: Any, value: object, place: str) -> None:  # any annotation
    if value is None and type(None) in get_args(
        hint
    ):  # what else the hint allows may be a Protocol, which pydantic cannot hold a value against
        return
    try:
        TypeAdapter(hint, config=ConfigDict(arbitrary_types_allowed=True)).validate_python(value)
    except ValidationError as error:
        problem = error.errors()[0]
        raise ConfigError(f"{place}: {problem['msg']}, got {problem['input']!r}") from error


_made: dict[str, Any] = {}


def _shared(text: str) -> Any:  # an object of whatever class the YAML names
    if text not in _made:
        _made[text] = _instantiated(text)
    return _made[text]


def _instantiated(text: str) -> Any:  # an object of whatever class the YAML names
    try:
        return instantiate(json.loads(text), _convert_="all", _execution_whitelist_=WHITELIST)
    except HydraException as error:
        if (
            error.__cause__ is not None
            and error.__cause__.__class__.__module__ == ConfigError.__module__
        ):
            raise error.__cause__ from error
        raise ConfigError(" ".join(str(error).split())) from error


def build(
    node: Mapping[str, Any], **given: object
) -> Any:  # an object of whatever class the YAML names
    """The object that a node names, made once per process for equal nodes; with live objects `given`, a fresh one."""
    if not given:
        return _shared(json.dumps(node, sort_keys=True))
    return _shared(json.dumps({**node, "_partial_": True}, sort_keys=True))(**given)


def build_with(node: Mapping[str, Any], live: Mapping[str, object]) -> Any:  # as build
    """The object that a node names, given those live objects that its constructor asks for by name."""
    wanted = inspect.signature(_locate(str(node["_target_"]), "")).parameters
    return build(node, **{name: value for name, value in live.items() if name in wanted})


def close() -> None:
    """Close what was built and can be closed, and forget it all: workers and servers end with the sweep."""
    for made in _made.values():
        if hasattr(made, "close"):
            made.close()
    _made.clear()


def choices(group: str) -> list[str]:
    """The names that a config group offers, in order."""
    return sorted(path.stem for path in (paths.conf() / group).glob("*.yaml"))


def job_overrides() -> list[str]:
    """The overrides that made the running Hydra job."""
    return list(HydraConfig.get().overrides.task)
