"""Hydra's words -> a RunConfig, checked: a wrong name, choice or type is refused in one line.

Everything OmegaConf ends here. Hydra composes conf/ with the words of a command line; the result is
made plain, checked against the classes that it names, and becomes one frozen record.
"""

import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from hydra import compose as hydra_compose
from hydra import initialize_config_dir
from hydra.core.config_store import ConfigStore
from hydra.core.global_hydra import GlobalHydra
from hydra.errors import HydraException
from omegaconf import DictConfig, OmegaConf
from omegaconf.errors import OmegaConfBaseException
from yaml import YAMLError

from earmark import paths
from earmark.config import composed_types, nodes, refusals, validate
from earmark.config.partial_settings import taken_over
from earmark.config.schema import RunConfig
from earmark.config.words import quoted
from earmark.errors import ConfigError
from earmark.identity import run_key
from earmark.records import Json
from earmark.storage.urls import tracking_uri
from earmark.tasks import tier_files

HYDRA, CHOICE = "hydra", "hydra/choice/"
OF_ONE_COMPOSING = ("mode", "overrides", "runtime", "sweeper", "job")
_one_composes = threading.RLock()  # Hydra has one state for all threads


@dataclass(frozen=True, slots=True)
class Composed:
    """A configuration, and what the line and its experiment say to Hydra.

    `axes` holds the swept settings of conf/experiment/ as they are written there; `trials` is the
    size of a search, None for a grid; `launcher` holds the settings of Hydra's launcher.
    """

    config: RunConfig
    multirun: bool
    axes: Mapping[str, str]
    trials: int | None
    launcher: Mapping[str, Any]


def compose(words: Iterable[str]) -> RunConfig:
    """The configuration that these overrides make. Raises ConfigError."""
    return from_hydra(_composed(quoted(list(words))))


def compose_line(words: Iterable[str]) -> Composed:
    """As compose, with the sweep that the line asks for. Raises ConfigError."""
    cfg = _composed(quoted(list(words)))
    sweeper = cfg.hydra.sweeper
    direction = sweeper.get("direction", "maximize")
    if "n_trials" in sweeper and direction not in ("maximize", None):
        rule = "must be maximize: Hydra's sweeper searches for the score alone"
        hint = "for several objectives use earmark tune objective=[score,cost]"
        raise ConfigError(f"hydra.sweeper.direction: {rule}, got {direction}; {hint}")
    return Composed(
        config=from_hydra(cfg),
        multirun=cfg.hydra.mode is not None and cfg.hydra.mode.name == "MULTIRUN",
        axes={str(key): str(value) for key, value in (sweeper.get("params") or {}).items()},
        trials=int(sweeper.n_trials) if "n_trials" in sweeper else None,
        launcher=_launcher(cfg),
    )


def from_hydra(cfg: DictConfig) -> RunConfig:
    """The record of a configuration that Hydra composed. Raises ConfigError."""
    return from_plain(_plain(cfg))


def from_plain(plain: Mapping[str, Any]) -> RunConfig:
    """The record of a configuration in the shape of the YAML files, checked. Raises ConfigError."""
    plain = taken_over(plain)
    validate.check_prompt(plain.get("prompt"))
    validate.check_components(plain)
    config = nodes.typed(plain)
    validate.check_ranges(config)
    return config


def compose_groups(words: Iterable[str]) -> Json:
    """What these overrides make of each top-level setting, with its interpolations.

    With them come what they make of Hydra itself, and which file was chosen of each group.

    Raises:
        ConfigError: as compose.
    """
    cfg = _composed(list(words))
    groups = OmegaConf.to_container(cfg, resolve=False)
    assert isinstance(groups, dict)  # noqa: S101  a composed configuration is not a list
    chosen = {f"{CHOICE}{group}": name for group, name in cfg.hydra.runtime.choices.items()}
    settings = {str(key): value for key, value in groups.items()}
    return settings | chosen | {HYDRA: hydra_settings(cfg)}


def compose_files(words: Iterable[str]) -> Json:
    """What words such as `+model@one=gpt_4o` compose to by themselves, with its interpolations.

    Raises:
        ConfigError: as compose.
    """
    composed = OmegaConf.to_container(_composed(list(words), None), resolve=False)
    assert isinstance(composed, dict)  # noqa: S101  as above
    return {str(key): value for key, value in composed.items()}


def hydra_settings(cfg: DictConfig) -> Json:
    """What a line says to Hydra itself of how its runs are run."""
    settings = OmegaConf.to_container(cfg.hydra, resolve=False)
    assert isinstance(settings, dict)  # noqa: S101  as above
    kept = {str(key): value for key, value in settings.items() if key not in OF_ONE_COMPOSING}
    return kept | {"job": {name: settings["job"][name] for name in ("chdir", "env_set")}}


