"""What a sweep has to do with its tracking store: which one it is, and bringing it up to date."""

from dataclasses import replace

from earmark import paths
from earmark.config.build import build
from earmark.config.schema import RunConfig
from earmark.report import write_leaderboard
from earmark.storage.sweep_folder import SweepFolder
from earmark.storage.urls import tracking_uri
from earmark.sweep.store_process import TrackerProcess
from earmark.tracking import Tracker
from earmark.tracking.connection import redact
from earmark.tracking.mlflow_store import MlflowTracker


def sync(folder: SweepFolder, *, uri: str | None = None) -> str | None:
    """Write the leaderboard and complete the store; returns a link to the sweep there.

    Raises:
        TrackingUnavailable: the store is gone.
    """
    write_leaderboard(folder)
    return MlflowTracker(uri or tracking_uri(), str(paths.artifacts())).sweep(folder)


def tracker_of(config: RunConfig) -> Tracker:
    """The store that a run is written to."""
    tracker: Tracker = build(config.tracking)
    return tracker


def session_tracker(config: RunConfig) -> Tracker:
    """The same for a process that runs a sweep; MLflow begins to be imported in one of its own."""
    tracker = tracker_of(config)
    return TrackerProcess(tracker) if isinstance(tracker, MlflowTracker) else tracker


def recorded(config: RunConfig) -> RunConfig:
    """The configuration as run.json holds it: a store's address may carry a password."""
    uri = config.tracking.uri
    settings = {
        name: redact(value) if isinstance(value, str) else value
        for name, value in config.tracking.settings.items()
    }
    tracking = replace(config.tracking, uri=redact(uri) if uri else uri, settings=settings)
    return replace(config, tracking=tracking)
