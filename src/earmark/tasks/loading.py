"""Tasks from a tier's mapping: validated, and chosen by id, split and number.

The first value that breaks a rule is a ConfigError that names the tier, the task, the value, the
rule and the file.
"""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, Literal

from earmark.errors import ConfigError, choose_from
from earmark.records import Task
from earmark.tasks.spec import problem

Split = Literal["all", "tune", "held-out"]
SPLITS = ("tune", "held-out")
MIN_SECONDS, MAX_SECONDS = 0.1, 30.0
LEVELS = range(1, 6)
TIER_KEYS = ("name", "limit", "only", "split", "tasks")
TASK_KEYS = ("id", "caption", "prompt", "seconds", "difficulty", "split", "paraphrases", "spec")
REQUIRED_KEYS = ("id", "caption", "prompt", "seconds", "spec")
ID = re.compile(r"[a-z][a-z0-9_]{0,59}")


def load(tier: Mapping[str, Any]) -> tuple[Task, ...]:
    """Every task of a tier, in the order of its file. Raises ConfigError."""
    name, entries = str(tier.get("name") or "unnamed"), tier.get("tasks")
    if not tier.get("name"):
        raise ConfigError(
            "tier.name is missing; write name: NAME on the first line of conf/tier/NAME.yaml"
        )
    if unknown := [key for key in tier if key not in TIER_KEYS]:
        hint = choose_from(str(unknown[0]), TIER_KEYS)
        raise _error(name, f"unknown setting {unknown[0]!r}; {hint}")
    if not isinstance(entries, Sequence) or isinstance(entries, str) or not entries:
        raise _error(name, f"tasks must be a list of at least one task, got {entries!r}")
    tasks: dict[str, Task] = {}
    for position, entry in enumerate(entries, start=1):
        task = _task(entry, name, position)
        if task.id in tasks:
            raise _error(name, f"id must be unique, got {task.id!r} twice", task=repr(task.id))
        tasks[task.id] = task
    return tuple(tasks.values())


def select(
    tasks: Sequence[Task],
    *,
    only: Sequence[str] | None = None,
    split: Split = "all",
    limit: int | None = None,
) -> tuple[Task, ...]:
    """The tasks to run, always the same ones, in the order of the file.

    Args:
        tasks: the tasks of a tier.
        only: ids of the tasks to keep; None keeps all.
        split: the split to keep of these, or all.
        limit: how many to keep of these, spread over difficulty; None keeps all.

    Raises:
        ConfigError: an unknown id or split, a limit below 1, or nothing left.
    """
    if split not in ("all", *SPLITS):
        raise ConfigError(f"tier.split must be one of all, {', '.join(SPLITS)}, got {split!r}")
    if limit is not None and (not isinstance(limit, int) or isinstance(limit, bool) or limit < 1):
        raise ConfigError(
            f"tier.limit must be a whole number of at least 1, got {limit!r}; "
            "set tier.limit=null for all tasks"
        )
    named = tasks if only is None else _only(tasks, only)
    kept = [task for task in named if split in ("all", task.split)]
    if not kept:
        raise ConfigError(
            f"tier.split={split} must leave at least one task, got none of {len(named)}; "
            "set tier.split=all"
        )
    if limit is None or limit >= len(kept):
        return tuple(kept)
    spread = {task.id for task in _spread(kept, limit)}
    return tuple(task for task in kept if task.id in spread)


def _only(tasks: Sequence[Task], only: Sequence[str]) -> list[Task]:
    ids = [task.id for task in tasks]
    if not isinstance(only, list | tuple) or not only:
        raise ConfigError(
            f"tier.only must be a list of at least one task id, got {only!r}; "
            f"set tier.only=[{only if only in ids else ids[0]}], or null for all tasks"
        )
    for name in only:
        if name not in ids:
            hint = choose_from(str(name), ids)
            raise ConfigError(f"tier.only: unknown task {name!r}; {hint}")
    return [task for task in tasks if task.id in only]


def _spread(tasks: Sequence[Task], count: int) -> list[Task]:
    """The first task of each level from easy to hard, then the second of each, up to `count`."""
    seen: Counter[int] = Counter()
    turns: dict[str, tuple[int, int]] = {}
    for task in tasks:
        seen[task.difficulty] += 1
        turns[task.id] = (seen[task.difficulty], task.difficulty)
    return sorted(tasks, key=lambda task: turns[task.id])[:count]


