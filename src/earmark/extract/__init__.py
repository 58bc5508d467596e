"""The stage of reading an answer: completion text -> Program.

In: the text of a completion. Out: a Program with its method and static facts, or ExtractError with
one kind of records.FAILURES["extract"]. Pure; it does not run, repair or complete code, and does
not know whether an answer was cut short.

Methods: fence (the last one that writes a file, else the last that parses) · unclosed_fence ·
joined_fences (one program told in parts) · whole_text · lines (code among prose without fences).
"""

import ast
import textwrap
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from earmark.errors import ExtractError
from earmark.extract.answer import Block, answer_of, between, blocks, unfenced
from earmark.extract.features import features
from earmark.extract.names import acts, bound, imported, is_program, missing, writes
from earmark.extract.parse import Unparsable, parse
from earmark.extract.prose import code_in, looks_like_code
from earmark.records import FORBIDDEN_IMPORTS, Program

HINT = "answer with one complete Python program in one ```python fence"


@dataclass(frozen=True, slots=True)
class Found:
    """Source that parses, how it was found, and its tree."""

    source: str
    method: str
    tree: ast.Module


def extract(text: str, *, forbidden: Collection[str] = FORBIDDEN_IMPORTS) -> Program:
    """The program in an answer.

    Args:
        text: what the model said, reasoning and prose included.
        forbidden: modules whose import, or the import of anything below them, is refused.

    Raises:
        ExtractError: no_code, syntax or forbidden_import; nothing else, whatever the text.
    """
    found = _found(answer_of(text))
    names = dict.fromkeys(imported(found.tree))
    if refused := [
        name
        for name in names
        if any(name == one or name.startswith(f"{one}.") for one in forbidden)
    ]:
        raise ExtractError(
            "forbidden_import",
            f"the program imports {refused[0]!r}{_reason(refused[0])}; make the sound by computing samples",
        )
    return Program(
        source=found.source + "\n", method=found.method, features=features(found.tree, found.source)
    )


def _found(answer: str) -> Found:
    fenced = [block for block in blocks(answer) if block.source and not block.foreign]
    good = [
        (block, tree)
        for block in fenced
        if isinstance(tree := parse(block.source), ast.Module) and acts(tree)
    ]
    if good:
        return _chosen(good)
    found = _between(answer) or _joined([block.source for block in fenced]) or _loose(answer)
    if found is None:
        raise _nothing(answer, fenced)
    return found


def _chosen(good: Sequence[tuple[Block, ast.Module]]) -> Found:
    """The last block that writes a file, else the last; with the earlier blocks that bind what it
    leaves unbound.
    """
    at = max(range(len(good)), key=lambda number: (writes(good[number][1]), number))
    block, tree = good[at]
    parts, needed = [block.source], missing(tree)
    for earlier, its_tree in reversed(good[:at]):
        if needed & bound(its_tree):
            parts.insert(0, earlier.source)
            needed = (needed - bound(its_tree)) | missing(its_tree)
    joined = _joined(parts) if len(parts) > 1 else None
    return joined or Found(block.source, "fence" if block.closed else "unclosed_fence", tree)


def _joined(sources: Sequence[str]) -> Found | None:
    return _program("\n\n".join(sources), "joined_fences")


def _loose(answer: str) -> Found | None:
    """Code that no fence holds, or whose fences do not pair."""
    bare = textwrap.dedent(unfenced(answer)).strip()
    return _program(bare, "whole_text") or _program(code_in(bare), "lines")


def _between(answer: str) -> Found | None:
    """The program whose own text holds fences."""
    return _program(between(answer), "fence")


def _program(source: str, method: str) -> Found | None:
    tree = parse(source)
    return (
        Found(source, method, tree) if isinstance(tree, ast.Module) and is_program(tree) else None
    )


def _nothing(answer: str, fenced: Sequence[Block]) -> ExtractError:
    broken = [
        block.source
        for block in fenced
        if isinstance(parse(block.source), Unparsable) and _is_code(block)
    ]
    source = max(broken, key=len, default=answer if looks_like_code(answer) else "")
    problem = parse(source)
    if source and isinstance(problem, Unparsable):
        return ExtractError("syntax", f"line {problem.line}: {problem.reason}; {HINT}")
    return ExtractError("no_code", f"the answer holds no Python program; {HINT}")


def _is_code(block: Block) -> bool:
    """A block that says it is Python is; one without a label has to look like it."""
    return (
        block.label.lower().startswith("py")
        or block.label.endswith(".py")
        or looks_like_code(block.source)
    )


def _reason(name: str) -> str:
    reasons = [
        reason
        for one, reason in FORBIDDEN_IMPORTS.items()
        if name == one or name.startswith(f"{one}.")
    ]
    return f", which {reasons[0]}" if reasons else ""
