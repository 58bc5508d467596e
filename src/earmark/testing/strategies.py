# ruff: noqa: S101 - a contract suite asserts
"""The contract of a Strategy: a class of tests to inherit.

The histories hold attempts of every outcome, so that no loop goes on for ever and none depends on
how an episode came about.
"""

import itertools
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import replace

import pytest

from earmark.pipeline import MAX_TURNS
from earmark.records import (
    FAILURES,
    Attempt,
    Clip,
    Completion,
    Execution,
    Failure,
    Message,
    Program,
    Request,
    Sampling,
    Stage,
    Task,
)
from earmark.strategies import Strategy

TASK = Task(
    id="limits",
    tier="notes",
    caption="a steady tone",
    prompt="A steady tone at 440 Hz.",
    seconds=2.0,
)
SOURCE = "import soundfile as sf\nsf.write('out.wav', [0.1] * 44100, 44100)\n"


def valid_attempt(turn: int = 0, /, **scores: float) -> Attempt:
    """An attempt that reached a clip, with these scores."""
    clip = Clip(
        "out.wav",
        44100,
        1,
        88200,
        2.0,
        peak=0.5,
        rms=0.1,
        dc_offset=0.0,
        clipped_fraction=0.0,
        sha256="0" * 64,
    )
    return replace(_ran(turn), clip=clip, scores=scores)


def failed_attempt(stage: Stage, at: int = 0, turn: int = 0) -> Attempt:
    """An attempt that failed at a stage, by the failure kind of that stage at index `at`."""
    kinds = FAILURES[stage]
    attempt = _ran(turn) if stage in ("execute", "audio") else _answered(turn)
    return replace(attempt, failure=Failure(stage, kinds[at % len(kinds)], "it went wrong"))


def histories(length: int) -> list[list[Attempt]]:
    """Every order of `length` outcomes: a clip, or a failure at any stage."""
    outcomes: list[Stage | None] = [None, *FAILURES]
    orders = itertools.product(outcomes, repeat=length)
    return [list(map(_attempt, order, range(length))) for order in orders]


def _attempt(outcome: Stage | None, turn: int) -> Attempt:
    if outcome is None:
        return valid_attempt(turn, score=float(turn))
    return failed_attempt(outcome, turn=turn)


def _answered(turn: int) -> Attempt:
    request = Request(
        TASK.id,
        TASK.seconds,
        sample=0,
        turn=turn,
        messages=(Message("user", TASK.prompt),),
        sampling=Sampling(),
    )
    completion = Completion("", "limits", "stop", None, None, 0.1, None, Sampling(), Sampling())
    return Attempt(
        key=f"{turn:016x}",
        run="limits",
        task=TASK,
        sample=0,
        turn=turn,
        request=request,
        completion=completion,
    )


def _ran(turn: int) -> Attempt:
    execution = Execution(
        "exit", 1, "", "Traceback: it went wrong\n", 0.1, 0.1, 1, "none", "missing", None
    )
    return replace(_answered(turn), program=Program(SOURCE), execution=execution)


class StrategyContract(ABC):
    """Inherit from it and define `strategy`."""

    @abstractmethod
    def strategy(self) -> Strategy:
        """A fresh strategy; two calls give two that behave the same."""

    def test_it_opens_with_a_conversation(self) -> None:
        self._is_a_conversation(self.strategy().render(TASK, ()))

    @pytest.mark.parametrize("length", [1, 2, 3])
    def test_every_history_ends_or_goes_on_with_a_conversation(self, length: int) -> None:
        strategy = self.strategy()
        for history in histories(length):
            messages = strategy.render(TASK, history)
            if messages is not None:
                self._is_a_conversation(messages)

    @pytest.mark.parametrize("outcome", [None, *FAILURES])
    def test_it_stops(self, outcome: Stage | None) -> None:
        strategy, history = self.strategy(), list[Attempt]()
        while strategy.render(TASK, history) is not None:
            turn = len(history)
            assert turn < MAX_TURNS, "the strategy must stop for every history"
            history.append(
                failed_attempt(outcome, turn, turn) if outcome else valid_attempt(turn, score=1.0)
            )
        assert strategy.render(TASK, [*history, valid_attempt(len(history))]) is None, (
            "an episode that has ended must not begin again"
        )

    def test_it_is_pure(self) -> None:
        one, other = self.strategy(), self.strategy()
        for history in histories(2):
            before = list(history)
            assert (
                one.render(TASK, history)
                == one.render(TASK, tuple(history))
                == other.render(TASK, history)
            )
            assert one.pick(history) == other.pick(history)
            assert history == before

    @pytest.mark.parametrize("length", [1, 2, 3])
    def test_it_picks_one_of_the_history_and_a_valid_one_if_there_is(self, length: int) -> None:
        strategy = self.strategy()
        for history in histories(length):
            picked = strategy.pick(history)
            assert picked in history
            assert picked.valid or not any(one.valid for one in history)

    def test_an_empty_history_has_nothing_to_pick(self) -> None:
        with pytest.raises(ValueError, match="empty history"):
            self.strategy().pick([])

    @staticmethod
    def _is_a_conversation(messages: Sequence[Message] | None) -> None:
        assert messages, "an episode that goes on must send messages"
        assert messages[-1].role == "user"
        assert all(message.content.strip() for message in messages), (
            "providers refuse an empty message"
        )
        roles = [message.role for message in messages]
        assert roles.count("system") <= 1
        spoken = [role for role in roles if role != "system"]
        assert spoken == ["user", "assistant"] * (len(spoken) // 2) + ["user"], (
            "the turns must alternate"
        )
