"""A tier -> its tasks, validated; and the few of them that a short sweep asks.

In: the mapping that conf/tier/NAME.yaml holds. Out: Tasks, or ConfigError for the first value that breaks a rule, naming the tier,
the task, the value, the rule and the file. Nothing is asked, rendered or heard here.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any, Literal

from earmark.errors import ConfigError
from earmark.records import Task
from earmark.tasks.spec import problem

Split = Literal["all", "tune", "held-out"]
SPLITS = ("tune", "held-out")
LEAST_SECONDS, MAX_SECONDS = 0.1, 30.0
LEVELS = range(1, 6)
TIER_KEYS = ("name", "limit", "split", "tasks")
KEYS = ("id", "caption", "prompt", "seconds", "difficulty", "split", "paraphrases", "spec")
REQUIRED = ("id", "caption", "prompt", "seconds", "spec")


def load(tier: Mapping[str, Any]) -> tuple[Task, ...]:
    """The tasks of a tier in the order of its file. Raises ConfigError."""
    name, listed = str(tier.get("name") or "unnamed"), tier.get("tasks")
    if not tier.get("name"):
        raise ConfigError(
            "tier.name: must be the name of its file, is missing; the first line of conf/tier/NAME.yaml says name: NAME"
        )
    if unknown := [key for key in tier if key not in TIER_KEYS]:
        raise _broken(
            name, None, f"{unknown[0]} is no setting of a tier; there are {', '.join(TIER_KEYS)}"
        )
    if not isinstance(listed, Sequence) or isinstance(listed, str) or not listed:
        raise _broken(name, None, f"tasks must be a list of at least one task, got {listed!r}")
    seen: set[str] = set()
    return tuple(_task(entry, name, at, seen) for at, entry in enumerate(listed))


def select(
    tasks: Sequence[Task], *, limit: int | None = None, split: Split = "all"
) -> tuple[Task, ...]:
    """The tasks of one split, and of these `limit` spread over difficulty; the same ones every time, in the order of the file.

    Raises:
        ConfigError: `limit` below 1, an unknown split, or a split that holds nothing.
    """
    if split not in ("all", *SPLITS):
        raise ConfigError(f"tier.split={split}: must be one of all, {', '.join(SPLITS)}")
    if limit is not None and (not isinstance(limit, int) or isinstance(limit, bool) or limit < 1):
        raise ConfigError(
            f"tier.limit={limit}: must be a whole number of at least 1, or null for all tasks"
        )
    kept = [task for task in tasks if split in ("all", task.split)]
    if not kept:
        raise ConfigError(
            f"tier.split={split}: none of the {len(tasks)} tasks belongs to it; use tier.split=all"
        )
    if limit is None or limit >= len(kept):
        return tuple(kept)
    chosen = {task.id for task in _spread(kept, limit)}
    return tuple(task for task in kept if task.id in chosen)


def _spread(tasks: Sequence[Task], count: int) -> list[Task]:
    """Easy to hard in turns: the first task of each level, then the second of each, until there are enough."""
    ranks: dict[int, int] = {}
    keyed = []
    for task in tasks:
        ranks[task.difficulty] = ranks.get(task.difficulty, 0) + 1
        keyed.append(((ranks[task.difficulty], task.difficulty), task))
    return [task for _, task in sorted(keyed, key=lambda pair: pair[0])][:count]


def _broken(tier: str, task: str | None, said: str) -> ConfigError:
    place = f"tier {tier!r}" if task is None else f"tier {tier!r} task {task!r}"
    return ConfigError(f"{place}: {said}; see conf/tier/{tier}.yaml")


def _task(entry: object, tier: str, at: int, seen: set[str]) -> Task:
    if not isinstance(entry, Mapping):
        raise _broken(
            tier,
            None,
            f"entry {at} must be a mapping with the keys {', '.join(REQUIRED)}, got {entry!r}",
        )
    label = str(entry.get("id") or f"number {at + 1}")
    said = _problem(entry, seen)
    if said is not None:
        raise _broken(tier, label, said)
    seen.add(label)
    return Task(
        id=label,
        tier=tier,
        caption=entry["caption"],
        prompt=entry["prompt"].strip(),
        seconds=float(entry["seconds"]),
        spec=dict(entry["spec"]),
        split=entry.get("split", "tune"),
        paraphrases=tuple(entry.get("paraphrases", ())),
        difficulty=entry.get("difficulty", 1),
    )


def _problem(entry: Mapping[str, Any], seen: set[str]) -> str | None:
    return (
        _keys(entry)
        or _identity(entry["id"], seen)
        or _texts(entry)
        or _numbers(entry)
        or _spec(entry["spec"], entry["seconds"])
    )


def _keys(entry: Mapping[str, Any]) -> str | None:
    if unknown := [key for key in entry if key not in KEYS]:
        return f"{unknown[0]} is no setting of a task; there are {', '.join(KEYS)}"
    if missing := [key for key in REQUIRED if key not in entry]:
        return f"{missing[0]} is missing; a task has {', '.join(REQUIRED)}"
    return None


def _identity(label: object, seen: set[str]) -> str | None:
    if not isinstance(label, str) or not re.fullmatch(r"[a-z][a-z0-9_]{0,59}", label):
        return f"id must be a name of a-z, 0-9 and _ that begins with a letter (at most 60), got {label!r}"
    return f"id must be unique, {label!r} is there twice" if label in seen else None


def _texts(entry: Mapping[str, Any]) -> str | None:
    phrases = entry.get("paraphrases", ())
    if not isinstance(phrases, list | tuple):
        return f"paraphrases must be a list of texts, got {phrases!r}"
    if len(phrases) not in (0, 2):
        said = f"paraphrases must be two texts or none, got {len(phrases)}: {list(phrases)!r}"
        return f"{said}; a text with a comma inside [...] needs quotes"
    named = [
        ("caption", entry["caption"]),
        ("prompt", entry["prompt"]),
        *(("paraphrases", text) for text in phrases),
    ]
    for name, text in named:
        if not isinstance(text, str) or not text.strip():
            return f"{name} must be a text that is not empty, got {text!r}"
    return None


def _numbers(entry: Mapping[str, Any]) -> str | None:
    seconds, level, split = entry["seconds"], entry.get("difficulty", 1), entry.get("split", "tune")
    if (
        not isinstance(seconds, int | float)
        or isinstance(seconds, bool)
        or not LEAST_SECONDS <= seconds <= MAX_SECONDS
    ):
        return f"seconds must be within {LEAST_SECONDS:g}..{MAX_SECONDS:g}, got {seconds!r}"
    if not isinstance(level, int) or isinstance(level, bool) or level not in LEVELS:
        return f"difficulty must be a whole number within {LEVELS[0]}..{LEVELS[-1]}, got {level!r}"
    return None if split in SPLITS else f"split must be one of {', '.join(SPLITS)}, got {split!r}"


def _spec(spec: object, seconds: float) -> str | None:
    if not isinstance(spec, Mapping):
        return f"spec must be a mapping of facts, got {spec!r}"
    if said := problem(spec):
        return said
    outside = [at for at in spec.get("onsets", ()) if not 0 <= at <= seconds]
    return (
        f"spec.onsets must lie within the clip, 0..{seconds:g} s, got {outside[0]!r}"
        if outside
        else None
    )
