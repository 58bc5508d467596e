"""`earmark cassette pack|unpack`: recorded completions as one portable file, and back."""

import argparse
import json
from pathlib import Path

from earmark import paths
from earmark.models.wrappers.cassette_archive import pack, unpack


def main(argv: list[str]) -> int:
    """Run one of the two. ConfigError, HarnessError for what cannot be packed or unpacked."""
    args = _parser().parse_args(argv)
    if args.action == "pack":
        answers = pack(args.folder, args.file)
        message = f"packed {answers} answers of {args.folder} into {args.file}"
    else:
        answers = unpack(args.file, args.folder)
        message = f"unpacked {answers} new answers of {args.file} into {args.folder}"
    facts = {"answers": answers, "file": str(args.file), "folder": str(args.folder)}
    print(json.dumps(facts) if args.json else message)
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="earmark cassette",
        description="One portable file of recorded completions, to replay or to share.",
    )
    actions = parser.add_subparsers(dest="action", required=True)
    for action, description in (
        ("pack", "write FILE from a cassette's folder"),
        ("unpack", "write a cassette's folder from FILE"),
    ):
        one = actions.add_parser(action, help=description, description=description)
        one.add_argument("file", type=Path, metavar="FILE")
        one.add_argument(
            "--folder", type=Path, default=paths.completions(), help="default: %(default)s"
        )
        one.add_argument("--json", action="store_true", help="print JSON")
    return parser
