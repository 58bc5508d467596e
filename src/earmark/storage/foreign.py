"""Rules for a folder that may come from someone else, checked before it is read.

How deep its JSON is, which files are links, which names and places its records give themselves. A
broken rule is a ValueError or a HarnessError; nothing is written, and no link is followed.
"""

import json
import os
import re
from itertools import chain
from math import isfinite
from pathlib import Path
from typing import Any

from earmark.errors import HarnessError
from earmark.records import Attempt

# Of JSON: what earmark writes is a dozen deep, and every reader walks it by recursion.
MAX_DEPTH = 64
COPY_IT = "put a copy of what is meant in its place, or delete it"
# A run that is finished would not miss a deleted attempt.
ATTEMPT_AGAIN = "delete it and the run.json of its run, and start again"


def json_of(text: str, *, finite: bool = False) -> Any:  # noqa: ANN401  # any JSON
    """What a text holds as JSON. ValueError for no JSON, or one nested deeper than MAX_DEPTH.

    Args:
        text: JSON, or not.
        finite: refuse NaN and Infinity, which earmark writes nowhere.
    """
    hooks: dict[str, Any] = {"parse_constant": _finite, "parse_float": _finite} if finite else {}
    try:
        value = json.loads(text, **hooks)
    except RecursionError as error:
        raise ValueError("nested too deeply") from error
    level: list[Any] = [value]
    for _ in range(MAX_DEPTH):
        nested = [
            one.values() if isinstance(one, dict) else one
            for one in level
            if isinstance(one, dict | list)
        ]
        level = list(chain.from_iterable(nested))
        if not level:
            return value
    raise ValueError("nested too deeply")


def _finite(text: str) -> float:
    value = float(text)
    if not isfinite(value):
        raise ValueError(f"{text} is no finite number")
    return value


def own_files(folder: Path) -> None:
    """HarnessError for a link or a device in `folder`: other files would be read through it."""
    if folder.is_symlink():
        raise _not_its_own(folder)
    if not folder.is_dir():
        return
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.is_dir(follow_symlinks=False):
                own_files(Path(entry.path))
            elif not entry.is_file(follow_symlinks=False):
                raise _not_its_own(Path(entry.path))


def _not_its_own(path: Path) -> HarnessError:
    kind = f"a link to {str(path.readlink())!r}" if path.is_symlink() else "neither"
    return HarnessError(f"{path}: must be a file or a folder of its own, is {kind}; {COPY_IT}")


def place_of(path: Path) -> tuple[str, int, int]:
    """Task, sample and turn of an attempt's file, by its folders."""
    named = re.fullmatch(r"(\d{1,9})-(\d{1,9})", path.parent.name, re.ASCII)
    if named is None:
        raise HarnessError(f"{path.parent}: must be named SAMPLE-TURN; {ATTEMPT_AGAIN}")
    return path.parts[-3], int(named[1]), int(named[2])


def in_place(attempt: Attempt, path: Path) -> None:
    """HarnessError for an attempt that says of itself, or of its clip, that it is elsewhere."""
    task, sample, turn = attempt.task.id, attempt.sample, attempt.turn
    if (task, sample, turn) != place_of(path):
        claim = f"is of task {task!r} sample {sample} turn {turn}, but lies in {path.parent}"
        raise HarnessError(f"{path}: {claim}; {ATTEMPT_AGAIN}")
    wav = attempt.execution.wav if attempt.execution else None
    for name, value in (
        ("execution.wav", wav),
        ("clip.path", attempt.clip.path if attempt.clip else None),
    ):
        if value is not None and (
            value in ("", "..") or "\0" in value or Path(value).name != value
        ):
            rule = f"{name} must be the name of a file beside it, got {value!r}"
            raise HarnessError(f"{path}: {rule}; {ATTEMPT_AGAIN}")
