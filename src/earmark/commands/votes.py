"""`earmark votes FILE …`: which runs blind listeners preferred, from the page's saved votes."""

import argparse
from pathlib import Path

from earmark.report.votes import preferences, render_preferences


def main(argv: list[str]) -> int:
    """Print a verdict for each pair of runs. Returns 0."""
    parser = argparse.ArgumentParser(
        prog="earmark votes", description="Count the votes of the listening page's blind A/B."
    )
    parser.add_argument(
        "files",
        nargs="+",
        type=Path,
        metavar="FILE",
        help="votes.json, one for each listener and pair",
    )
    verdicts = preferences(parser.parse_args(argv).files)
    print(render_preferences(verdicts) or "no votes yet")
    return 0
