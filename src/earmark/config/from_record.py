"""A recorded configuration made at home here: a record decides what was asked; what runs, where and how confined is this machine's.

In: a record's configuration, and the settings that a person typed beside it. Out: a configuration composed from conf/ and that line, with
the values of ASKED taken from the record. Whatever else a record holds otherwise than this machine would (a class, a path, an address, the
name of an environment variable, a looser limit) is a ConfigError that says the setting, both values and how a person decides it.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from fnmatch import fnmatchcase
from typing import Any, NoReturn

from omegaconf import OmegaConf
from pydantic import TypeAdapter, ValidationError

from earmark import paths
from earmark.config.compose import Config, check, choices, compose, plain
from earmark.errors import ConfigError
from earmark.records import Json

# What was asked: plain values only, by pattern. A class that gets a setting which names no path, address or variable adds it here.
ASKED = (
    *(
        "temperature",
        "samples",
        "seed",
        "max_turns",
        "check_determinism",
        "sampling.top_p",
        "sampling.max_tokens",
    ),
    *("sampling.reasoning_effort", "tier", "prompt", "strategy.prompt", "strategy.limits.*"),
    *(
        f"strategy.{name}"
        for name in (
            "name",
            "n",
            "turns",
            "metric",
            "shots",
            "examples",
            "phrasing",
            "persona",
            "constraints",
            "hints",
            "decompose",
        )
    ),
    *(f"strategy.{name}" for name in ("plan_first", "chain_of_thought", "examples_digest")),
    *(f"{group}.name" for group in ("model", "embedder", "fad_embedder", "metric", "reference")),
    *(f"model.{name}" for name in ("on_unsupported", "seed", "revision", "level_dbfs", "f0_hz")),
    *(f"baselines.models.*.{name}" for name in ("seed", "revision", "level_dbfs", "f0_hz")),
    *(f"baselines.rules.{name}" for name in ("floor", "ceiling", "max_tasks", "other_tasks")),
    "metric.clip.*.templates",
)
REPLAYED = (
    "model.model",
    "model.api_base",
    "model.capabilities",
)  # words of an identity, where no server is asked
HERE = (
    *(
        "name",
        "root",
        "cache",
        "cassette",
        "tracking",
        "concurrency",
        "budget_usd",
        "replay",
        "dry_run",
    ),
    *(f"model.{name}" for name in ("retries", "timeout_seconds", "concurrency")),
)
CHOSEN = (
    "model",
    "strategy",
    "embedder",
    "fad_embedder",
    "metric",
    "reference",
)  # a record says by name which of conf/GROUP it took
TYPED = (*CHOSEN, "baselines", "sandbox", "tracking", "concurrency")
LIMITS = (
    *(
        "wall_seconds",
        "cpu_seconds",
        "memory_bytes",
        "file_bytes",
        "scratch_bytes",
        "scratch_inodes",
        "output_bytes",
    ),
    *("max_seconds", "max_channels", "max_rate_hz"),
)
UNBOUNDED = ("sample_rate_hz", "min_rate_hz", "min_seconds")  # of it, what bounds nothing
MAX_CHARS = 120


def compose_from_record(
    recorded: Mapping[str, Any],
    typed: Sequence[str] = (),
    *,
    replayed: bool = False,
    described: Sequence[str] = (),
) -> Json:
    """The configuration that this machine makes of a recorded one; `typed` settings win, a typed group as a whole.

    Args:
        recorded: of a record, which may be anybody's.
        typed: words of the command line, each of a group in TYPED.
        replayed: no server is asked, so that a model's address is but a part of its name.
        described: groups of which nothing is built: left as they are recorded.

    Raises:
        ConfigError: the record differs in what it does not decide; the setting comes first in the message.
    """
    _check_types(recorded)
    keys = [word.lstrip("+~").partition("=")[0] for word in typed]
    if foreign := [
        word
        for word, key in zip(typed, keys, strict=True)
        if key.split(".")[0].split("@")[0] not in TYPED
    ]:
        raise ConfigError(
            f"{foreign[0]}: what was asked is the record's; beside it {', '.join(TYPED)} can be set"
        )
    same = "fad_embedder" not in keys and recorded.get("fad_embedder") == recorded.get("embedder")
    chosen = {
        group: _choice(group, recorded[group])
        for group in CHOSEN
        if group in recorded and group not in (*keys, *described)
    }
    here = plain(
        compose(
            [
                *(
                    f"{group}={name}"
                    for group, name in (chosen | ({"fad_embedder": "same"} if same else {})).items()
                ),
                *typed,
            ]
        )
    )
    ours = (*HERE, *keys, *(["fad_embedder"] if same else []))
    asked = (*ASKED, *(REPLAYED if replayed else ()))
    made = {
        key: _taken(value, here.get(key), key, asked, ours)
        for key, value in recorded.items()
        if key not in (*described, "sandbox")
    }
    config = {**here, **made, **{key: recorded[key] for key in described if key in recorded}}
    if "sandbox" not in described:
        limits = _contract(
            recorded.get("sandbox", {}).get("limits", {}), here["sandbox"]["limits"], keys
        )
        config |= {
            "sandbox": {**here["sandbox"], "limits": limits},
            "strategy": {**config["strategy"], "limits": limits},
        }
    _check_tier(config["tier"])
    check(
        {
            key: value
            for key, value in config.items()
            if isinstance(value, dict) and key not in described
        }
    )
    return config


def _choice(group: str, node: Mapping[str, Any]) -> str:
    """The file of conf/GROUP that a recorded node came from: of its name, else the first with its class and its key's variable."""
    if (name := str(node.get("name"))) in choices(group):
        return name
    for choice in choices(group):
        file = OmegaConf.to_container(
            OmegaConf.load(paths.conf() / group / f"{choice}.yaml"), resolve=False
        )
        if (
            isinstance(file, dict)
            and "_target_" in file
            and all(file.get(key) == node.get(key) for key in ("_target_", "api_key_env"))
        ):
            return choice
    wrong = next(key for key in ("api_key_env", "_target_", "name") if node.get(key) is not None)
    raise ConfigError(
        f"{group}.{wrong}: the record has {_short(node[wrong])}, no file of conf/{group} has it; type {group}=NAME beside it"
    )


