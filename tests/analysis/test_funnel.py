"""The funnel gives each attempt exactly one place, and its shares sum to one."""

from dataclasses import replace
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from earmark.analysis.funnel import PLACE_OF, PLACES, lost_at, shares
from earmark.records import Attempt, Failure, FailureKind, Request, Sampling, Task

TASK = Task("a4", "notes", "a note", "Make a note.", 1.0)
HEARD = Attempt("k", "c", TASK, 0, 0, Request("a4", 1.0, 0, 0, (), Sampling()))
kinds = st.sampled_from(get_args(FailureKind))


def failed(kind: FailureKind) -> Attempt:
    return replace(HEARD, failure=Failure("run", kind, "why"))


def test_every_kind_has_a_place() -> None:
    assert set(PLACE_OF) == set(get_args(FailureKind))
    assert set(PLACE_OF.values()) == set(PLACES)


@given(st.lists(kinds | st.none(), min_size=1))
def test_shares_sum_to_one(drawn: list[FailureKind | None]) -> None:
    told = shares([HEARD if kind is None else failed(kind) for kind in drawn])
    assert sum(told.values()) == pytest.approx(1.0)
    assert told["heard"] == pytest.approx(drawn.count(None) / len(drawn))


def test_nothing_asked_has_no_shares() -> None:
    assert shares([]) == {}


def test_a_lost_attempt_has_its_place() -> None:
    assert (lost_at(failed("syntax")), lost_at(HEARD)) == ("parses", None)
