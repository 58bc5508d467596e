"""What a prompt template may do: choose, repeat and join what it is given, and no more.

The record of a run that someone else made holds templates too, and jinja's sandbox bounds neither
memory nor time: `{{ 'x' * 10 ** 10 }}` takes both. What is left here grows no faster than its text.
"""

import re
from collections.abc import Iterator

from jinja2 import nodes

MAX_NESTED_LOOPS = 2
METHODS = frozenset({"items", "keys", "values", "lower", "upper", "title", "strip"})
METHODS |= {"startswith", "endswith"}
FILTERS = frozenset({"join", "length", "count", "lower", "upper", "capitalize", "title", "trim"})
FILTERS |= {"first", "last", "default", "d", "sort", "list", "reverse", "string", "unique"}
FILTERS |= {"min", "max"}
NODES = (
    *(nodes.Template, nodes.Output, nodes.TemplateData, nodes.Name, nodes.Const, nodes.If),
    *(nodes.For, nodes.CondExpr, nodes.Getattr, nodes.Getitem, nodes.Slice, nodes.Filter),
    *(nodes.Test, nodes.Compare, nodes.Operand, nodes.And, nodes.Or, nodes.Not, nodes.Concat),
    *(nodes.Add, nodes.Sub, nodes.Div, nodes.FloorDiv, nodes.Mod, nodes.Neg, nodes.Pos),
    *(nodes.Tuple, nodes.List, nodes.Call, nodes.Keyword),
)
WIDE = re.compile(r"\d{4}|\*")  # of a format: its width may be as long as memory


def refused(template: nodes.Template) -> str | None:
    """The first thing that a template may not do, with its line; None where there is none."""
    for node, loops in _walk(template, 0):
        if (what := _problem(node, loops)) is not None:
            return f"line {node.lineno}: {what}"
    return None


def _walk(node: nodes.Node, loops: int) -> Iterator[tuple[nodes.Node, int]]:
    loops += isinstance(node, nodes.For)
    yield node, loops
    for child in node.iter_child_nodes():
        yield from _walk(child, loops)


def _problem(node: nodes.Node, loops: int) -> str | None:
    if not isinstance(node, NODES):
        return f"a template has no {type(node).__name__.lower()}; write it out"
    if loops > MAX_NESTED_LOOPS:
        return f"loops must be nested at most {MAX_NESTED_LOOPS} deep"
    if isinstance(node, nodes.For) and node.recursive:
        return "a loop must not be recursive"
    return _use_problem(node)


def _use_problem(node: nodes.Node) -> str | None:
    """What is wrong with what a filter, a call or a format is applied to."""
    if isinstance(node, nodes.Filter) and node.name not in FILTERS:
        return f"unknown filter {node.name!r}; choose from {', '.join(sorted(FILTERS))}"
    if isinstance(node, nodes.Call):
        called = node.node
        if not isinstance(called, nodes.Getattr) or called.attr not in METHODS:
            return f"a call must be one of {', '.join(sorted(METHODS))}"
    if isinstance(node, nodes.Mod):
        shape = node.left
        text = shape.value if isinstance(shape, nodes.Const) else None
        if not isinstance(text, str) or WIDE.search(text):
            return "% must follow a short format, as in '%g' % limits.wall_seconds"
    return None
