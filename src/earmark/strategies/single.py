"""Ask once.

In: a task. Out: the opening messages, then None. Few shots, a plan, a chain of thought and the like are settings of `Asking`.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from earmark.records import Attempt, Message, Task
from earmark.strategies.pick import last_valid
from earmark.strategies.prompt_settings import PromptSettings


@dataclass(frozen=True, kw_only=True)
class Single(PromptSettings):
    """One question, one answer."""

    def render(self, task: Task, history: Sequence[Attempt]) -> tuple[Message, ...] | None:
        """The opening, once."""
        return None if history else self.opening(task)

    def pick(self, history: Sequence[Attempt]) -> Attempt:
        """The one attempt. ValueError on an empty history."""
        return last_valid(history)
