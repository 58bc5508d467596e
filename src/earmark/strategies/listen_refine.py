"""The strategy that answers each clip with an acoustic report, and each failure with its error.

The report holds levels, spectrum, onsets, pitch and scores, as far as the metrics of the run
measured them.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from earmark.records import Attempt, Message, Task
from earmark.strategies.prompt_settings import PromptSettings
from earmark.strategies.selection import last_valid


@dataclass(frozen=True, kw_only=True)
class ListenRefine(PromptSettings):
    """`turns` answers, each but the first with feedback on the one before.

    Args:
        turns: how many answers, 1..16.
    """

    turns: int = 3

    def __post_init__(self) -> None:
        """Refuse wrong settings before any model is called."""
        super().__post_init__()
        self.require_within("turns", self.turns, 1, 16)

    def render(self, task: Task, history: Sequence[Attempt]) -> tuple[Message, ...] | None:
        """The conversation so far; None after `turns` attempts."""
        return self.conversation(task, history) if len(history) < self.turns else None

    def pick(self, history: Sequence[Attempt]) -> Attempt:
        """The last valid attempt, else the last. Raises ValueError on an empty history."""
        return last_valid(history)
