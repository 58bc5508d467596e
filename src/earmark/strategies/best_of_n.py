"""The strategy that asks the same question n times and keeps the answer with the best score.

The metric that picks flatters itself, so report another one. At temperature 0 most models give
the same answer n times.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from earmark.records import Attempt, Message, Task
from earmark.strategies.prompt_settings import PromptSettings
from earmark.strategies.selection import best_scored


@dataclass(frozen=True, kw_only=True)
class BestOfN(PromptSettings):
    """n answers to one question.

    Args:
        n: how many answers, 1..64.
        metric: the score that picks. An attempt without that score is picked only when no valid
            attempt has one.
    """

    n: int = 4
    metric: str = "check_ok"

    def __post_init__(self) -> None:
        """Refuse wrong settings before any model is called."""
        super().__post_init__()
        self.require_within("n", self.n, 1, 64)

    def render(self, task: Task, history: Sequence[Attempt]) -> tuple[Message, ...] | None:
        """The opening; None after n attempts."""
        return self.opening(task) if len(history) < self.n else None

    def pick(self, history: Sequence[Attempt]) -> Attempt:
        """The valid attempt with the highest score. Raises ValueError on an empty history."""
        return best_scored(history, metric=self.metric)
