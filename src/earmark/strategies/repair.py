"""Ask, and answer each failure with what went wrong, until a clip comes out.

In: a task and the attempts so far. Out: the whole conversation with the last failure at its end. A clip that is valid ends the
episode, whatever it sounds like: see listen_refine for that.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from earmark.records import Attempt, Message, Task
from earmark.strategies.pick import last_valid
from earmark.strategies.prompt_settings import PromptSettings


@dataclass(frozen=True, kw_only=True)
class Repair(PromptSettings):
    """Up to `turns` answers, each but the first told how the one before failed.

    Args:
        turns: the most answers, 1..16; `max_turns` may end the episode before.
    """

    turns: int = 3

    def __post_init__(self) -> None:
        """Say what is wrong before anything is asked."""
        super().__post_init__()
        self.require("turns", self.turns, low=1, high=16)

    def render(self, task: Task, history: Sequence[Attempt]) -> tuple[Message, ...] | None:
        """The opening and every turn so far; None after a valid attempt or `turns` answers."""
        if len(history) >= self.turns or any(one.valid for one in history):
            return None
        return (*self.opening(task), *self.turns_of(task, history))

    def pick(self, history: Sequence[Attempt]) -> Attempt:
        """The last valid attempt, else the last. ValueError on an empty history."""
        return last_valid(history)
