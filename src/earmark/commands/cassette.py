"""`earmark cassette pack|unpack`: recorded completions as one portable file, and back.

In: a cassette's folder and a file. Out: the other one, and one line that says how many answers; or JSON by `--json`. The work is
in models.packed.
"""

import argparse
import json
from pathlib import Path

from earmark import paths
from earmark.models.wrappers.cassette_archive import pack, unpack


def main(argv: list[str]) -> int:
    """Run one of the two. ConfigError, HarnessError for what cannot be packed or unpacked."""
    asked = _parser().parse_args(argv)
    if asked.way == "pack":
        answers = pack(asked.folder, asked.file)
        said = f"packed {answers} answers of {asked.folder} into {asked.file}"
    else:
        answers = unpack(asked.file, asked.folder)
        said = f"unpacked {answers} new answers of {asked.file} into {asked.folder}"
    facts = {"answers": answers, "file": str(asked.file), "folder": str(asked.folder)}
    print(json.dumps(facts) if asked.json else said)
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="earmark cassette",
        description="One portable file of recorded completions, to replay or to share.",
    )
    ways = parser.add_subparsers(dest="way", required=True)
    for way, does in (
        ("pack", "write FILE from a cassette's folder"),
        ("unpack", "write a cassette's folder from FILE"),
    ):
        one = ways.add_parser(way, help=does, description=does)
        one.add_argument("file", type=Path, metavar="FILE")
        one.add_argument(
            "--folder",
            type=Path,
            default=paths.completions(),
            help="default: %(default)s",
        )
        one.add_argument("--json", action="store_true", help="say it in JSON")
    return parser
