"""A winner as a file of conf/experiment/: complete, so that it runs the same anywhere."""

import json
from collections.abc import Sequence
from pathlib import Path

from earmark import paths
from earmark.config.choices import choices
from earmark.config.compose import compose
from earmark.config.schema import RunConfig
from earmark.errors import HarnessError
from earmark.identity import run_key
from earmark.records import Json
from earmark.storage.atomic import write_text

NOT_KEPT = ("name=", "budget_usd=", "hydra", "dry_run=", "replay=", "tracking", "cache=")
SAFE = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-"


def write_experiment(name: str, line: Sequence[str], *, comment: str) -> tuple[Path, str]:
    """Write conf/experiment/tuned_NAME.yaml in the user's own conf folder.

    Args:
        name: of the study.
        line: the words that make the winner's run.
        comment: what stands above it: what was shown.

    Returns:
        The file, and the command line that runs it.

    Raises:
        HarnessError: the file would not make the same run.
    """
    stem = "tuned_" + "".join(one if one in SAFE else "_" for one in name)
    kept = [word for word in line if not word.startswith(NOT_KEPT)]
    own = paths.own_conf()
    folder = own or paths.root() / "conf"
    path = folder / "experiment" / f"{stem}.yaml"
    write_text(path, experiment_yaml(stem, kept, comment=comment))
    packaged = folder.resolve() == paths.conf().resolve()
    found = packaged or own is not None
    made = compose([f"experiment={stem}", *([] if found else [f"hydra.searchpath=[{folder}]"])])
    if run_key(made) != run_key(compose(kept)):
        raise HarnessError(f"{path}: does not make the run of {' '.join(kept)}; use these words")
    flag = "" if packaged else f"--config-dir {folder} "
    return path, f"earmark {flag}experiment={stem}"


def experiment_yaml(stem: str, line: Sequence[str], *, comment: str) -> str:
    """The text of the file: groups among its defaults, values below."""
    groups: list[str] = []
    values: Json = {}
    for word in _whole(line):
        key, _, text = word.lstrip("+").partition("=")
        if choices(key) and "." not in key:
            groups.append(f"  - override /{key}: {text}")
        else:
            _put(values, key.split("."), text)
    heads = ["# @package _global_", *(f"# {row}" for row in comment.splitlines())]
    listed = ["defaults:", *groups] if groups else []
    return "\n".join([*heads, *listed, "", f"name: {stem}", *_lines(values)]) + "\n"


def _whole(line: Sequence[str]) -> list[str]:
    """The words with what they leave to the defaults: a default may change, the file may not."""
    config = compose(line)
    return [*_groups(config, line), *_plain(config, line), *line]


def _groups(config: RunConfig, line: Sequence[str]) -> list[str]:
    named = {word.partition("=")[0] for word in line}
    ours = ("model", "tier", "strategy", "prompt", "embedder")
    found = {name: str(config.setting(name)) for name in ours if name not in named}
    return [f"{name}={text}" for name, text in found.items() if text in choices(name)]


def _plain(config: RunConfig, line: Sequence[str]) -> list[str]:
    named = {word.partition("=")[0] for word in line}
    ours = ("temperature", "samples", "seed")
    return [f"{name}={config.setting(name)}" for name in ours if name not in named]


def _put(values: Json, names: Sequence[str], text: str) -> None:
    node = values
    for name in names[:-1]:
        node = node.setdefault(name, {})
    node[names[-1]] = text


def _lines(values: Json, indent: str = "") -> list[str]:
    lines = []
    for name, one in values.items():
        if isinstance(one, dict):
            lines += [f"{indent}{name}:", *_lines(one, f"{indent}  ")]
        else:
            lines.append(f"{indent}{name}: {_yaml(one)}")
    return lines


def _yaml(text: str) -> str:
    """A value of a command line as YAML has it: in quotes where YAML would read it otherwise."""
    plain = not any(one in text for one in (": ", " #", "'", '"', "\\")) and text.strip() == text
    flow = text.startswith(("[", "{"))
    return text if flow or (plain and text) else json.dumps(text)
