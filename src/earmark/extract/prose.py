"""Text without usable fences -> the run of lines in it that is code.

In: an answer. Out: source, or an empty string. It finds code that begins with an import and goes on
until prose begins; it does not pick single statements out of sentences.
"""

import ast
import re

from earmark.extract.parse import Unparsable, parse

CODE_LINE = re.compile(
    r"^[ \t]*(import [\w.]+( as \w+)?([ \t]*[,#;].*)?$|from [\w.]+ import [\w(*]|def \w+\(|class \w+[:(])",
    re.MULTILINE,
)
FIRST_LINE = re.compile(
    r"^[ \t]*(import [\w.]+( as \w+)?([ \t]*[,#;].*)?$|from [\w.]+ import [\w(*])"
)
MAX_TRIES = 40  # each costs one parse


def looks_like_code(text: str) -> bool:
    """True when some line could only be Python: an import, a function, a class."""
    return CODE_LINE.search(text) is not None


def code_in(text: str) -> str:
    """The longest parsable run from the first import down; each try cuts where the parser stopped."""
    lines = text.split("\n")
    start = next((at for at, line in enumerate(lines) if FIRST_LINE.match(line)), None)
    if start is None:
        return ""
    end = len(lines)
    for _ in range(MAX_TRIES):
        source = "\n".join(lines[start:end]).rstrip()
        tree = parse(source)
        if isinstance(tree, ast.Module):
            return _without_words(source, tree)
        end = _cut(start, end, tree)
        if end <= start:
            return ""
    return ""


def _cut(start: int, end: int, problem: Unparsable) -> int:
    """Before the line that cannot be read; at least one line less."""
    return min(start + problem.line - 1, end - 1) if problem.line else end - 1


def _without_words(source: str, tree: ast.Module) -> str:
    """Less the bare names at its end: a word such as `Enjoy` parses but is prose."""
    body = list(tree.body)
    while body and isinstance(body[-1], ast.Expr) and isinstance(body[-1].value, ast.Name):
        body.pop()
    return "\n".join(source.split("\n")[: body[-1].end_lineno]) if body else ""
