"""`earmark sync NAME`: bring the tracking store to what the sweep's folder holds.

Nothing is asked, executed or scored; any number of times gives the same.
"""

import argparse

from earmark.errors import printable
from earmark.storage.sweep_folder import SweepFolder
from earmark.sweep.store import sync


def main(argv: list[str]) -> int:
    """Run the command. Returns 0."""
    parser = argparse.ArgumentParser(
        prog="earmark sync", description="Bring the tracking store to what a sweep's folder holds."
    )
    parser.add_argument("name", help="the sweep: a folder name under multirun/")
    parser.add_argument(
        "--uri", help="an MLflow tracking URI; default: MLFLOW_TRACKING_URI, else mlflow.db"
    )
    args = parser.parse_args(argv)
    folder = SweepFolder.find(args.name)
    link = sync(folder, uri=args.uri)
    print(f"listen   {printable(str(folder.path / 'leaderboard.html'))}")
    print(f"MLflow   {link}   (start it with: earmark ui)")
    return 0
