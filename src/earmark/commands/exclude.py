"""`earmark exclude SWEEP`: what does not count in a sweep's numbers, and why.

Attempts stay on disk, and `--undo` brings back every number as it was.
"""

import argparse

from earmark.analysis.exclusion import words_of
from earmark.config.build import close
from earmark.errors import ConfigError, printable
from earmark.report import load_results, print_table, write_leaderboard
from earmark.storage.exclusions import load_exclusions
from earmark.storage.sweep_folder import SweepFolder
from earmark.sweep.exclude import apply, exclude, undo


def main(argv: list[str]) -> int:
    """Run the command. Returns 0."""
    args = _parser().parse_args(argv)
    folder = SweepFolder.find(args.sweep)
    names = [*_listed(args.tasks), *_listed(args.attempts)]
    _check(args, names)
    try:
        if args.undo:
            undo(folder, names)
        elif names:
            exclude(folder, names, args.reason.strip())
        else:
            apply(folder, load_exclusions(folder.path))  # finishes what was interrupted
    finally:
        close()
    results = load_results(folder)
    write_leaderboard(folder, results)
    print_table(results)
    print()
    for one in load_exclusions(folder.path):
        print(f"excluded {printable(f'{words_of(one)}: {one.reason}')}")
    print(f"MLflow   brought up to date by: earmark sync {folder.name}")
    return 0


def _listed(text: str | None) -> list[str]:
    return [name.strip() for name in (text or "").split(",") if name.strip()]


def _check(args: argparse.Namespace, names: list[str]) -> None:
    reason = (args.reason or "").strip()
    if args.undo and reason:
        raise ConfigError("--reason: is for excluding; leave it out with --undo")
    if names and not args.undo and not reason:
        rule = "must say why, since it is shown wherever the numbers are"
        raise ConfigError(f'--reason: {rule}; add --reason "…"')
    if reason and not names:
        raise ConfigError("--reason: names nothing to exclude; add --tasks or --attempts")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="earmark exclude",
        description="Exclude tasks or attempts from a sweep's numbers, with a reason; without "
        "names, list what is excluded. Nothing is deleted.",
    )
    parser.add_argument("sweep", metavar="SWEEP", help="a folder name under multirun/")
    parser.add_argument("--tasks", metavar="A,B", help="from every run: TASK, or TIER/TASK")
    parser.add_argument(
        "--attempts",
        metavar="A,B",
        help="RUN/attempts/TASK/SAMPLE-TURN, as the page and exports name it; with its episode",
    )
    parser.add_argument("--reason", help="why, in words for a reader of the numbers")
    parser.add_argument(
        "--undo", action="store_true", help="let these count again, or everything without names"
    )
    return parser
