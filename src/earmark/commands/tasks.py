"""`earmark tasks [TIER...]`: list the tasks of the tiers and validate them.

In: names of conf/tier. Out: one line per task, or JSON; ConfigError for the first task that breaks a rule. Nothing is asked or run.
"""

import argparse
import json
from collections import Counter

from earmark.config import choices, compose, plain
from earmark.records import Task, dump
from earmark.tasks import load

LEVELS = range(1, 6)


def main(argv: list[str]) -> int:
    """Print the tasks; 0 when every one of them is valid."""
    asked = _parser().parse_args(argv)
    tiers = {name: tasks_of(name) for name in asked.tiers or choices("tier")}
    if asked.json:
        print(json.dumps([dump(task) for tasks in tiers.values() for task in tasks], indent=1, ensure_ascii=False))
        return 0
    for name, tasks in tiers.items():
        print("\n".join([summary(name, tasks), *map(line, tasks), ""]))
    return 0


def tasks_of(tier: str) -> tuple[Task, ...]:
    """Every task of conf/tier/NAME.yaml. Raises ConfigError for an unknown tier or a broken task."""
    return load(plain(compose([f"tier={tier}"]))["tier"])


def summary(tier: str, tasks: tuple[Task, ...]) -> str:
    """One line: how many, how hard, how split."""
    levels, splits = Counter(task.difficulty for task in tasks), Counter(task.split for task in tasks)
    spread = " ".join(f"{level}:{levels[level]}" for level in LEVELS)
    return f"{tier}: {len(tasks)} tasks, difficulty {spread}, {splits['tune']} tune, {splits['held-out']} held out"


def line(task: Task) -> str:
    """One task in one line."""
    return f"  {task.id:26} {task.difficulty} {task.split:9} {task.seconds:4g} s  {task.caption}  [{', '.join(task.spec)}]"


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="earmark tasks", description="List and validate the tasks of the tiers.")
    parser.add_argument("tiers", nargs="*", metavar="TIER", help="names of conf/tier (default: all)")
    parser.add_argument("--json", action="store_true")
    return parser
