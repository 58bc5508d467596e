"""`earmark tasks [TIER...]`: list the tasks of the tiers, from easy to hard, and validate them."""

import argparse
import json
from collections import Counter
from collections.abc import Sequence

from earmark.config.choices import choices
from earmark.config.factory import load_tier
from earmark.records import Task, dump
from earmark.tasks.loading import LEVELS, SPLITS


def main(argv: list[str]) -> int:
    """Print the tasks; 0 when every one of them is valid, else ConfigError."""
    args = _parser().parse_intermixed_args(argv)
    tiers = {name: load_tier(name) for name in args.tiers or choices("tier")}
    if args.json:
        tasks = [dump(task) for group in tiers.values() for task in group]
        print(json.dumps(tasks, indent=1, ensure_ascii=False))
        return 0
    for name, group in tiers.items():
        print("\n".join([f"{name}:", *map(line, group), ""]))
    print("tune+held-out at each difficulty from 1 (easy) to 5 (hard)")
    print("\n".join(curve(name, group) for name, group in tiers.items()))
    return 0


def curve(tier: str, tasks: Sequence[Task]) -> str:
    """One line: at each difficulty how many tasks there are to tune on, and how many held out."""
    count = Counter((task.difficulty, str(task.split)) for task in tasks)
    columns = []
    for level in LEVELS:
        numbers = "+".join(str(count[level, split]) for split in SPLITS)
        columns.append(f"{level}: {numbers:5}")
    by_split = Counter(str(task.split) for task in tasks)
    totals = " + ".join(f"{by_split[split]} {split}" for split in SPLITS)
    return f"  {tier:14} {'  '.join(columns)}  {len(tasks)} tasks = {totals}"


def line(task: Task) -> str:
    """One task in one line."""
    facts = f"{task.id:26} {task.difficulty} {task.split:9} {task.seconds:4g} s"
    return f"  {facts}  {task.caption}  [{', '.join(task.spec)}]"


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="earmark tasks", description="List and validate the tasks of the tiers."
    )
    parser.add_argument(
        "tiers", nargs="*", metavar="TIER", help="names of conf/tier (default: all)"
    )
    parser.add_argument("--json", action="store_true", help="print JSON")
    return parser
