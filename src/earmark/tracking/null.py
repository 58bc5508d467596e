"""The tracker that keeps nothing: for tests and `tracking=none`."""

from earmark.storage.run_folder import RunFolder
from earmark.storage.sweep_folder import SweepFolder


class NullTracker:
    """Leaves everything in the sweep's folder; `earmark sync` can bring it to a store later."""

    def sweep(self, folder: SweepFolder) -> str | None:  # noqa: ARG002  the seam's signature
        """No run, no link."""
        return None

    def run(self, folder: RunFolder) -> str | None:  # noqa: ARG002  the seam's signature
        """No run, no link."""
        return None
