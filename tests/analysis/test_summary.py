"""A run's scores: means over picked valid attempts, failures at the floor, costs over all."""

from collections.abc import Sequence
from dataclasses import replace

import pytest

from earmark.analysis.estimates import estimate_mean
from earmark.analysis.funnel import passed
from earmark.analysis.summary import pick_keys, summarise
from earmark.records import (
    Attempt,
    Clip,
    Completion,
    Failure,
    Message,
    Request,
    Run,
    Sampling,
    Scores,
    Task,
)
from earmark.testing.sweeps import config

CLIP = Clip("out.wav", 44100, 1, 44100, 1.0, 0.5, 0.1, 0.0, 0.0, "00")
CONFIG = config()


class LastValid:
    def render(self, task: Task, history: Sequence[Attempt]) -> tuple[Message, ...] | None:
        return None

    def pick(self, history: Sequence[Attempt]) -> Attempt:
        return ([a for a in history if a.valid] or list(history))[-1]


def made(task: str, turn: int, score: float | None, cost: float | None = 0.5) -> Attempt:
    request = Request(task, 1.0, 0, turn, (), Sampling())
    answer = Completion("", "m", "stop", 1, 1, 2.0, cost, Sampling(), Sampling())
    one = Attempt(
        f"{task}{turn}",
        "c",
        Task(task, "notes", "c", "p", 1.0),
        0,
        turn,
        request,
        completion=answer,
    )
    if score is None:
        return replace(one, failure=Failure("execute", "timeout", "30 s are over"))
    return replace(one, clip=CLIP, scores={"clap": score})


def summary(attempts: list[Attempt], floor: float | None = 0.1) -> Run:
    run = Run("c", "s", CONFIG, tuple(attempts))
    return summarise(run, strategy=LastValid(), headline="clap", floor=floor, set_metrics=())


def test_means_are_over_the_picked_attempt_of_each_episode() -> None:
    run = summary([made("a", 0, 0.2), made("a", 1, 0.4), made("b", 0, None)])
    assert run.scores["clap"] == pytest.approx(0.4)
    assert run.scores["clap_floored"] == pytest.approx((0.4 + 0.1) / 2)
    assert run.scores["valid_rate"] == 0.5


def test_cost_and_seconds_sum_all_attempts() -> None:
    run = summary([made("a", 0, 0.2), made("a", 1, 0.4)])
    assert (run.scores["cost_usd"], run.scores["seconds"]) == (1.0, 4.0)


def test_the_funnel_says_what_passed_each_step() -> None:
    run = summary([made("a", 0, None), made("a", 1, 0.4), made("b", 0, None), made("b", 1, None)])
    assert passed(run.scores) == [1.0] * 4 + [0.25] * 5


def test_tokens_are_summed_and_unknown_where_one_was_not_counted() -> None:
    uncounted = made("b", 0, 0.2)
    assert uncounted.completion is not None
    uncounted = replace(uncounted, completion=replace(uncounted.completion, prompt_tokens=None))
    run = summary([made("a", 0, 0.2), uncounted])
    assert run.scores["completion_tokens"] == 2.0
    assert run.unscored["prompt_tokens"] == "1 of 2 completions came without a count of tokens"
    assert "prompt_tokens" not in run.scores


def test_an_unknown_price_is_unknown() -> None:
    run = summary([made("a", 0, 0.2, cost=None), made("b", 0, 0.2)])
    assert "cost_usd" not in run.scores
    assert run.unscored["cost_usd"] == "1 of 2 completions have no known price"


def test_without_a_floor_the_floored_form_is_not_made_up() -> None:
    run = summary([made("a", 0, None)], floor=None)
    assert "clap_floored" not in run.scores
    assert "floor" in run.unscored["clap_floored"]
    assert run.unscored["clap"] == "no valid clip in this run"


def test_a_valid_clip_without_a_score_leaves_the_floored_form_unscored() -> None:
    unscored = replace(made("a", 0, 0.3), scores={}, unscored={"clap": "no weights"})
    run = summary([unscored])
    assert run.unscored["clap"] == "no weights"
    assert run.unscored["clap_floored"] == "1 valid clips have no clap score"


def test_set_metrics_get_the_valid_picks_only() -> None:
    class Count:
        def score(self, pairs: Sequence[tuple[Clip, Task]]) -> Scores:
            tasks = " ".join(task.id for _, task in pairs)
            return Scores(values={"n": float(len(pairs))}, unscored={"fad": f"too few of {tasks}"})

    run = Run("c", "s", CONFIG, (made("a", 0, 0.2), made("b", 0, None)))
    run = summarise(run, strategy=LastValid(), headline="clap", floor=0.0, set_metrics=[Count()])
    assert run.scores["n"] == 1.0
    assert run.unscored["fad"] == "too few of a"


def test_turn_order_decides_not_list_order() -> None:
    late, early = made("a", 1, 0.4), made("a", 0, 0.2)
    assert pick_keys([late, early], LastValid()) == (late.key,)


def test_the_numbers_a_reader_compares_by_carry_their_errors() -> None:
    valid = [
        replace(made(task, 0, score), scores={"clap": score, "check_ok": score})
        for task, score in (("a", 0.2), ("b", 0.4))
    ]
    run = summary([*valid, made("c", 0, None)])
    assert run.scores["clap_se"] == run.scores["check_ok_se"] == pytest.approx(0.1)
    assert run.scores["clap_floored_se"] == pytest.approx(
        estimate_mean([0.2, 0.4, 0.1], ["a", "b", "c"]).standard_error
    )
    assert run.scores["valid_rate_se"] == pytest.approx(
        estimate_mean([1.0, 1.0, 0.0], ["a", "b", "c"]).standard_error
    )


def test_one_task_has_no_error() -> None:
    assert [name for name in summary([made("a", 0, 0.2)]).scores if name.endswith("_se")] == []
