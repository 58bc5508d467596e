"""The files of a config group: which there are, and what each composes to by itself.

Hydra composes many in one go, under names of their own, five times as fast as one after another.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

from earmark import paths
from earmark.config.compose import compose, compose_files, compose_groups, config_of
from earmark.config.schema import RunConfig
from earmark.errors import ConfigError
from earmark.records import Json

FILES = "files"
PACKAGE = b"@package"  # in the head of a file that sets what is not of its group


def choices(group: str) -> list[str]:
    """The names that a config group offers, in order."""
    return [path.stem for path in paths.conf_files(f"{group}/*.yaml")]


def compose_choices(groups: Mapping[str, Any], group: str) -> dict[str, Callable[[], RunConfig]]:
    """For each file of a group, what makes the configuration with that file; it raises ConfigError.

    Args:
        groups: all other settings, from compose_groups.
        group: as model.
    """
    alone = _alone(group, choices(group))
    return {
        name: partial(config_of, {**groups, group: alone[name]})
        if name in alone
        else partial(compose, [f"{group}={name}"])
        for name in choices(group)
    }


def without_setting(words: Sequence[str], group: str, setting: str) -> list[str]:
    """Of words that each choose a file of a group, those whose file has no such setting.

    Args:
        words: as model=gpt_4o.
        group: as model.
        setting: as `retries`, or within the model's capabilities `capabilities.seed`.
    """
    names = {word: word.partition("=")[2] for word in words}
    alone = _alone(group, list(names.values()))
    chosen = {
        word: alone[name] if name in alone else compose_groups([word]).get(group)
        for word, name in names.items()
    }
    return [word for word in words if not _has(chosen[word], setting)]


def _has(node: object, setting: str) -> bool:
    first, _, rest = setting.partition(".")
    if not isinstance(node, Mapping) or first not in node:
        return False
    return not rest or _has(node[first], rest)


def _alone(group: str, names: Sequence[str]) -> Json:
    """What files of a group compose to, each by itself.

    Left out are those that set more than their group, and all where one cannot be composed.
    """
    files = {path.stem: path for path in paths.conf_files(f"{group}/*.yaml")}
    own = [name for name in names if name in files and PACKAGE not in files[name].read_bytes()]
    places = {f"n{at}": name for at, name in enumerate(own)}  # a name may hold a dot
    try:
        composed = compose_files(f"+{group}@{FILES}.{at}={name}" for at, name in places.items())
    except ConfigError:
        return {}
    if not set(composed) <= {FILES}:
        return {}
    return {places[str(at)]: one for at, one in composed.get(FILES, {}).items()}
