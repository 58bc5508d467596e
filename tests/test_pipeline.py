"""The flow: an episode has as many turns as its strategy asks for, and a strategy must end it."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, cast

import pytest

from earmark.errors import HarnessError
from earmark.pipeline import MAX_TURNS, Design, Parts, episode, frames_agree
from earmark.records import (
    Attempt,
    Completion,
    Execution,
    Limits,
    Message,
    Program,
    Request,
    Sampling,
)
from earmark.sandbox import Sandbox
from earmark.strategies import Strategy
from earmark.strategies.selection import last_valid
from earmark.testing.strategies import TASK, valid_attempt
from tests.strategies.presets import preset


class Empty:
    """A model whose every answer is empty, so that no program has to be executed."""

    identity: Mapping[str, Any] = {}

    def complete(self, request: Request) -> Completion:
        sampling = request.sampling
        return Completion("", "empty", "stop", None, None, 0.0, None, sampling, sampling)

    def close(self) -> None:
        return


class Endless:
    """A strategy that never returns None."""

    def render(self, *_: object) -> tuple[Message, ...]:
        return (Message("user", "and again"),)

    def pick(self, history: Sequence[Attempt]) -> Attempt:
        return last_valid(history)


def attempts_of(strategy: Strategy, folder: Path, history: Sequence[Attempt] = ()) -> list[Attempt]:
    design = Design("run", (TASK,), 1, strategy, Sampling(), seed=0)
    parts = Parts(model=Empty(), sandbox=cast(Any, None))
    turns = episode(
        TASK, 0, design=design, parts=parts, folder_of=lambda _: folder, history=history
    )
    return list(turns)


@pytest.mark.parametrize("n", [1, 8, 64])
def test_an_episode_has_as_many_turns_as_its_strategy_asks_for(n: int, tmp_path: Path) -> None:
    made = attempts_of(preset("best_of_n", [f"strategy.n={n}"]), tmp_path)
    assert [one.turn for one in made] == list(range(n))
    seeds = {one.request.sampling.seed for one in made}
    assert len(seeds) == n
    saved = made[: n // 2]
    resumed = attempts_of(preset("best_of_n", [f"strategy.n={n}"]), tmp_path, saved)
    assert [*saved, *resumed] == made


def test_a_strategy_that_never_ends_is_stopped_by_name(tmp_path: Path) -> None:
    rule = f"strategy Endless: must end an episode within {MAX_TURNS} turns, goes on after"
    with pytest.raises(HarnessError, match=rule):
        attempts_of(cast(Strategy, Endless()), tmp_path)


class Hurried:
    """A sandbox on a machine so busy that every program is out of time."""

    limits = Limits()

    def execute(self, *_: object, **__: object) -> Execution:
        return Execution("timeout", None, "", "", 30.0, 1.0, 0, "process", "missing", None)


def test_frames_of_a_second_execution_that_fails_are_unscored_with_the_reason() -> None:
    clip = valid_attempt().clip
    assert clip is not None
    scores = frames_agree(Program(""), clip, cast(Sandbox, Hurried()))
    assert scores.values == {}
    (reason,) = scores.unscored.values()
    assert reason.startswith("the second execution left no clip: the program was stopped after")
