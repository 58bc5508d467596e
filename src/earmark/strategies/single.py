"""The strategy that asks once. Few-shot examples, a plan and the like are prompt settings."""

from collections.abc import Sequence
from dataclasses import dataclass

from earmark.records import Attempt, Message, Task
from earmark.strategies.prompt_settings import PromptSettings
from earmark.strategies.selection import last_valid


@dataclass(frozen=True, kw_only=True)
class Single(PromptSettings):
    """One question, one answer."""

    def render(self, task: Task, history: Sequence[Attempt]) -> tuple[Message, ...] | None:
        """The opening; None after the first attempt."""
        return None if history else self.opening(task)

    def pick(self, history: Sequence[Attempt]) -> Attempt:
        """The one attempt. Raises ValueError on an empty history."""
        return last_valid(history)
