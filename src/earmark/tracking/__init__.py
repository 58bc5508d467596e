"""The seam of tracking: brings what a sweep's folder holds into a store that can be browsed.

A tracker never holds what the folder lacks, so all of it can be written again at any time. One
that cannot write raises TrackingUnavailable, which costs nothing but a later `earmark sync`.
"""

from typing import Protocol

from earmark.storage.run_folder import RunFolder
from earmark.storage.sweep_folder import SweepFolder


class Tracker(Protocol):
    """Where finished runs become visible."""

    def sweep(self, folder: SweepFolder) -> str | None:
        """Bring the sweep's parent run and its runs up to date; a link to open, or None."""

    def run(self, folder: RunFolder) -> str | None:
        """Bring one finished run up to date; a link to open, or None."""
