"""What each strategy answers to an attempt, and which attempt it picks."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, cast

import pytest

from earmark.pipeline import Parts, attempt
from earmark.records import FAILURES, Completion, Message, Program, Request, Sampling, Stage
from earmark.strategies.acoustic_report import acoustic_report
from earmark.strategies.feedback import (
    EMPTY_ANSWER,
    MAX_ANSWER_CHARS,
    MAX_TRACEBACK_CHARS,
    shorten,
)
from earmark.strategies.selection import best_scored, last_valid
from earmark.testing.strategies import SOURCE, TASK, failed_attempt, valid_attempt
from tests.strategies.presets import preset

KINDS = [(stage, at) for stage, kinds in FAILURES.items() for at in range(len(kinds))]


@pytest.mark.parametrize(("stage", "at"), KINDS)
def test_repair_answers_every_kind_of_failure(stage: Stage, at: int) -> None:
    failed = failed_attempt(stage, at)
    messages = preset("repair").render(TASK, [failed])
    assert failed.failure is not None
    assert failed.failure.kind in messages[-1].content
    assert failed.failure.message in messages[-1].content
    assert ("Traceback" in messages[-1].content) == (stage == "execute")
    assert messages[-2].content == (
        f"```python\n{SOURCE.strip()}\n```" if stage in ("execute", "audio") else EMPTY_ANSWER
    )


@dataclass
class Answering:
    """A model that gives one answer."""

    answer: Completion
    identity: Mapping[str, Any] = field(default_factory=dict)

    def complete(self, _: Request) -> Completion:
        return self.answer

    def close(self) -> None:
        return


@pytest.mark.parametrize("text", ["Good luck!", "```python\nx = (\n```", ""])
def test_an_answer_without_a_program_is_asked_for_one_once_and_not_again(text: str) -> None:
    sampling = Sampling()
    completion = Completion(text, "model", "stop", 1, 1, 0.1, None, sampling, sampling)
    parts = Parts(model=Answering(completion), sandbox=cast(Any, None))
    request = Request(TASK.id, 2.0, 0, 0, (Message("user", "A tone."),), sampling)
    failed = attempt(TASK, request, run="r", folder=Path(), parts=parts)
    assert failed.failure is not None
    question = preset("repair").render(TASK, [failed])[-1].content
    assert question.count("one complete program that fixes this problem") == 1
    assert question.count("```python code block") == 1
    assert "again" not in question


def test_the_onsets_of_a_rhythm_are_counted_in_one_line() -> None:
    report = acoustic_report(valid_attempt(onset_count=5.0, check_onset_count=4.0))
    assert [line for line in report if "onsets" in line] == ["number of onsets: 4"]
    report = acoustic_report(valid_attempt(onset_count=5.0))
    assert [line for line in report if "onsets" in line] == ["number of onsets: 5"]


def test_repair_ends_with_a_clip_and_with_its_turns() -> None:
    repair = preset("repair", ["strategy.turns=2"])
    assert repair.render(TASK, [valid_attempt()]) is None
    assert repair.render(TASK, [failed_attempt("execute")]) is not None
    assert repair.render(TASK, [failed_attempt("execute"), failed_attempt("execute")]) is None


def test_listen_refine_reports_measurements_and_no_verdicts() -> None:
    scores = {
        "centroid_hz": 812.4,
        "onset_count": 3.0,
        "check_f0_hz": 441.2,
        "check_f0_ok": 1.0,
        "check_ok": 0.5,
        "yamnet_minilm": 0.31,
    }
    report = preset("listen_refine").render(TASK, [valid_attempt(**scores)])[-1].content
    for words in (
        "2.00 s (requested: 2 s)",
        "-6.0 dBFS",
        "-20.0 dBFS",
        "centroid: 812 Hz",
        "number of onsets: 3",
        "f0 hz: 441.2",
        "yamnet minilm: 0.31",
    ):
        assert words in report
    assert "ok" not in report.split()
    assert "0.5" not in report


def test_a_report_names_faults_only_where_there_are_some() -> None:
    clean = valid_attempt()
    assert clean.clip is not None
    bad = replace(clean, clip=replace(clean.clip, clipped_fraction=0.25, dc_offset=-0.2))
    assert not any("clipping" in line or "offset" in line for line in acoustic_report(clean))
    assert "clipping: 25.0% of the samples are at full scale" in acoustic_report(bad)
    assert "DC offset: -0.200 of full scale" in acoustic_report(bad)
    assert acoustic_report(failed_attempt("execute")) == []


def test_best_of_n_asks_the_same_n_times_and_picks_by_its_metric() -> None:
    best = preset("best_of_n", ["strategy.n=3", "strategy.metric=score"])
    history = [
        valid_attempt(0, score=0.2),
        valid_attempt(1, score=0.9),
        failed_attempt("execute", turn=2),
    ]
    assert best.render(TASK, []) == best.render(TASK, history[:2])
    assert best.render(TASK, history) is None
    assert best.pick(history) is history[1]


def test_picks() -> None:
    failed = failed_attempt("execute")
    scored, unscored = valid_attempt(1, score=0.5), valid_attempt(2)
    equal = valid_attempt(3, score=0.5)
    assert last_valid([scored, failed]) is scored
    assert last_valid([failed, replace(failed, turn=1)]).turn == 1
    assert best_scored([scored, unscored, equal], metric="score") is scored
    assert best_scored([scored, unscored], metric="other") is unscored
    assert best_scored([failed], metric="score") is failed
    assert best_scored([scored, valid_attempt(4, score=float("nan"))], metric="score") is scored


def test_what_is_repeated_stays_small() -> None:
    failed = failed_attempt("execute")
    assert failed.execution is not None
    long = replace(
        failed,
        program=Program("x" * 100_000),
        execution=replace(failed.execution, stderr="y" * 100_000 + "last line"),
    )
    messages = preset("repair").render(TASK, [long])
    assert len(messages[-2].content) < MAX_ANSWER_CHARS + 100
    assert len(messages[-1].content) < MAX_TRACEBACK_CHARS + 400
    assert "last line" in messages[-1].content
    assert shorten("short ", 10) == "short"


def test_the_report_gives_the_pitch_in_order_of_time_and_where_there_is_none() -> None:
    gliding = replace(
        valid_attempt(0, f0_at_90_hz=440.0, f0_at_10_hz=220.04),
        unscored={"f0_at_50_hz": "no pitch", "fad": "too few"},
    )
    assert (
        "pitch over the length of the sound: 220.0 Hz at 10 %, no pitch at 50 %, 440.0 Hz at 90 %"
        in acoustic_report(gliding)
    )
    assert not any("pitch over" in line for line in acoustic_report(valid_attempt()))
