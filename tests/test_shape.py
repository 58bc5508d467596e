"""Code that can be read: bodies of at most 40 lines, files of at most 300, no comprehension inside
another.
"""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import earmark

MAX_BODY, MAX_FILE = 40, 300
PACKAGE = Path(earmark.__file__).parent
COMPREHENSION = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
SOURCES = sorted(
    path for path in PACKAGE.rglob("*.py") if not {"programs", "examples"} & set(path.parts)
)


def problems(source: str) -> Iterator[str]:
    """What is too large or too dense, by line."""
    lines = source.count("\n")
    if lines > MAX_FILE:
        yield f"the file has {lines} lines, at most {MAX_FILE} read well: find the seam"
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            body = node.body[1:] if ast.get_docstring(node) else node.body
            length = (body[-1].end_lineno or 0) - body[0].lineno + 1 if body else 0
            if length > MAX_BODY:
                yield f"line {node.lineno}: {node.name} has {length} lines, at most {MAX_BODY}"
        if isinstance(node, COMPREHENSION):
            inner = [one for one in ast.walk(node) if one is not node]
            if any(isinstance(one, COMPREHENSION) for one in inner):
                yield f"line {node.lineno}: a comprehension inside another: name the inner value"


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_the_code_can_be_read(path: Path) -> None:
    assert list(problems(path.read_text(encoding="utf-8"))) == []


@pytest.mark.parametrize(
    ("source", "problem"),
    [
        ("x = 1\n" * 301, "the file has 301 lines"),
        ("def f():\n" + "    x = 1\n" * 41, "line 1: f has 41 lines"),
        ("x = [y for y in [z for z in a]]", "line 1: a comprehension inside another"),
    ],
)
def test_what_cannot_is_seen(source: str, problem: str) -> None:
    assert [one.startswith(problem) for one in problems(source)] == [True]
