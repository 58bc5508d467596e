"""`earmark export NAME`: a sweep as Parquet and CSV.

In: a sweep's name. Out: attempts and runs as files, by default in the sweep's own folder. Columns: docs/export.md.
"""

import argparse
from pathlib import Path

from earmark.report.export import export
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
    given = parser.parse_args(argv)
    folder = SweepFolder.find(given.name)
    for path in export(folder, given.into or folder.path / "export"):
        print(path)
    return 0