def _error(tier: str, message: str, *, task: str = "") -> ConfigError:
    place = f"tier {tier!r} task {task}" if task else f"tier {tier!r}"
    return ConfigError(f"{place}: {message}; see conf/tier/{tier}.yaml")


def _task(entry: object, tier: str, position: int) -> Task:
    if not isinstance(entry, Mapping):
        keys = ", ".join(REQUIRED_KEYS)
        raise _error(
            tier, f"task number {position} must be a mapping with the keys {keys}, got {entry!r}"
        )
    if message := _problem(entry):
        label = repr(str(entry["id"])) if entry.get("id") else f"number {position}"
        raise _error(tier, message, task=label)
    return Task(
        id=entry["id"],
        tier=tier,
        caption=entry["caption"],
        prompt=entry["prompt"].strip(),
        seconds=float(entry["seconds"]),
        spec=dict(entry["spec"]),
        split=entry.get("split", "tune"),
        paraphrases=tuple(entry.get("paraphrases", ())),
        difficulty=entry.get("difficulty", 1),
    )


def _problem(entry: Mapping[str, Any]) -> str | None:
    """The first rule that an entry breaks, with the value; None for a valid entry."""
    return (
        _key_problem(entry)
        or _id_problem(entry["id"])
        or _text_problem(entry)
        or _paraphrase_problem(entry.get("paraphrases", ()))
        or _number_problem(entry)
        or _spec_problem(entry["spec"], entry["seconds"])
    )


def _key_problem(entry: Mapping[str, Any]) -> str | None:
    if unknown := [key for key in entry if key not in TASK_KEYS]:
        return f"unknown setting {unknown[0]!r}; {choose_from(str(unknown[0]), TASK_KEYS)}"
    if missing := [key for key in REQUIRED_KEYS if key not in entry]:
        return f"{missing[0]} is missing; a task needs {', '.join(REQUIRED_KEYS)}"
    return None


def _id_problem(label: object) -> str | None:
    if isinstance(label, str) and ID.fullmatch(label):
        return None
    rule = "at most 60 characters of a-z, 0-9 and _, the first of them a letter"
    return f"id must be {rule}, got {label!r}"


def _text_problem(entry: Mapping[str, Any]) -> str | None:
    for name in ("caption", "prompt"):
        if not _is_text(entry[name]):
            return f"{name} must be a text that is not empty, got {entry[name]!r}"
    return None


def _paraphrase_problem(paraphrases: object) -> str | None:
    if not isinstance(paraphrases, list | tuple):
        return f"paraphrases must be a list of texts, got {paraphrases!r}"
    if len(paraphrases) not in (0, 2):
        return (
            f"paraphrases must be two texts or none, got {len(paraphrases)}: "
            f"{list(paraphrases)!r}; put quotes around a text that holds a comma inside [...]"
        )
    for text in paraphrases:
        if not _is_text(text):
            return f"paraphrases must be texts that are not empty, got {text!r}"
    return None


def _is_text(value: object) -> bool:
    return isinstance(value, str) and bool(value.strip())


def _number_problem(entry: Mapping[str, Any]) -> str | None:
    seconds, level, split = entry["seconds"], entry.get("difficulty", 1), entry.get("split", "tune")
    number = isinstance(seconds, int | float) and not isinstance(seconds, bool)
    if not number or not MIN_SECONDS <= seconds <= MAX_SECONDS:
        return f"seconds must be within {MIN_SECONDS:g}..{MAX_SECONDS:g}, got {seconds!r}"
    if not isinstance(level, int) or isinstance(level, bool) or level not in LEVELS:
        return f"difficulty must be a whole number within {LEVELS[0]}..{LEVELS[-1]}, got {level!r}"
    if split not in SPLITS:
        return f"split must be one of {', '.join(SPLITS)}, got {split!r}"
    return None


def _spec_problem(spec: object, seconds: float) -> str | None:
    if not isinstance(spec, Mapping):
        return f"spec must be a mapping of facts, got {spec!r}"
    if message := problem(spec):
        return message
    for onset in spec.get("onsets", ()):
        if not 0 <= onset <= seconds:
            return f"spec.onsets must lie within the clip, 0..{seconds:g} s, got {onset!r}"
    return None
