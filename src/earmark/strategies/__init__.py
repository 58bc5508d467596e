"""The seam of how it is asked: task + history -> messages, until there are none left.

In: a Task and the Attempts made so far in this episode. Out: messages, or None to stop. Pure: no clock, no chance, no files.
"""

from collections.abc import Sequence
from typing import Protocol

from earmark.records import Attempt, Message, Task


class Strategy(Protocol):
    """A loop and its prompt settings."""

    def render(self, task: Task, history: Sequence[Attempt]) -> tuple[Message, ...] | None:
        """The next messages, or None when the episode is over. Must stop for every history."""

    def pick(self, history: Sequence[Attempt]) -> Attempt:
        """The attempt that counts: by default the last valid one, else the last. ValueError on an empty history."""
