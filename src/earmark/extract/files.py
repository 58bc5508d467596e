"""Syntax tree -> which sound files it writes and reads when it runs.

It is purely textual: nothing is run, and a name made at run time is not seen.
"""

import ast
import re
from collections.abc import Iterator, Sequence

from earmark.extract.names import Definition, called, calls, defined, nodes

WRITERS = re.compile(r"write|save|export|tofile|to_file|to_wav|savetxt|dump", re.IGNORECASE)
# Calls that only carry a file's name to others.
_CARRIERS = """Path PurePath str print join abspath basename dirname exists isfile getsize stat
remove unlink format append info debug len repr add_argument field"""
CARRIERS = frozenset(_CARRIERS.split())
FILE = re.compile(r"[^\s'\"/\\]+\.(?:wav|wave|mp3|flac|ogg|aiff?|au|raw|m4a)\b", re.IGNORECASE)


def writes(tree: ast.AST) -> bool:
    """True when some call looks like writing a file."""
    return any(_is_writer(call) for call in calls(tree))


def writes_when_run(tree: ast.Module, among: Sequence[ast.Module]) -> bool:
    """True when running it reaches a call that looks like writing: defining a helper does not.

    `among` are the trees whose functions and classes it may call, its own among them.
    """
    nodes = _reached(tree.body, among)
    return any(_is_writer(node) for node in nodes if isinstance(node, ast.Call))


def written_files(tree: ast.AST) -> frozenset[str]:
    """Names of the sound files that it mentions, if it writes any file."""
    return frozenset(_files(tree, {})) if writes(tree) else frozenset()


def files_read_first(tree: ast.AST) -> frozenset[str]:
    """Sound files that it reads before it writes them: another program must have left them."""
    own, names = defined(tree), _named_files(tree)
    read, written = set[str](), set[str]()
    for call in sorted(
        calls(tree), key=lambda call: (call.end_lineno or 0, call.end_col_offset or 0)
    ):
        files = set(_arguments(call, names))
        if _is_writer(call) or called(call) in own:
            written |= files
        elif called(call) not in CARRIERS:
            read |= files - written
    return frozenset(read)


def _reached(body: Sequence[ast.stmt], among: Sequence[ast.Module]) -> Iterator[ast.AST]:
    """Every node that may run: those of `body`, the bodies of what they name, and so on."""
    bodies: dict[str, list[ast.stmt]] = {}
    for tree in among:
        for node in nodes(tree):
            if isinstance(node, Definition):
                bodies.setdefault(node.name, []).extend(node.body)
    waiting: list[ast.AST] = list(body)
    while waiting:
        node = waiting.pop()
        if isinstance(node, Definition):
            special = node.name.startswith("__")  # called without being named
            waiting += [*node.decorator_list, *(node.body if special else [])]
            continue
        yield node
        waiting += ast.iter_child_nodes(node)
        if isinstance(node, ast.Name):
            waiting += bodies.pop(node.id, [])
        elif isinstance(node, ast.Attribute):
            waiting += bodies.pop(node.attr, [])


def _is_writer(call: ast.Call) -> bool:
    return WRITERS.search(called(call)) is not None or _opens_to_write(call)


def _opens_to_write(call: ast.Call) -> bool:
    modes = [*call.args[1:2], *(one.value for one in call.keywords if one.arg == "mode")]
    letters = [one.value for one in modes if isinstance(one, ast.Constant)]
    return called(call) == "open" and any("w" in mode for mode in letters if isinstance(mode, str))


def _named_files(tree: ast.AST) -> dict[str, str]:
    """Files by the names that they are assigned to."""
    named: dict[str, str] = {}
    for node in nodes(tree):
        if isinstance(node, ast.Assign) and (files := list(_files(node.value, {}))):
            named |= {one.id: files[0] for one in node.targets if isinstance(one, ast.Name)}
    return named


def _arguments(call: ast.Call, names: dict[str, str]) -> Iterator[str]:
    """The files among a call's arguments, those of calls inside it left out."""
    for argument in (*call.args, *(one.value for one in call.keywords)):
        if not isinstance(argument, ast.Call):
            yield from _files(argument, names)


def _files(tree: ast.AST, names: dict[str, str]) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield from FILE.findall(node.value[:200])
        elif isinstance(node, ast.Name) and node.id in names:
            yield names[node.id]
