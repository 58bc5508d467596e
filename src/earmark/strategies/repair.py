"""The strategy that answers a failure with its error message, until a program leaves a clip.

A valid clip ends the episode, whatever it sounds like; listen_refine goes on from there.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from earmark.records import Attempt, Message, Task
from earmark.strategies.prompt_settings import PromptSettings
from earmark.strategies.selection import last_valid


@dataclass(frozen=True, kw_only=True)
class Repair(PromptSettings):
    """Up to `turns` answers; each failure is sent back to the model.

    Args:
        turns: the most answers, 1..16.
    """

    turns: int = 3

    def __post_init__(self) -> None:
        """Refuse wrong settings before any model is called."""
        super().__post_init__()
        self.require_within("turns", self.turns, 1, 16)

    def render(self, task: Task, history: Sequence[Attempt]) -> tuple[Message, ...] | None:
        """The conversation so far; None after a valid attempt or `turns` attempts."""
        if len(history) >= self.turns or any(attempt.valid for attempt in history):
            return None
        return self.conversation(task, history)

    def pick(self, history: Sequence[Attempt]) -> Attempt:
        """The last valid attempt, else the last. Raises ValueError on an empty history."""
        return last_valid(history)