def config_of(groups: Mapping[str, Any]) -> RunConfig:
    """The record of what compose_groups returns. Raises ConfigError."""
    return from_plain(resolve_groups(settings_of(groups)))


def settings_of(groups: Mapping[str, Any]) -> Json:
    """The settings of a run among what compose_groups returns."""
    return {name: one for name, one in groups.items() if name.partition("/")[0] != HYDRA}


def compose_plain(name: str, words: Iterable[str]) -> Json:
    """What conf/NAME.yaml and these words compose to, as plain values. Raises ConfigError."""
    return _resolved(_composed(quoted(list(words)), name))


def resolve_groups(groups: Mapping[str, Any]) -> Json:
    """The same without interpolations, which must lead to none but these. Raises ConfigError."""
    return _resolved(OmegaConf.create(dict(groups)))


def run_name(config: RunConfig) -> str:
    """The folder of a run: its swept values for people, its key for the rest."""
    words = (
        config.model.name,
        config.tier.name,
        config.strategy.name,
        f"t{config.temperature:g}",
    )
    # File systems count bytes: an emoji is four of them.
    short = (word.replace("/", "_").encode()[:40].decode(errors="ignore") for word in words)
    return "-".join([*short, run_key(config)])


def register() -> None:
    """Give Hydra the schema and our resolvers; safe to call again."""
    ConfigStore.instance().store(name="schema", node=composed_types.Run, replace=True)
    tier_files.register()
    OmegaConf.register_resolver("earmark.sweeps", lambda: str(paths.sweeps()), replace=True)
    OmegaConf.register_resolver("earmark.tracking_uri", tracking_uri, replace=True)
    OmegaConf.register_resolver("earmark.artifacts", lambda: str(paths.artifacts()), replace=True)
    OmegaConf.register_resolver("earmark.cache", lambda: str(paths.cache()), replace=True)
    OmegaConf.register_resolver("earmark.run", _run_folder_name, replace=True)


def _run_folder_name(*, _root_: DictConfig) -> str:
    return run_name(from_hydra(_root_))


def _composed(words: list[str], name: str | None = "config") -> DictConfig:
    with _one_composes:
        register()
    _check_places()

    def by_hydra(words: list[str]) -> DictConfig:
        return _by_hydra(words, name)

    try:
        return by_hydra(words)
    except (HydraException, OmegaConfBaseException) as error:
        message = refusals.explain(error, words, compose=by_hydra)
        raise ConfigError(message) from error
    except (YAMLError, UnicodeDecodeError) as error:
        raise ConfigError(refusals.unreadable(error)) from error


def _check_places() -> None:
    """Refuse a folder whose name Hydra would read as an interpolation, escaped or not."""
    for name, folder in (("EARMARK_ROOT", paths.root()), ("EARMARK_CACHE", paths.cache())):
        if "${" in str(folder):
            raise ConfigError(f"{name}={folder}: must not hold '${{'; set it to another folder")


def _by_hydra(words: list[str], name: str | None) -> DictConfig:
    whole = name == "config"  # any other root holds nothing of Hydra's
    with _one_composes:
        return _composed_now(words, name, whole=whole)


def _composed_now(words: list[str], name: str | None, *, whole: bool) -> DictConfig:
    if GlobalHydra.instance().is_initialized():
        return hydra_compose(name, words, return_hydra_config=whole)
    with initialize_config_dir(str(paths.conf())):
        return hydra_compose(name, words, return_hydra_config=whole)


def _launcher(cfg: DictConfig) -> Json:
    settings = OmegaConf.to_container(cfg.hydra.launcher, resolve=False)
    assert isinstance(settings, dict)  # noqa: S101  a launcher is a mapping
    return {str(key): value for key, value in settings.items()}


def _plain(cfg: DictConfig) -> Json:
    """The resolved configuration as plain JSON values, without Hydra's own node."""
    return _resolved(OmegaConf.masked_copy(cfg, [str(key) for key in cfg if key != "hydra"]))


def _resolved(cfg: DictConfig) -> Json:
    try:
        value = OmegaConf.to_container(cfg, resolve=True, throw_on_missing=True)
    except OmegaConfBaseException as error:
        raise ConfigError(" ".join(str(error).split())) from error
    if not isinstance(value, dict):
        raise ConfigError(f"the configuration must be a mapping, got {type(value).__name__}")
    plain = {str(key): item for key, item in value.items()}
    if isinstance(tier := plain.get("tier"), dict):
        plain["tier"] = _one_order(tier_files.with_tasks(tier))
    return plain


def _one_order(tier: Json) -> Json:
    """The tier with the chosen tasks in one order, each once: they are asked in that of the file.

    Else tier.only=[a,b] and [b,a] would be two runs.
    """
    only = tier.get("only")
    if not isinstance(only, list) or not all(isinstance(name, str) for name in only):
        return tier
    return {**tier, "only": sorted(set(only))}
