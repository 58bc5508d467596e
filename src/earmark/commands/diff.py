"""`earmark diff SWEEP SWEEP`: whether two sweeps hold the same programs, kinds and scores.

In: two sweeps' names. Out: one line per difference and a summary; exit code 0 when there is none, else 1. Nothing is run or asked.
"""

import argparse
import json
from collections.abc import Sequence
from dataclasses import asdict

from earmark.analysis.agreement import agreement
from earmark.records import Run
from earmark.storage.sweep_folder import SweepFolder


def main(argv: list[str]) -> int:
    """Compare two sweeps. ConfigError for a name that is none."""
    parser = argparse.ArgumentParser(
        prog="earmark diff",
        description="Compare programs, failure kinds and scores of two sweeps' runs.",
    )
    parser.add_argument("sweeps", nargs=2, metavar="SWEEP", help="a folder name under multirun/")
    parser.add_argument("--json", action="store_true", help="say it in JSON")
    asked = parser.parse_args(argv)
    found = agreement(*(_runs(SweepFolder.find(name)) for name in asked.sweeps))
    print(json.dumps(asdict(found)) if asked.json else "\n".join([*found.differences, str(found)]))
    return 1 if found.differences else 0


def _runs(folder: SweepFolder) -> Sequence[Run]:
    return [run.run() for run in folder.runs()]
