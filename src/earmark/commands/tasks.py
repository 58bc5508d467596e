"""`earmark tasks [TIER...]`: list the tasks of the tiers and validate them.

In: names of conf/tier. Out: one line per task and at the end one per tier, its curve from easy to hard; or JSON; ConfigError for the
first task that breaks a rule. Nothing is asked or run.
"""

import argparse
import json
from collections import Counter

from earmark.config.compose import choices
from earmark.config.factory import load_tier
from earmark.records import Task, dump
from earmark.tasks.loading import LEVELS, SPLITS


def main(argv: list[str]) -> int:
    """Print the tasks; 0 when every one of them is valid."""
    asked = _parser().parse_intermixed_args(argv)
    tiers = {name: load_tier(name) for name in asked.tiers or choices("tier")}
    if asked.json:
        print(
            json.dumps(
                [dump(task) for tasks in tiers.values() for task in tasks],
                indent=1,
                ensure_ascii=False,
            )
        )
        return 0
    for name, tasks in tiers.items():
        print("\n".join([f"{name}:", *map(line, tasks), ""]))
    print("tune+held-out at each difficulty from 1 (easy) to 5 (hard)")
    print("\n".join(curve(name, tasks) for name, tasks in tiers.items()))
    return 0


def curve(tier: str, tasks: tuple[Task, ...]) -> str:
    """One line: how many tasks, and at each difficulty how many to tune on and how many held out."""
    count = Counter((task.difficulty, str(task.split)) for task in tasks)
    spread = "  ".join(
        f"{level}: {'+'.join(str(count[level, split]) for split in SPLITS):5}" for level in LEVELS
    )
    totals = " + ".join(
        f"{sum(count[level, split] for level in LEVELS)} {split}" for split in SPLITS
    )
    return f"  {tier:14} {spread}  {len(tasks)} tasks = {totals}"


def line(task: Task) -> str:
    """One task in one line."""
    return f"  {task.id:26} {task.difficulty} {task.split:9} {task.seconds:4g} s  {task.caption}  [{', '.join(task.spec)}]"


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="earmark tasks", description="List and validate the tasks of the tiers."
    )
    parser.add_argument(
        "tiers", nargs="*", metavar="TIER", help="names of conf/tier (default: all)"
    )
    parser.add_argument("--json", action="store_true")
    return parser
