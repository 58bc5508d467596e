"""Each attempt is lost at one step at most; the funnel says what passed each."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from earmark.analysis.funnel import STEP_OF, STEPS, failed_step, shares
from earmark.records import FAILURES, Attempt, Failure, FailureKind, Request, Sampling, Task

TASK = Task("a4", "notes", "a note", "Make a note.", 1.0)
VALID = Attempt("k", "c", TASK, 0, 0, Request("a4", 1.0, 0, 0, (), Sampling()))
KINDS = [kind for listed in FAILURES.values() for kind in listed]
kinds = st.sampled_from(KINDS)


def failed(kind: FailureKind) -> Attempt:
    return replace(VALID, failure=Failure("execute", kind, "why"))


def test_every_kind_has_a_step() -> None:
    assert set(STEP_OF) == set(KINDS)
    assert set(STEP_OF.values()) == set(STEPS)


@given(st.lists(kinds | st.none(), min_size=1))
def test_shares_never_rise_and_end_in_what_is_valid(drawn: list[FailureKind | None]) -> None:
    passed = shares([VALID if kind is None else failed(kind) for kind in drawn])
    values = list(passed.values())
    assert values == sorted(values, reverse=True)
    assert values[-1] == pytest.approx(drawn.count(None) / len(drawn))
    before = dict(zip(STEPS, [1.0, *values], strict=False))
    for step in STEPS:
        lost = sum(kind is not None and STEP_OF[kind] == step for kind in drawn)
        assert before[step] - passed[step] == pytest.approx(lost / len(drawn))


def test_no_attempts_have_no_shares() -> None:
    assert shares([]) == {}


def test_a_failed_attempt_has_its_step() -> None:
    assert (failed_step(failed("syntax")), failed_step(VALID)) == ("parses", None)
