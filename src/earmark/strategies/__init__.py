"""A strategy decides which messages each turn sends, and which attempt of an episode counts.

Strategies are pure: they read no clock, no random numbers and no files while they run.
"""

from collections.abc import Sequence
from typing import Protocol

from earmark.records import Attempt, Message, Task


class Strategy(Protocol):
    """The loop of an episode, and the settings of its prompts."""

    def render(self, task: Task, history: Sequence[Attempt]) -> tuple[Message, ...] | None:
        """The messages of the next turn; None ends the episode. Must end for every history."""

    def pick(self, history: Sequence[Attempt]) -> Attempt:
        """The attempt that counts, one of `history`. Raises ValueError on an empty history."""
