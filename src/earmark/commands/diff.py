"""`earmark diff SWEEP SWEEP`: whether two sweeps hold the same programs, failures and scores.

One line per difference and a summary; the exit code is 0 when there is none, else 1.
"""

import argparse
import json
from dataclasses import asdict

from earmark.analysis.agreement import agreement
from earmark.errors import printable
from earmark.records import Run
from earmark.storage.sweep_folder import SweepFolder


def main(argv: list[str]) -> int:
    """Compare two sweeps. ConfigError for an unknown name."""
    parser = argparse.ArgumentParser(
        prog="earmark diff",
        description="Compare programs, failure kinds and scores of two sweeps' runs.",
    )
    parser.add_argument("sweeps", nargs=2, metavar="SWEEP", help="a folder name under multirun/")
    parser.add_argument("--json", action="store_true", help="print JSON")
    args = parser.parse_args(argv)
    first, second = (_runs(name) for name in args.sweeps)
    result = agreement(first, second)
    if args.json:
        print(json.dumps(asdict(result)))
    else:
        print("\n".join([*map(printable, result.differences), str(result)]))
    return 1 if result.differences else 0


def _runs(sweep: str) -> list[Run]:
    return [run.run() for run in SweepFolder.find(sweep).runs()]
