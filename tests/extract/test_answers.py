"""Refused, empty, truncated, or something to extract from: one kind for every answer."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from earmark.errors import CompletionError
from earmark.extract.answers import check_completion
from earmark.records import FAILURES, Completion, Sampling

PROGRAM = "```python\nimport numpy as np\nprint(np.pi)\n```"
OPEN = "```python\nimport numpy as np\nprint("


def answer(text: str, finish_reason: str = "stop") -> Completion:
    return Completion(
        text, "m", finish_reason, None, None, 0.1, None, Sampling(), Sampling(max_tokens=64)
    )


def kind(text: str, finish_reason: str = "stop") -> str | None:
    try:
        check_completion(answer(text, finish_reason))
    except CompletionError as error:
        return error.failure.kind
    return None


@pytest.mark.parametrize(
    ("text", "finish_reason", "expected"),
    [
        (PROGRAM, "stop", None),
        ("import numpy", "stop", None),
        ("some prose only", "stop", None),
        ("", "stop", "empty"),
        (" \n\t\u00a0", "stop", "empty"),
        ("<think>let me think</think>", "stop", "empty"),
        ("<think>still thinking", "stop", "empty"),
        ("", "length", "truncated"),
        ("<think>still thinking " + PROGRAM, "length", "truncated"),
        ("[THINK]still thinking " + PROGRAM, "length", "truncated"),
        ("<think>" + PROGRAM + "</think>", "length", "truncated"),
        ("thoughts without an opening tag " + PROGRAM + "</think>\n" + OPEN, "length", "truncated"),
        (OPEN, "length", "truncated"),
        (PROGRAM + "\nAnd another:\n" + OPEN, "length", "truncated"),
        ("import numpy as np\nx = np.", "length", "truncated"),
        (PROGRAM, "length", None),
        (PROGRAM + "\nThis program is", "length", None),
        ("~~~\nprint(1)\n~~~\nand so", "length", None),
        ("````markdown\n" + PROGRAM + "\n", "length", "truncated"),
        ("<think>" + OPEN + "</think>" + PROGRAM, "length", None),
        (PROGRAM, "content_filter", "refused"),
        ("", "content_filter", "refused"),
        ("", "SAFETY", "refused"),
        ("No.", "refusal", "refused"),
        ("I'm sorry, but I can't help with that.", "stop", "refused"),
        ("I\u2019m sorry, I can\u2019t assist with that request.", "stop", "refused"),
        ("I am unable to produce audio.", "stop", "refused"),
        ("I'm sorry for the delay! Here it is:\n" + PROGRAM, "stop", None),
        ("I can't play sounds. Run this:\nimport numpy as np\nprint(np.pi)", "stop", None),
        ("Sorry, " + "many words " * 200, "stop", None),
        ("A sound that says I'm sorry: print(1)", "stop", None),
    ],
)
def test_each_shape_has_its_kind(text: str, finish_reason: str, expected: str | None) -> None:
    assert kind(text, finish_reason) == expected


@settings(deadline=None)
@given(st.text(), st.sampled_from(["stop", "length", "content_filter", "tool_calls", ""]))
def test_no_answer_raises_and_every_failure_is_of_the_list(text: str, finish_reason: str) -> None:
    assert kind(text, finish_reason) in (None, *FAILURES["model"])


@settings(deadline=None)
@given(st.text(alphabet="`~<>/think python\n", max_size=200))
def test_an_answer_that_ended_by_itself_is_never_truncated(text: str) -> None:
    assert kind(text) != "truncated"


def test_the_message_names_the_limit() -> None:
    with pytest.raises(CompletionError, match="cut at max_tokens=64 before a program"):
        check_completion(answer(OPEN, "length"))
