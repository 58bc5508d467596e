"""Several parts of a program -> one source that runs as if they stood in their own files and
places.
"""

import ast
from collections.abc import Collection, Iterator, Sequence

from earmark.extract.names import nodes

Edit = tuple[ast.stmt, str]


def join(trees: Sequence[tuple[str, ast.Module]], *, modules: Collection[str] = ()) -> str:
    """The parts one after the other.

    An import of a part, whose name is in `modules`, becomes a binding of what that part defines;
    imports from __future__ of later parts move to the top, where alone Python allows them.
    """
    late = [name for _, tree in trees[1:] for node in tree.body for name in _future(node)]
    texts = [_edited(text, list(_edits(tree, modules, hoist=bool(late)))) for text, tree in trees]
    if late:
        early = [name for node in trees[0][1].body for name in _future(node)]
        names = ", ".join(dict.fromkeys([*early, *late]))
        texts.insert(0, f"from __future__ import {names}")
    return "\n\n".join(texts)


def _edits(tree: ast.Module, modules: Collection[str], *, hoist: bool) -> Iterator[Edit]:
    for node in nodes(tree):
        if hoist and isinstance(node, ast.ImportFrom) and _future(node):
            yield node, "pass"
        elif isinstance(node, ast.ImportFrom) and node.module in modules:
            yield node, _bindings(node)
        elif isinstance(node, ast.Import) and {alias.name for alias in node.names} & set(modules):
            yield node, "; ".join(_rebound(alias, modules) for alias in node.names)


def _future(node: ast.stmt) -> list[str]:
    if isinstance(node, ast.ImportFrom) and node.module == "__future__":
        return [alias.name for alias in node.names]
    return []


def _bindings(node: ast.ImportFrom) -> str:
    """What `from PART import a as b, c` must still do when the names of PART are there: b = a."""
    renamed = [f"{one.asname} = {one.name}" for one in node.names if one.asname]
    return "; ".join(renamed) or "pass"


def _rebound(alias: ast.alias, modules: Collection[str]) -> str:
    """What `import PART as p` must still do: p is the module that the parts became together."""
    if alias.name not in modules:
        return ast.unparse(ast.Import([alias]))
    return f'{alias.asname or alias.name} = __import__("sys").modules[__name__]'


def _edited(text: str, edits: Sequence[Edit]) -> str:
    """The text with statements replaced; line numbers stay as they are."""
    lines = text.encode().split(b"\n")  # positions in a tree count bytes
    for node, new in edits:
        first, last = node.lineno - 1, (node.end_lineno or node.lineno) - 1
        head, tail = lines[first][: node.col_offset], lines[last][node.end_col_offset :]
        lines[first : last + 1] = [head + new.encode() + tail, *[b""] * (last - first)]
    return b"\n".join(lines).decode()
