"""Syntax tree -> what it imports, calls, binds and leaves unbound.

It is purely textual: nothing is imported, and a name made at run time is not seen.
"""

import ast
import builtins
import sys
from collections.abc import Iterator
from itertools import islice
from weakref import WeakKeyDictionary

BUILTINS = frozenset(dir(builtins)) | {"__file__", "__name__", "__doc__"}
Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef
_below: WeakKeyDictionary[ast.AST, tuple[ast.AST, ...]] = WeakKeyDictionary()


def nodes(tree: ast.AST) -> tuple[ast.AST, ...]:
    """Every node in the order of ast.walk. A tree is walked once: it must not be changed later."""
    below = _below.get(tree)
    if below is None:
        # Without the tree itself, which would be kept for ever by what is kept for it.
        below = _below[tree] = tuple(islice(ast.walk(tree), 1, None))
    return (tree, *below)


def imported(tree: ast.AST) -> Iterator[str]:
    """Every module named by an import, also inside functions, and by __import__ or import_module
    with a literal.
    """
    for node in nodes(tree):
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


def imported_names(tree: ast.AST) -> dict[str, frozenset[str]]:
    """What it uses of each module that it imports; Python's own modules are left out."""
    used: dict[str, set[str]] = {}
    aliases: dict[str, str] = {}
    for node in nodes(tree):
        if isinstance(node, ast.ImportFrom) and node.module:
            used.setdefault(node.module, set()).update(alias.name for alias in node.names)
        elif isinstance(node, ast.Import):
            aliases |= {alias.asname or alias.name: alias.name for alias in node.names}
    for node in nodes(tree):
        match node:
            case ast.Attribute(value=ast.Name(id=name), attr=attribute) if name in aliases:
                used.setdefault(aliases[name], set()).add(attribute)
    return {
        module: frozenset(names)
        for module, names in used.items()
        if module.split(".")[0] not in sys.stdlib_module_names
    }


def calls(tree: ast.AST) -> Iterator[ast.Call]:
    """Every call."""
    return (node for node in nodes(tree) if isinstance(node, ast.Call))


def called(call: ast.Call) -> str:
    """The last name of what is called: `write` for `sf.write(...)`; empty when it has none."""
    if isinstance(call.func, ast.Attribute):
        return call.func.attr
    return call.func.id if isinstance(call.func, ast.Name) else ""


def acts(tree: ast.Module) -> bool:
    """True when it holds a call or any statement that is more than a bare expression."""
    return any(not isinstance(node, ast.Expr) for node in tree.body) or any(calls(tree))


def defined(tree: ast.AST) -> frozenset[str]:
    """Every function and class it defines."""
    return frozenset(node.name for node in nodes(tree) if isinstance(node, Definition))


def bound(tree: ast.AST) -> frozenset[str]:
    """Every name given a value anywhere in the tree."""
    return frozenset(name for node in nodes(tree) for name in _names_bound_by(node))


def bound_on_top(tree: ast.Module, *, imports: bool = True) -> frozenset[str]:
    """Every name given a value outside of functions and classes, `imports` included or not."""
    names, waiting = set[str](), list[ast.AST](tree.body)
    while waiting:
        node = waiting.pop()
        if imports or not isinstance(node, ast.alias):
            names.update(_names_bound_by(node))
        if not isinstance(node, Definition | ast.Lambda):
            waiting += ast.iter_child_nodes(node)
    return frozenset(names)


def missing(tree: ast.AST) -> frozenset[str]:
    """Names used but neither bound here nor built in; none when a star import may bind them."""
    used = set[str]()
    for node in nodes(tree):
        if isinstance(node, ast.ImportFrom) and node.names[0].name == "*":
            return frozenset()
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
            used.add(node.id)
    return frozenset(used - bound(tree) - BUILTINS)


def _names_bound_by(node: ast.AST) -> Iterator[str]:
    match node:
        case ast.Name(id=name, ctx=ast.Store()) | ast.arg(arg=name):
            yield name
        case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
            yield name
        case ast.alias(name=name, asname=given):
            yield given or name.split(".")[0]
        case (
            ast.ExceptHandler(name=str(name))
            | ast.MatchAs(name=str(name))
            | ast.MatchStar(name=str(name))
        ):
            yield name
