"""`earmark votes FILE …`: what blind listeners preferred.

In: files that the listening page's blind A/B saved. Out: a verdict for each pair of runs, on the terminal.
"""

import argparse
from pathlib import Path

from earmark.report.votes import preferences, render_preferences


def main(argv: list[str]) -> int:
    """Run the command. Returns 0."""
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
    found = preferences(parser.parse_args(argv).files)
    print(render_preferences(found) or "no votes yet")
    return 0
