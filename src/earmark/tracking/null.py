"""The tracker that keeps nothing: for tests, for `tracking=none`.

In: folders. Out: nothing; the folders stay as they are.
"""

from earmark.storage.run_folder import RunFolder
from earmark.storage.sweep_folder import SweepFolder


class NullTracker:
    """Leaves everything in the sweep's folder; `earmark sync` can bring it to a store at any time."""

    def sweep(self, folder: SweepFolder) -> str | None:  # the seam's signature
        """No run, no link."""
        return None

    def run(self, folder: RunFolder) -> str | None:  # the seam's signature
        """No run, no link."""
        return None
