from pathlib import Path

import pytest

from earmark.testing.tracking import TrackerContract
from earmark.tracking import Tracker
from earmark.tracking.null import NullTracker


class TestNullTracker(TrackerContract):
    @pytest.fixture
    def tracker(self, tmp_path: Path) -> Tracker:
        return NullTracker()
