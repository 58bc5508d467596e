"""`earmark export NAME`: attempts and runs as Parquet and CSV (columns: docs/export.md)."""

import argparse
from pathlib import Path

from earmark.report.export_files import export
from earmark.storage.foreign import own_files
from earmark.storage.sweep_folder import SweepFolder


def main(argv: list[str]) -> int:
    """Run the command. Returns 0."""
    parser = argparse.ArgumentParser(
        prog="earmark export", description="Write a sweep's attempts and runs as Parquet and CSV."
    )
    parser.add_argument("name", help="the sweep: a folder name under multirun/")
    parser.add_argument(
        "--into", type=Path, help="the folder to write to; default: export/ in the sweep's folder"
    )
    args = parser.parse_args(argv)
    folder = SweepFolder.find(args.name)
    own = folder.path / "export"
    if args.into is None:
        own_files(own)
    for path in export(folder, args.into or own):
        print(path)
    return 0
