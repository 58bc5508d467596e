"""The seam of tracking: a sweep's folder -> a store that can be browsed.

In: folders written by the archive. Out: runs. Everything a tracker holds can be written again from the folder, any number of
times, with the same result; a tracker never holds what the folder lacks. It raises TrackingUnavailable, which costs nothing
but a later `earmark sync`.
"""

from typing import Protocol

from earmark.storage.run_folder import RunFolder
from earmark.storage.sweep_folder import SweepFolder


class Tracker(Protocol):
    """Where finished runs become visible."""

    def sweep(self, folder: SweepFolder) -> str | None:
        """Make or find the sweep's parent run and bring it up to date; a link to open, or None."""

    def run(self, folder: RunFolder) -> str | None:
        """Make or bring up to date the run of one finished run; a link to open, or None."""
