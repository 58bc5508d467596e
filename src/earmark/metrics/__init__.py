"""Metrics score one clip against its task, or the clips of a run together.

A metric returns finite numbers, and a reason for each number that it cannot give. It never raises
for what a clip holds, and never returns NaN, 0 or -1 for "unknown".
"""

from collections.abc import Mapping, Sequence
from typing import Protocol, runtime_checkable

from earmark.embedders import Embedder
from earmark.records import Clip, Scores, Task


class ClipMetric(Protocol):
    """Scores one clip against its task."""

    def score(self, clip: Clip, task: Task) -> Scores:
        """Scores of this clip alone."""


class SetMetric(Protocol):
    """Scores the clips of a run together."""

    def score(self, pairs: Sequence[tuple[Clip, Task]]) -> Scores:
        """Scores of the set: each clip with the task that it answers, all of one tier."""


@runtime_checkable
class Identified(Protocol):
    """A metric whose numbers depend on more than the clip and the task."""

    @property
    def id(self) -> str:
        """What they depend on. Values with different ids are never compared."""


@runtime_checkable
class HasMembers(Protocol):
    """A metric that brings embedders of its own, which preflight must load as well."""

    @property
    def members(self) -> Mapping[str, Embedder]:
        """The embedders by name."""
