"""Every preset of conf/strategy keeps the contract; a strategy that does not is caught."""

from collections.abc import Sequence
from functools import cache
from typing import Any

import pytest

from earmark.records import Attempt, Message, Task
from earmark.strategies import Strategy
from earmark.testing.strategies import TASK, StrategyContract, histories, valid_attempt
from tests.strategies.presets import PRESETS, preset, settings


@cache
def node(name: str) -> dict[str, Any]:
    return settings(name)


@pytest.mark.parametrize("name", PRESETS)
class TestPresets(StrategyContract):
    @pytest.fixture(autouse=True)
    def _named(self, name: str) -> None:
        self.name = name

    def strategy(self) -> Strategy:
        strategy: Strategy = preset(self.name, given=node(self.name))
        return strategy


class Endless:
    """Never stops, and picks the first attempt whatever it is."""

    def render(self, task: Task, history: Sequence[Attempt]) -> tuple[Message, ...] | None:
        return (Message("user", task.prompt),)

    def pick(self, history: Sequence[Attempt]) -> Attempt:
        return history[0]


class EndlessContract(StrategyContract):
    def strategy(self) -> Strategy:
        return Endless()


def test_the_contract_catches_a_strategy_that_never_stops() -> None:
    with pytest.raises(AssertionError, match="must stop"):
        EndlessContract().test_it_stops(None)


def test_the_contract_catches_a_bad_pick() -> None:
    with pytest.raises(AssertionError):
        EndlessContract().test_it_picks_one_of_the_history_and_a_valid_one_if_there_is(2)


def test_the_contract_catches_turns_that_do_not_alternate() -> None:
    with pytest.raises(AssertionError, match="alternate"):
        StrategyContract._is_a_conversation([Message("user", "a"), Message("user", "b")])


def test_histories_hold_every_outcome_once() -> None:
    assert len(histories(2)) == 25
    assert valid_attempt().valid
    assert TASK.prompt
