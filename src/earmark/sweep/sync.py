"""Bring what is derived from a sweep's folder up to date: its leaderboard and the tracking store."""

from earmark import paths
from earmark.config.build import build
from earmark.config.schema import RunConfig
from earmark.report import write_leaderboard
from earmark.storage.sweep_folder import SweepFolder
from earmark.tracking import Tracker
from earmark.tracking.connection import default_uri
from earmark.tracking.mlflow_store import MlflowTracker


def tracker_of(config: RunConfig) -> Tracker:
    """The store that the run is written to."""
    tracker: Tracker = build(config.tracking)
    return tracker


def sync(folder: SweepFolder, *, uri: str | None = None) -> str | None:
    """Write the leaderboard and complete the store; returns a link to the sweep there.

    Raises:
        TrackingUnavailable: the store is gone.
    """
    write_leaderboard(folder)
    artifacts = str(paths.root() / "mlruns" / "artifacts")
    return MlflowTracker(uri or default_uri(), artifacts).sweep(folder)
