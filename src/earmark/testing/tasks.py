# ruff: noqa: S101 - a contract suite asserts
"""The contract of a tier: a class of tests to inherit, also for a tier of your own."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any

from earmark.tasks.loading import load, select
from earmark.tasks.spec import FACTS

FORMAT_WORDS = ("out.wav", "numpy", "soundfile", "python", "wav file", "sample rate")


class TierContract(ABC):
    """Inherit from it and define `tier`."""

    @abstractmethod
    def tier(self) -> Mapping[str, Any]:
        """The values of conf/tier/NAME.yaml."""

    def test_every_task_is_valid(self) -> None:
        assert len(load(self.tier())) == len(self.tier()["tasks"])

    def test_prompts_say_what_to_make_and_not_how_to_write_files(self) -> None:
        for task in load(self.tier()):
            words = [word for word in FORMAT_WORDS if word in task.prompt.lower()]
            assert words == [], task.id

    def test_captions_and_prompts_are_all_different(self) -> None:
        tasks = load(self.tier())
        assert len({task.caption for task in tasks}) == len(tasks)
        assert len({task.prompt for task in tasks}) == len(tasks)

    def test_every_task_states_a_fact_and_two_paraphrases(self) -> None:
        for task in load(self.tier()):
            assert FACTS.keys() & task.spec.keys(), task.id
            assert len(set(task.paraphrases)) == 2, task.id

    def test_a_few_spread_over_difficulty_and_are_the_same_every_time(self) -> None:
        tasks = load(self.tier())
        levels = {task.difficulty for task in tasks}
        few = select(tasks, limit=len(levels))
        assert {task.difficulty for task in few} == levels
        assert few == select(tuple(tasks), limit=len(levels))
