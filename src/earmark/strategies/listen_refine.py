"""Ask, and answer each clip with what was heard, each failure with what went wrong.

In: a task and the attempts so far. Out: the whole conversation with a listening report at its end. The report holds levels, spectrum,
onsets, pitch and scores as far as the metrics of the run gave them.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from earmark.records import Attempt, Message, Task
from earmark.strategies.pick import last_valid
from earmark.strategies.prompt_settings import PromptSettings


@dataclass(frozen=True, kw_only=True)
class ListenRefine(PromptSettings):
    """`turns` answers, each but the first told what became of the one before.

    Args:
        turns: how many answers, 1..16; `max_turns` may end the episode before.
    """

    turns: int = 3

    def __post_init__(self) -> None:
        """Say what is wrong before anything is asked."""
        super().__post_init__()
        self.require("turns", self.turns, low=1, high=16)

    def render(self, task: Task, history: Sequence[Attempt]) -> tuple[Message, ...] | None:
        """The opening and every turn so far, until there are `turns` answers."""
        if len(history) >= self.turns:
            return None
        return (*self.opening(task), *self.turns_of(task, history))

    def pick(self, history: Sequence[Attempt]) -> Attempt:
        """The last valid attempt, else the last. ValueError on an empty history."""
        return last_valid(history)
