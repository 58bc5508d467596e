"""The parser's own troubles are no fault of a program."""

import ast

import pytest

from earmark.extract.parse import Unparsable, parse


def test_a_tree_that_another_thread_disturbed_is_made_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """CPython 3.11 raises SystemError when two threads make a tree at the same moment."""
    made, parse_tree = [], ast.parse

    def disturbed(source: str, filename: str) -> ast.Module:
        made.append(source)
        if len(made) == 1:
            raise SystemError("AST constructor recursion depth mismatch (before=61, after=62)")
        return parse_tree(source, filename)

    monkeypatch.setattr(ast, "parse", disturbed)
    assert isinstance(parse("x = 1"), ast.Module)
    assert made == ["x = 1", "x = 1"]


def test_what_is_no_python_keeps_its_line() -> None:
    assert parse("x = 1\nprint 'x'\n") == Unparsable(
        "Missing parentheses in call to 'print'. Did you mean print(...)?", 2
    )
