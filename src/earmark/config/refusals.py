"""What Hydra, OmegaConf and YAML refuse, in one line: the setting, the rule and the choices."""

import re
from collections.abc import Callable

from hydra.errors import HydraException
from omegaconf import DictConfig, OmegaConf
from omegaconf.errors import OmegaConfBaseException
from yaml import MarkedYAMLError

from earmark import paths
from earmark.errors import choose_from
from earmark.paths import install_hint

Compose = Callable[[list[str]], DictConfig]
# Launchers of Hydra's plugins, and the extra of pyproject.toml that brings each.
LAUNCHERS = {"ray": "ray", "submitit_local": "slurm", "submitit_slurm": "slurm"}


def explain(error: Exception, words: list[str], *, compose: Compose) -> str:
    """The line for an error of composing `words`; `compose` finds out which settings there are."""
    text = " ".join(str(error).split()).partition(" Config search path:")[0]
    if wrong := re.match(r"Could not override '([^']+)'", text):
        if wrong[1] == "root":
            return _not_a_setting_but_a_variable(words)
        return f"{wrong[1]}: no such setting; {_siblings(wrong[1], words, compose)}"
    if wrong := re.match(r"In '[^']*': Could not find 'hydra/launcher/([^'/]*)'", text):
        return _no_launcher(wrong[1])
    if wrong := re.match(r"In '[^']*': Could not find '([^']+)/([^'/]*)'", text):
        names = [path.stem for path in paths.conf_files(f"{wrong[1]}/*.yaml")]
        every = ", or glob(*) for all in a sweep" if wrong[2] == "*" else ""
        return (
            f"{wrong[1]}={wrong[2]}: there is no such {wrong[1]}; "
            f"{choose_from(wrong[2], names)}{every}"
        )
    if text.startswith("Error merging override ") and error.__cause__ is not None:
        override = text.removeprefix("Error merging override ")
        return f"{override}: {str(error.__cause__).splitlines()[0]}"
    return text


def _no_launcher(name: str) -> str:
    if extra := LAUNCHERS.get(name):
        return f"hydra/launcher={name}: needs the extra {extra}; {install_hint(extra)}"
    hint = choose_from(name, ("basic", "joblib", *LAUNCHERS))
    return f"hydra/launcher={name}: there is no such launcher; {hint}"


def _not_a_setting_but_a_variable(words: list[str]) -> str:
    word = next(word for word in words if word.startswith("root="))
    hint = f"set EARMARK_ROOT={word.removeprefix('root=')}"
    return f"{word}: no such setting, since sync, export and the page must find it too; {hint}"


def unreadable(error: Exception) -> str:
    """Which file is not YAML, where it stops being it, and what usually mends it."""
    mark = error.problem_mark or error.context_mark if isinstance(error, MarkedYAMLError) else None
    if not isinstance(error, MarkedYAMLError) or mark is None:
        return f"a file of {paths.conf()} must be text in UTF-8: {error}; save it as UTF-8"
    place = f"{mark.name} line {mark.line + 1} column {mark.column + 1}"
    problem = f"{place}: {error.problem or error.context}"
    if "duplicate" in problem:
        return f"{problem}; a key stands once in its mapping"
    quotes = "quotes around a text that holds a colon or, inside [...], a comma"
    return f"{problem}; YAML wants {quotes}, and spaces for every indent"


def _siblings(key: str, words: list[str], compose: Compose) -> str:
    """The settings that stand where `key` was looked for, as the other words compose them."""
    parent = key.rpartition(".")[0]
    others = [word for word in words if not word.startswith(f"{key}=")]
    try:
        whole = compose(others)
        node = OmegaConf.select(whole, parent) if parent else whole
    except (HydraException, OmegaConfBaseException):
        # Another word of the line is wrong as well; this one is reported first.
        return f"see conf/{key.partition('.')[0]}"
    if not isinstance(node, DictConfig):
        return f"{parent} has no settings of its own"
    names = sorted(str(name) for name in node if name not in {"hydra", "_target_"})
    owner = f"{parent}={node['name']}" if parent and "name" in node else parent or "the top level"
    return f"{choose_from(key.rpartition('.')[2], names)} ({owner} has no other)"
