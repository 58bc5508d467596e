"""The seam of judging: a clip, or a set of clips, -> Scores.

In: Clips. Out: finite numbers, and a reason for each number that could not be given. A metric never raises for what a clip
holds and never returns NaN, 0 or -1 in place of "I do not know".
"""

from collections.abc import Sequence
from typing import Protocol

from earmark.records import Clip, Scores, Task


class ClipMetric(Protocol):
    """Judges one clip against its task."""

    def score(self, clip: Clip, task: Task) -> Scores:
        """Scores of this clip alone."""


class SetMetric(Protocol):
    """Judges the clips of a run together."""

    def score(self, clips: Sequence[Clip], tier: str) -> Scores:
        """Scores of the set."""
