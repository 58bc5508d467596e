"""What a recorded configuration becomes on this machine: the only way from a record to a run.

A record may be anybody's. It decides what was asked; what runs, where and how confined is decided
here: by conf/ and by the settings that a person types. Whatever else a record holds otherwise than
this machine would (a class, a path, an address, the name of an environment variable, a looser
limit) is a ConfigError that names the setting, both values, and how a person decides it.
"""

from collections.abc import Iterable, Mapping, Sequence
from fnmatch import fnmatchcase
from typing import Any, NoReturn

from omegaconf import OmegaConf

from earmark import paths
from earmark.config import nodes, validate
from earmark.config.choices import choices
from earmark.config.compose import compose
from earmark.config.schema import RunConfig, plain
from earmark.errors import ConfigError
from earmark.records import Json

BASELINE = ("seed", "level_dbfs", "f0_hz", "kind")
# What was asked: plain values, by pattern, in which * stands for one name. A setting belongs here
# when it names no path, no address and no environment variable. Every setting of a strategy does,
# that of a user's own too: this machine says which class it is, and a strategy opens no files and
# no connections. A component among its settings is not plain, and is compared setting by setting.
ASKED = (
    *("temperature", "samples", "seed", "check_determinism"),
    *("sampling.top_p", "sampling.max_tokens", "sampling.reasoning_effort"),
    *("tier", "prompt", "strategy.*", "strategy.limits.*"),
    *(f"{group}.name" for group in ("model", "embedder", "fad_embedder", "metric", "reference")),
    *(f"model.{name}" for name in ("on_unsupported", *BASELINE)),
    *(f"baselines.models.*.{name}" for name in BASELINE),
    *("baselines.floor", "baselines.expert"),
    "metric.clip.*.templates",
)
# Words of a model's identity, which are asked too where no server is called.
REPLAYED = ("model.model", "model.api_base", "model.capabilities")
HERE = (
    *("name", "cache", "cassette", "tracking", "concurrency", "budget_usd", "replay", "dry_run"),
    *("model.retries", "model.timeout_seconds", "model.concurrency"),
)
CHOSEN = ("model", "strategy", "embedder", "fad_embedder", "metric", "reference")
TYPED = (*CHOSEN, "baselines", "sandbox", "tracking", "concurrency")
# Limits that may be tighter than this machine's, and those that bound nothing.
LIMITS = (
    *("wall_seconds", "cpu_seconds", "memory_bytes", "file_bytes", "scratch_bytes"),
    *("scratch_inodes", "output_bytes", "max_seconds", "max_channels", "max_rate_hz"),
)
UNBOUNDED = ("sample_rate_hz", "min_rate_hz", "min_seconds")
MAX_CHARS = 120


def compose_from_record(
    recorded: RunConfig,
    typed: Sequence[str] = (),
    *,
    replayed: bool = False,
    described: Sequence[str] = (),
) -> RunConfig:
    """The configuration that this machine makes of a recorded one.

    Args:
        recorded: of a record.
        typed: words of the command line, each of a group in TYPED; they win, a group as a whole.
        replayed: no server is called, so that a model's address is only a part of its name.
        described: groups of which nothing is built: left as they are recorded.

    Raises:
        ConfigError: the record decides what it may not; the setting comes first in the message.
    """
    record = plain(recorded, whole=True)
    keys = [word.lstrip("+~").partition("=")[0] for word in typed]
    _check_typed(typed, keys)
    same = "fad_embedder" not in keys and record["fad_embedder"] == record["embedder"]
    chosen = {
        group: _choice(group, record[group]) for group in CHOSEN if group not in (*keys, *described)
    }
    if same:
        chosen["fad_embedder"] = "same"
    words = [f"{group}={name}" for group, name in chosen.items()]
    here = plain(compose([*words, *typed]), whole=True)
    taking = _Taking(
        asked=(*ASKED, *(REPLAYED if replayed else ())),
        here=(*HERE, *keys, *(["fad_embedder"] if same else [])),
    )
    config = {
        key: value if key in described else taking.take(value, here[key], key)
        for key, value in record.items()
        if key not in ("sandbox",) or key in described
    }
    if "sandbox" not in described:
        limits = _limits(record["sandbox"]["limits"], here["sandbox"]["limits"], keys)
        config["sandbox"] = {**here["sandbox"], "limits": limits}
        config["strategy"] = {**config["strategy"], "limits": limits}
    _check_tier(config["tier"])
    made = nodes.typed(config)
    built = {key: value for key, value in plain(made).items() if key not in described}
    validate.check_components(built)
    validate.check_ranges(made)
    return made


