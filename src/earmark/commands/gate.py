"""`earmark gate CANDIDATE --baseline BASELINE`: whether a change made things worse, for CI."""

import argparse
import sys
from collections.abc import Sequence

from earmark.analysis.decisions import DELTA
from earmark.analysis.gate import EXIT_CODE, gate, overall
from earmark.errors import ConfigError, EarmarkError
from earmark.records import Run
from earmark.storage.sweep_folder import SweepFolder, find_runs

CANNOT_TELL = EXIT_CODE["cannot tell"]


def main(argv: list[str]) -> int:
    """Run the command. Returns 0 for better or not worse, 1 for worse, 2 for cannot tell.

    Whatever keeps it from comparing is "cannot tell": an error must not read as worse.
    """
    options = _parser().parse_args(argv)
    try:
        if options.margin < 0:
            raise ConfigError(f"--margin: must be at least 0, got {options.margin:g}")
        candidate, baseline = load_side(options.candidate), load_side(options.baseline)
        gates = gate(candidate, baseline, margin=options.margin, metric=options.metric)
    except EarmarkError as error:
        print(f"earmark: gate: cannot tell: {error}", file=sys.stderr)
        return CANNOT_TELL
    for one in gates:
        print(one.sentence)
    result = overall(gates)
    print(f"gate     {result}")
    return EXIT_CODE[result]


def load_side(name: str) -> Sequence[Run]:
    """The finished runs of a sweep, or the one run of SWEEP/RUN.

    Raises:
        ConfigError: there is none of that name, or it holds no finished run.
    """
    folders = find_runs(name) if "/" in name else SweepFolder.find(name).runs()
    if not folders:
        raise ConfigError(f"{name!r}: holds no finished run; give SWEEP, or SWEEP/RUN")
    return [folder.run() for folder in folders]


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="earmark gate",
        description="Exit 0 where the candidate is better or not worse, 1 where it is worse, "
        "2 where it cannot be decided.",
    )
    parser.add_argument("candidate", metavar="CANDIDATE", help="a sweep, or SWEEP/RUN")
    parser.add_argument("--baseline", required=True, help="a sweep, or SWEEP/RUN")
    parser.add_argument("--metric", help="the headline if not given; check_ok, valid, …")
    parser.add_argument(
        "--margin",
        type=float,
        default=DELTA,
        help=f"how much worse is still not worse (default {DELTA})",
    )
    return parser
