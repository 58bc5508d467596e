"""Syntax tree -> what it imports, calls, binds and leaves to others.

In: a tree. Out: names. Purely textual: nothing is imported, and a name made at run time is not
seen.
"""

import ast
import builtins
from collections.abc import Iterator

WRITERS = frozenset(
    {
        "write",
        "writeframes",
        "writeframesraw",
        "write_wav",
        "write_bytes",
        "tofile",
        "save",
        "savez",
        "export",
    }
)
BUILTINS = frozenset(dir(builtins)) | {"__file__", "__name__", "__doc__"}


def imported(tree: ast.AST) -> Iterator[str]:
    """Every module named by an import, also inside functions, and by __import__ or import_module
    with a literal.
    """
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            if node.module and not node.level:
                yield node.module
                yield from (f"{node.module}.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.Call) and called(node) in ("__import__", "import_module"):
            yield from (
                one.value
                for one in node.args[:1]
                if isinstance(one, ast.Constant) and isinstance(one.value, str)
            )


def calls(tree: ast.AST) -> Iterator[ast.Call]:
    """Every call."""
    return (node for node in ast.walk(tree) if isinstance(node, ast.Call))


def called(call: ast.Call) -> str:
    """The last name of what is called: `write` for `sf.write(...)`; empty when it has none."""
    if isinstance(call.func, ast.Attribute):
        return call.func.attr
    return call.func.id if isinstance(call.func, ast.Name) else ""


def writes(tree: ast.AST) -> bool:
    """True when some call looks like writing a file."""
    return any(called(call) in WRITERS or _opens_to_write(call) for call in calls(tree))


def is_program(tree: ast.AST) -> bool:
    """True when running it would do something: words that happen to parse do not."""
    does = writes(tree) or any(
        isinstance(node, ast.Import | ast.ImportFrom) for node in ast.walk(tree)
    )
    return does and any(calls(tree))


def acts(tree: ast.Module) -> bool:
    """True when it holds a call or any statement that is more than a bare expression."""
    return any(not isinstance(node, ast.Expr) for node in tree.body) or any(calls(tree))


def bound(tree: ast.AST) -> frozenset[str]:
    """Every name given a value anywhere in the tree."""
    return frozenset(_bound(tree))


def missing(tree: ast.AST) -> frozenset[str]:
    """Names used but neither bound here nor built in; none when a star import may bind them."""
    if any(
        isinstance(node, ast.ImportFrom) and node.names[0].name == "*" for node in ast.walk(tree)
    ):
        return frozenset()
    used = {
        node.id
        for node in ast.walk(tree)
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)
    }
    return frozenset(used - bound(tree) - BUILTINS)


def _bound(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        match node:
            case ast.Name(id=name, ctx=ast.Store()) | ast.arg(arg=name):
                yield name
            case (
                ast.FunctionDef(name=name)
                | ast.AsyncFunctionDef(name=name)
                | ast.ClassDef(name=name)
            ):
                yield name
            case ast.alias(name=name, asname=given):
                yield given or name.split(".")[0]
            case (
                ast.ExceptHandler(name=str(name))
                | ast.MatchAs(name=str(name))
                | ast.MatchStar(name=str(name))
            ):
                yield name


def _opens_to_write(call: ast.Call) -> bool:
    modes = [*call.args[1:2], *(one.value for one in call.keywords if one.arg == "mode")]
    letters = [
        one.value for one in modes if isinstance(one, ast.Constant) and isinstance(one.value, str)
    ]
    return called(call) == "open" and any("w" in mode for mode in letters)