def _check_typed(typed: Sequence[str], keys: Sequence[str]) -> None:
    for word, key in zip(typed, keys, strict=True):
        if key.split(".")[0].split("@")[0] not in TYPED:
            rule = "what was asked is the record's"
            raise ConfigError(f"{word}: {rule}; on the line {', '.join(TYPED)} can be set")


def _choice(group: str, node: Mapping[str, Any]) -> str:
    """The file of conf/GROUP that a recorded node came from.

    It is the file of the node's name, else the first with its class and its key's variable.
    """
    if (name := str(node.get("name"))) in choices(group):
        return name
    identifying = ("_target_", "api_key_env")
    for choice in choices(group):
        [path] = paths.conf_files(f"{group}/{choice}.yaml")
        file = OmegaConf.to_container(OmegaConf.load(path), resolve=False)
        if not isinstance(file, dict) or "_target_" not in file:
            continue
        if all(file.get(key) == node.get(key) for key in identifying):
            return choice
    wrong = next(key for key in ("api_key_env", "_target_", "name") if node.get(key) is not None)
    rule = f"the record has {_short(node[wrong])}, no file of conf/{group} has it"
    raise ConfigError(f"{group}.{wrong}: {rule}; type {group}=NAME on the line")


class _Taking:
    """Which values a record may decide, and which are this machine's whatever it says."""

    def __init__(self, *, asked: Iterable[str], here: Iterable[str]) -> None:
        self.asked, self.here = tuple(asked), frozenset(here)

    def take(self, value: object, here: object, key: str) -> Any:  # noqa: ANN401  JSON
        """The record's value where it was asked, else this machine's, which must be the same."""
        if key in self.here:
            return here
        private = key.rpartition(".")[2].startswith("_")
        component = isinstance(value, Mapping) and "_target_" in value
        asked = any(_matches(key, pattern) for pattern in self.asked)
        if asked and not private and not component:
            return _inert(value, key)
        if isinstance(value, Mapping) and isinstance(here, Mapping):
            taken = {
                name: self.take(item, here.get(name), f"{key}.{name}")
                for name, item in value.items()
            }
            return {**here, **taken}
        if value != here:
            _refuse(key, value, here)
        return here


def _matches(key: str, pattern: str) -> bool:
    """Whether a setting fits a pattern, name by name."""
    names, wanted = key.split("."), pattern.split(".")
    return len(names) == len(wanted) and all(map(fnmatchcase, names, wanted))


def _inert(value: object, key: str) -> object:
    """A value that names nothing to build or look up; tasks are not nodes and may hold any text."""
    if isinstance(value, Mapping):
        for name in value:
            if str(name).startswith("_"):
                _refuse(f"{key}.{name}", value[name], None)
        return {name: _inert(item, f"{key}.{name}") for name, item in value.items()}
    if isinstance(value, list):
        return [_inert(item, f"{key}.{at}") for at, item in enumerate(value)]
    if isinstance(value, str) and "${" in value and not key.startswith("tier."):
        _refuse(key, value, None)
    return value


def _limits(recorded: Mapping[str, Any], here: Mapping[str, Any], typed: Sequence[str]) -> Json:
    """The limits of this machine, or tighter ones that were asked."""
    limits = dict(here)
    for name, value in recorded.items():
        key, most = f"sandbox.limits.{name}", here.get(name)
        if key in typed or "sandbox.limits" in typed:
            continue
        number = isinstance(value, int | float) and not isinstance(value, bool)
        tighter = name in LIMITS and number and value <= most
        known = name == "packages" and all(one in here["packages"] for one in value)
        if tighter or known or (name in UNBOUNDED and number):
            limits[name] = value
        elif value != most:
            _refuse(key, value, most)
    return limits


def _check_tier(tier: Mapping[str, Any]) -> None:
    """The tier's name is a folder's and a file's as well."""
    name = tier.get("name")
    if not isinstance(name, str) or "/" in name or "\0" in name or name.startswith("."):
        rule = "must be the name of a file, without / and no leading dot"
        raise ConfigError(f"tier.name: the record has {_short(name)}; {rule}")


def _refuse(key: str, value: object, here: object) -> NoReturn:
    hint = f"type {key}=… on the line if you want it so"
    if "._" in key:
        hint = f"see conf/{key.split('.', maxsplit=1)[0]}"
    both = f"the record has {_short(value)}, this machine {_short(here)}"
    raise ConfigError(f"{key}: {both}; a record does not decide that: {hint}")


def _short(value: object) -> str:
    text = "nothing" if value is None else repr(value)
    return text if len(text) <= MAX_CHARS else f"{text[: MAX_CHARS - 1]}…"