def _taken(value: object, here: object, key: str, asked: Iterable[str], ours: Iterable[str]) -> Any:  # noqa: ANN401  # JSON
    """The record's value where it was asked, else this machine's, which must be the same."""
    private = key.rpartition(".")[2].startswith("_")
    if key in ours:
        return here
    if not private and any(fnmatchcase(key, pattern) for pattern in asked):
        return _plain(value, key)
    if isinstance(value, Mapping) and isinstance(here, Mapping):
        return {
            **here,
            **{
                name: _taken(item, here.get(name), f"{key}.{name}", asked, ours)
                for name, item in value.items()
            },
        }
    if value != here:
        _refuse(key, value, here)
    return here


def _plain(value: object, key: str) -> object:
    """A value that names nothing to be made or looked up: no `_target_`, and no interpolation, except in tasks, which are no nodes."""
    if isinstance(value, Mapping):
        if private := next((name for name in value if str(name).startswith("_")), None):
            _refuse(f"{key}.{private}", value[private], None)
        return {name: _plain(item, f"{key}.{name}") for name, item in value.items()}
    if isinstance(value, list):
        return [_plain(item, f"{key}.{at}") for at, item in enumerate(value)]
    if isinstance(value, str) and "${" in value and not key.startswith("tier."):
        _refuse(key, value, None)
    return value


def _contract(recorded: Mapping[str, Any], here: Mapping[str, Any], typed: Sequence[str]) -> Json:
    """The limits of this machine, or tighter ones that were asked."""
    if not isinstance(recorded, Mapping):
        _refuse("sandbox.limits", recorded, here)
    made = dict(here)
    for name, value in recorded.items():
        key, most = f"sandbox.limits.{name}", here.get(name)
        if key in typed or "sandbox.limits" in typed:
            continue
        number = isinstance(value, int | float) and not isinstance(value, bool)
        fits = name in LIMITS and number and value <= most
        known = (
            name == "packages"
            and isinstance(value, list)
            and all(one in here["packages"] for one in value)
        )
        if fits or known or (name in UNBOUNDED and number):
            made[name] = value
        elif value != most:
            _refuse(key, value, most)
    return made


def _check_types(recorded: Mapping[str, Any]) -> None:
    try:
        TypeAdapter(Config).validate_json(json.dumps(recorded), strict=True)
    except ValidationError as error:
        problem = error.errors()[0]
        key = ".".join(map(str, problem["loc"]))
        raise ConfigError(
            f"{key}: the record has {_short(problem['input'])}; {problem['msg']}, see conf/config.yaml"
        ) from error


def _check_tier(tier: Mapping[str, Any]) -> None:
    """The tier's name is a folder's and a file's as well."""
    name = tier.get("name")
    if not isinstance(name, str) or "/" in name or "\0" in name or name.startswith("."):
        raise ConfigError(
            f"tier.name: the record has {_short(name)}; must be the name of a file, without / and no leading dot"
        )


def _refuse(key: str, value: object, here: object) -> NoReturn:
    hint = (
        f"see conf/{key.split('.', maxsplit=1)[0]}"
        if "._" in key
        else f"type {key}=… beside it if you want it so"
    )
    raise ConfigError(
        f"{key}: the record has {_short(value)}, this machine {_short(here)}; a record does not decide that: {hint}"
    )


def _short(value: object) -> str:
    text = "nothing" if value is None else repr(value)
    return text if len(text) <= MAX_CHARS else f"{text[: MAX_CHARS - 1]}…"
