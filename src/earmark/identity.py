"""Content keys: the same question always has the same name.

A run's key covers everything that can change an answer or a number: every setting, and the
programs that ship with the package (few-shot examples, expert programs). It leaves out where
results go (name, paths, tracking), how fast they come (concurrency, retries, timeouts of transport,
workers), what they may cost, and whether an answer comes from a provider, alone or in a batch, or
from its record (replay): it is the same answer.
"""

import hashlib
import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from earmark.config.schema import ModelConfig, RunConfig
from earmark.paths import PACKAGE
from earmark.records import Json, Request, dump

NOT_HASHED = frozenset(
    {
        "name",
        "cache",
        "cassette",
        "tracking",
        "concurrency",
        "budget_usd",
        "asking",
        "replay",
        "dry_run",
    }
)
# Settings of a model that say how it is reached, and of a sandbox how many workers it has.
NOT_HASHED_SETTINGS = {
    "model": frozenset({"concurrency", "retries", "timeout_seconds"}),
    "sandbox": frozenset({"workers", "recycle_after"}),
}


def digest(value: object) -> str:
    """SHA-256 hex of `value` as canonical JSON: sorted keys, no blanks. ValueError for NaN."""
    text = json.dumps(
        value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
    )
    # Half a surrogate pair is no UTF-8, but JSON may hold one, and answers do.
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def file_digest(path: Path) -> str:
    """SHA-256 hex of a file's bytes."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def folder_digest(folder: Path, pattern: str = "*") -> str:
    """SHA-256 hex over names and bytes of the files of one folder, in name order."""
    files = sorted(path for path in folder.glob(pattern) if path.is_file())
    return digest([[path.name, file_digest(path)] for path in files])


def run_key(config: RunConfig) -> str:
    """Sixteen hex digits that name a run by its configuration."""
    kept = {name: value for name, value in dump(config).items() if name not in NOT_HASHED}
    for group, names in NOT_HASHED_SETTINGS.items():
        kept[group] = _without_settings(kept[group], names)
    kept["packaged"] = _packaged_programs()
    return digest(kept)[:16]


@cache
def _packaged_programs() -> str:
    """Digest of the few-shot examples and the expert programs."""
    programs = PACKAGE / "models" / "baselines" / "programs"
    experts = sorted(path for path in programs.iterdir() if path.is_dir())
    folders = [PACKAGE / "strategies" / "examples", *experts]
    return digest([[path.name, folder_digest(path, "*.py")] for path in folders])


def answer_key(model: ModelConfig, request: Request) -> str:
    """Names an answer across the runs of a sweep: runs that ask the same pay for it once."""
    asked = _without_settings(dump(model), NOT_HASHED_SETTINGS["model"])
    return completion_key(asked, request)


def _without_settings(component: Json, names: frozenset[str]) -> Json:
    settings = {key: value for key, value in component["settings"].items() if key not in names}
    return {**component, "settings": settings}


def attempt_key(run: str, task: str, sample: int, turn: int) -> str:
    """Sixteen hex digits naming an attempt within its run."""
    return digest([run, task, sample, turn])[:16]


def completion_key(model: Mapping[str, Any], request: Request) -> str:
    """The cassette key: model identity (name, base URL, fixed options) and the whole request."""
    return digest({"model": dict(model), "request": dump(request)})
