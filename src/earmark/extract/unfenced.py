"""Text without fences -> the run of lines in it that is code, between lines that are prose.

Nothing is cut off but prose: where the rest of the text still looks like code, none of it is taken.
"""

import ast
import re

from earmark.extract.parse import Unparsable, parse

_IMPORT = r"import [\w.]+( as \w+)?([ \t]*[,#;].*)?$|from [\w.]+ import [\w(*]"
IMPORT_LINE = re.compile(rf"[ \t]*(?:{_IMPORT})")
PYTHON_LINE = re.compile(rf"^[ \t]*(?:{_IMPORT}|def \w+\(|class \w+[:(])", re.MULTILINE)
# A line that is code in some version of Python; prose is anything else.
CODE_LINE = re.compile(
    r"[ \t]*(?:[\w.\[\]'\"]+[ \t]*[-+*/]?=(?!=)|[\w.]+\(.*\)[ \t]*(?:#.*)?$"
    r"|(?:print|exec|raise|return|del)[ \t]+\S"
    r"|(?:for|while|if|elif|with|def|class|except)\b.*:[ \t]*(?:#.*)?$"
    r"|(?:else|try|finally):|[)\]}@](?!\]?>))"
)
MAX_TRIES = 40  # each costs one parse


def looks_like_python(text: str) -> bool:
    """True when some line could only be Python: an import, a function, a class."""
    return PYTHON_LINE.search(text) is not None


def code_in(text: str) -> str:
    """The constants before the first import, and all from there to where prose begins; or ""."""
    lines = text.split("\n")
    first = next((at for at, line in enumerate(lines) if IMPORT_LINE.match(line)), None)
    if first is None:
        return ""
    lines = _unindented(lines, first)
    start, end = _with_constants(lines, first), len(lines)
    for _ in range(MAX_TRIES):
        source = "\n".join(lines[start:end]).rstrip()
        tree = parse(source)
        if isinstance(tree, ast.Module):
            code = _without_words(source, tree)
            return "" if any(_is_code(line) for line in lines[end:]) else code
        end = _cut(start, end, tree)
        if end <= start:
            return ""
    return ""


def _unindented(lines: list[str], first: int) -> list[str]:
    """Lines of an indented block without their indentation, where the first import has one."""
    indent = lines[first][: len(lines[first]) - len(lines[first].lstrip())]
    return [line.removeprefix(indent) for line in lines] if indent else lines


def _with_constants(lines: list[str], first: int) -> int:
    """Where the assignments, remarks and docstring just above the first import begin."""
    start = first
    for at in range(first - 1, max(first - 20, 0) - 1, -1):
        tree = parse("\n".join(lines[at:first]))
        if isinstance(tree, ast.Module) and all(map(_stands_above_imports, tree.body)):
            start = at
    while start < first and not lines[start].strip():
        start += 1
    return start


def _stands_above_imports(node: ast.stmt) -> bool:
    docstring = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    return docstring or isinstance(node, ast.Assign | ast.AnnAssign)


def _is_code(line: str) -> bool:
    return IMPORT_LINE.match(line) is not None or CODE_LINE.match(line) is not None


def _cut(start: int, end: int, problem: Unparsable) -> int:
    """Before the line that cannot be read; at least one line less."""
    return min(start + problem.line - 1, end - 1) if problem.line else end - 1


def _without_words(source: str, tree: ast.Module) -> str:
    """Without bare names at its end: a word such as `Enjoy` parses but is prose."""
    body = list(tree.body)
    while body and isinstance(body[-1], ast.Expr) and isinstance(body[-1].value, ast.Name):
        body.pop()
    return "\n".join(source.split("\n")[: body[-1].end_lineno]) if body else ""
