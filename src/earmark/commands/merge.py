"""`earmark merge SHARD… --into SWEEP`: the shards of one sweep from several machines as one sweep.

No shard is changed. What was interrupted goes on by the same line.
"""

import argparse

from earmark.config.build import close
from earmark.errors import counted, printable
from earmark.report import load_results, print_table, write_leaderboard
from earmark.storage.sweep_folder import SweepFolder
from earmark.sweep.merge import MAX_NAMED, merge, shards_of


def main(argv: list[str]) -> int:
    """Run the command. Returns 0."""
    args = _parser().parse_args(argv)
    folder = SweepFolder.named(args.into)
    try:
        merged = merge(shards_of(args.shards), folder, prefer=args.prefer)
    finally:
        close()
    results = load_results(folder)
    page = write_leaderboard(folder, results)
    print_table(results)
    runs = counted(merged.runs, "run")
    print(f"\nmerged   {counted(len(args.shards), 'shard')} into {folder.name}: {runs}")
    for name in merged.doubles[:MAX_NAMED]:
        print(f"double   {printable(name)}: the same in several shards, kept once")
    if len(merged.doubles) > MAX_NAMED:
        print(f"double   and {counted(len(merged.doubles) - MAX_NAMED, 'more episode')}")
    for name in merged.unfinished:
        hint = f"start the sweep's line with name={folder.name}; nothing that is there is repeated"
        print(f"not finished: {printable(name)}: {hint}")
    shown = [printable(str(path)) for path in (folder.path, page)]
    print(f"folder   {shown[0]}\nlisten   {shown[1]}")
    print(f"MLflow   brought up to date by: earmark sync {folder.name}")
    return 1 if merged.unfinished else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="earmark merge", description="Merge the shards of a sweep that several machines ran."
    )
    parser.add_argument(
        "shards", nargs="+", metavar="SHARD", help="a sweep's folder, or its name under multirun/"
    )
    parser.add_argument("--into", required=True, metavar="SWEEP", help="the name of the new sweep")
    parser.add_argument(
        "--prefer",
        metavar="SHARD",
        help="which shard counts where two hold different content of one episode",
    )
    return parser
