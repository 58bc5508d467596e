"""Ask the same n times and keep the best by one metric.

In: a task. Out: the same messages n times; the turn makes them n requests. The metric that picks flatters itself: report another one.
At temperature 0 most models give the same answer n times.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from earmark.records import Attempt, Message, Task
from earmark.strategies.pick import highest
from earmark.strategies.prompt_settings import PromptSettings


@dataclass(frozen=True, kw_only=True)
class BestOfN(PromptSettings):
    """n answers to one question.

    Args:
        n: how many answers, 1..64; `max_turns` may end the episode before.
        metric: the score that picks. Unscored attempts are not picked while a scored one is there.
    """

    n: int = 4
    metric: str = "check_ok"

    def __post_init__(self) -> None:
        """Say what is wrong before anything is asked."""
        super().__post_init__()
        self.require("n", self.n, low=1, high=64)

    def render(self, task: Task, history: Sequence[Attempt]) -> tuple[Message, ...] | None:
        """The opening, n times."""
        return self.opening(task) if len(history) < self.n else None

    def pick(self, history: Sequence[Attempt]) -> Attempt:
        """The valid attempt with the highest score. ValueError on an empty history."""
        return highest(history, metric=self.metric)
