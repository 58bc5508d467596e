"""Content keys: the same question always has the same name.

In: plain values. Out: hex digests. Hashed for a run: everything that can change an answer or a number. Not hashed: where
results go (name, paths, tracking), how fast they come (concurrency, retries, timeouts of transport, workers), what they may cost, and
whether an answer comes from a provider or from its record (replay): it is the same answer.
"""

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from earmark.records import Request, dump

NOT_HASHED = frozenset(
    {
        "hydra",
        "name",
        "root",
        "cache",
        "tracking",
        "experiment",
        "hparams_search",
        "concurrency",
        "budget_usd",
        "cassette",
    }
    | {"replay", "dry_run"}
)
TRANSPORT = frozenset(
    {"concurrency", "retries", "timeout_seconds"}
)  # of a model: how it is reached, not what it says
STAFF = frozenset(
    {"workers", "recycle_after"}
)  # of a sandbox: how many do the work, not how it is done


def digest(value: object) -> str:
    """SHA-256 hex of `value` as canonical JSON: sorted keys, no blanks, NaN refused (ValueError)."""
    text = json.dumps(
        value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
    )
    return hashlib.sha256(text.encode()).hexdigest()


def file_digest(path: Path) -> str:
    """SHA-256 hex of a file's bytes."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def folder_digest(folder: Path, pattern: str = "*") -> str:
    """SHA-256 hex over names and bytes of the files of one folder, in name order."""
    return digest(
        [[path.name, file_digest(path)] for path in sorted(folder.glob(pattern)) if path.is_file()]
    )


def run_key(config: Mapping[str, Any]) -> str:
    """Sixteen hex digits naming a run by its composed configuration, less NOT_HASHED, its model's TRANSPORT and its sandbox's STAFF."""
    kept = {name: value for name, value in config.items() if name not in NOT_HASHED}
    model = {name: value for name, value in kept.get("model", {}).items() if name not in TRANSPORT}
    sandbox = {name: value for name, value in kept.get("sandbox", {}).items() if name not in STAFF}
    return digest({**kept, "model": model, "sandbox": sandbox})[:16]


def attempt_key(run: str, task: str, sample: int, turn: int) -> str:
    """Sixteen hex digits naming an attempt within its run."""
    return digest([run, task, sample, turn])[:16]


def completion_key(model: Mapping[str, Any], request: Request) -> str:
    """The cassette key: model identity (name, base URL, fixed options) and the whole request."""
    return digest({"model": dict(model), "request": dump(request)})
