"""`earmark report SWEEP`: write the conclusion of a sweep as HTML, Markdown, LaTeX and figures."""

import argparse

from earmark.analysis.decisions import DELTA
from earmark.errors import ConfigError, printable
from earmark.report import load_results
from earmark.report.report import write_report
from earmark.report.sections import searched_words
from earmark.report.verdict import verdict_text


def main(argv: list[str]) -> int:
    """Run the command. Returns 0."""
    parser = argparse.ArgumentParser(
        prog="earmark report",
        description="Conclude a sweep: which difference is real, what moves the score, what next.",
    )
    parser.add_argument("sweep", metavar="SWEEP", help="a folder name under multirun/")
    parser.add_argument(
        "--delta",
        type=float,
        default=DELTA,
        help=f"the difference that matters, in units of a score (default {DELTA})",
    )
    options = parser.parse_args(argv)
    if not options.delta > 0:
        raise ConfigError(f"--delta: must be above 0, got {options.delta}; 0.03 is usual")
    results = load_results(options.sweep, delta=options.delta)
    if not results.runs:
        raise ConfigError(
            f"{options.sweep}: holds no finished run yet; start its line again, then report"
        )
    paths = write_report(results)
    for caution in searched_words(results.folder.facts()):
        print(printable(caution))
    print(verdict_text(results.conclusion))
    for path in paths:
        print(f"report   {printable(str(path))}")
    return 0
