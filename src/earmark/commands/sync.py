"""`earmark sync NAME`: bring the tracking store to what the sweep's folder holds.

In: a sweep's name, and a store. Out: runs, and the link to open. Nothing is run, asked or scored; any number of times gives the same.
"""

import argparse
import os

from earmark import paths
from earmark.errors import ConfigError
from earmark.report import write_leaderboard
from earmark.storage.folders import SweepFolder
from earmark.tracking.mlflow_store import MlflowTracker


def sync(name: str, *, uri: str | None = None) -> str | None:
    """Complete the store from multirun/NAME, write its leaderboard; a link to the parent. Raises ConfigError, TrackingUnavailable."""
    folder = sweep_folder(name)
    write_leaderboard(folder)
    return MlflowTracker(uri or default_uri(), str(paths.root() / "mlruns" / "artifacts")).sweep(
        folder
    )


def default_uri() -> str:
    """The store of this project: the one MLFLOW_TRACKING_URI names, else the sqlite file under mlruns/."""
    return (
        os.environ.get("MLFLOW_TRACKING_URI")
        or f"sqlite:///{paths.root() / 'mlruns' / 'mlflow.db'}"
    )


def sweep_folder(name: str) -> SweepFolder:
    """The folder of a sweep by its name. ConfigError lists the sweeps there are."""
    there = paths.root() / "multirun"
    names = sorted(path.parent.name for path in there.glob("*/sweep.json"))
    if name not in names:
        known = ", ".join(names) or "none yet"
        raise ConfigError(f"{name!r}: no such sweep under {there}; there are: {known}")
    return SweepFolder(there / name)


def main(argv: list[str]) -> int:
    """Run the command. Returns 0."""
    parser = argparse.ArgumentParser(
        prog="earmark sync", description="Bring the tracking store to what a sweep's folder holds."
    )
    parser.add_argument("name", help="the sweep: a folder name under multirun/")
    parser.add_argument(
        "--uri", help="an MLflow tracking URI; default: MLFLOW_TRACKING_URI, else mlruns/mlflow.db"
    )
    given = parser.parse_args(argv)
    link = sync(given.name, uri=given.uri)
    print(
        f"listen   {sweep_folder(given.name).path / 'leaderboard.html'}\nMLflow   {link}   (start it with: earmark ui)"
    )
    return 0
