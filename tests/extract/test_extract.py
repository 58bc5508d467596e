"""Every answer has one label, and no text raises anything but ExtractError."""

import sys
import threading
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from earmark.errors import ExtractError
from earmark.extract import extract
from earmark.records import FAILURES
from tests.extract.field import FIELD, THOUGHTS
from tests.extract.shapes import LONG, PROGRAMS, SHAPES, SINE, Shape, fence

METHODS = {
    "fence",
    "unclosed_fence",
    "unescaped",
    "joined_fences",
    "json",
    "whole_text",
    "lines",
}
PIECES = [
    "```",
    "```python\n",
    "~~~",
    "<think>",
    "</think>",
    "import wave\n",
    "\n",
    "\r\n",
    "    ",
    "x = (",
    "f(1)\n",
    ">>> ",
    "> ",
    "\x00",
    "\\",
    "'''",
    '"""',
    "[THINK]",
    "<|channel|>analysis<|message|>",
    "<|channel|>final<|message|>",
    "<|START_THINKING|>",
    "<|END_THINKING|>",
    "analysisWe",
    "assistantfinal",
    "<code>",
    "</code>",
    "&lt;",
    '{"code": "',
    '"}',
    "from __future__ import annotations\n",
    "from synth import tone\n",
    "def tone(x):\n",
    "    return x\n",
    "sf.write('out.wav', x, 1)\n",
    "sf.read('out.wav')\n",
    "```python import a\n",
    "print 'a'\n",
]
WORDS = st.text(alphabet="abcdefgh ,.!?\n", max_size=60)
STATEMENTS = [
    "RATE = 44100",
    "y = [1, 2,\n     3]",
    "def f(a):\n    return a + 1",
    "for i in range(3):\n    y = f(i)",
    '"""A remark.\n\n```\nf(1)\n```\n"""',
    "# ```",
    "print('<think>', \"</think>\", '&lt;')",
    "class C:\n    def g(self):\n        return '{}'",
    "text = '''\n~~~\n'''",
    "if t[0] > 1:\n    pass",
]


def label_of(text: str) -> str:
    try:
        return extract(text).method
    except ExtractError as error:
        return error.failure.kind


def test_there_are_enough_shapes_and_no_two_share_a_name() -> None:
    assert len(SHAPES) >= 200
    assert len(FIELD) >= 150
    assert len({shape.name for shape in (*SHAPES, *FIELD)}) == len(SHAPES) + len(FIELD)


@pytest.mark.parametrize("shape", [*SHAPES, *FIELD], ids=lambda shape: shape.name)
def test_a_shape_has_its_label(shape: Shape) -> None:
    assert label_of(shape.text) == shape.label
    if shape.source:
        assert extract(shape.text).source == shape.source + "\n"


@given(
    st.one_of(
        st.text(),
        st.lists(st.one_of(st.sampled_from(PIECES), st.text(max_size=8)), max_size=30).map("".join),
    )
)
@settings(max_examples=300, deadline=None)
def test_no_text_raises_anything_else(text: str) -> None:
    assert label_of(text) in METHODS | set(FAILURES["extract"])


@pytest.mark.long
@given(
    st.lists(
        st.one_of(st.sampled_from([*PIECES, *SINE.split("\n")]), st.text(max_size=20)), max_size=80
    ).map("".join)
)
@settings(max_examples=20_000, deadline=None)
def test_no_long_text_raises_anything_else(text: str) -> None:
    assert label_of(text)


@pytest.mark.parametrize("text", LONG.values(), ids=LONG.keys())
def test_no_text_hangs(text: str) -> None:
    begun = time.thread_time()
    assert label_of(text)
    assert label_of(fence(text))
    assert time.thread_time() - begun < 20  # a quadratic pattern takes hours


@given(st.lists(st.sampled_from(STATEMENTS), max_size=8), WORDS, WORDS)
@settings(max_examples=200, deadline=None)
def test_nothing_of_a_fenced_program_is_lost(body: list[str], before: str, after: str) -> None:
    program = "\n".join(["t = [0]", "y = f = min", *body, SINE])
    found = extract(f"{before}\n{fence(program)}\n{after}")
    assert (found.method, found.source) == ("fence", program + "\n")


@given(
    st.sampled_from(sorted(THOUGHTS)),
    st.lists(st.sampled_from([*PIECES, SINE, fence(SINE)]), max_size=10).map("".join),
    st.sampled_from(sorted(PROGRAMS)),
)
@settings(max_examples=300, deadline=None)
def test_what_is_thought_is_never_run(family: str, draft: str, program: str) -> None:
    for mark in ("think", "THINK", "channel", "assistantfinal", "{", "}"):
        draft = draft.replace(mark, "")
    thought = THOUGHTS[family].format(draft=draft)
    with pytest.raises(ExtractError, match="contains no Python program"):
        extract(f"{thought}\nI cannot do it.")
    assert extract(f"{thought}\n{fence(PROGRAMS[program])}").source == PROGRAMS[program] + "\n"


def test_a_program_comes_back_as_it_was() -> None:
    again = extract(fence(extract(fence(SINE)).source))
    assert again == extract(fence(SINE))


def test_messages_name_the_line_and_the_module() -> None:
    with pytest.raises(ExtractError, match=r"^line 2: invalid syntax$"):
        extract(fence("import wave\nx = = 1"))
    with pytest.raises(
        ExtractError,
        match=r"imports 'gtts', which uses a speech engine; make the sound by computing",
    ):
        extract(fence("import gtts"))
    with pytest.raises(ExtractError, match=r"^the reply contains no Python program$"):
        extract("no")


def test_the_list_of_forbidden_modules_is_the_callers() -> None:
    with pytest.raises(ExtractError, match="imports 'numpy'; make"):
        extract(fence(SINE), forbidden={"numpy"})
    assert extract(fence("import subprocess\n" + SINE), forbidden=()).method == "fence"


def test_a_deep_caller_still_gets_an_extract_error() -> None:
    def below(depth: int) -> str:
        return (
            below(depth - 1)
            if depth
            else label_of(fence("x = " + "(" * 50 + "1" + ")" * 50 + "\nf(x)"))
        )

    assert below(sys.getrecursionlimit() // 2) in ("fence", "syntax")


def test_threads_extract_the_same() -> None:
    labels: list[str] = []
    threads = [
        threading.Thread(target=lambda: labels.append(label_of(fence(SINE + "\nx = '\\d'"))))
        for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert labels == ["fence"] * 8
