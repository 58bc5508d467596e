"""Several fenced blocks -> the one program among them.

Every block that parses is a candidate, together with the blocks it needs: those that bind its free
names, and those that are the modules it imports. The last candidate of the highest rank is the
program:

    3  the block itself writes a file when it is run, no name is missing, and it does not begin with
       a file that another block writes, as a snippet does that converts or plays the result
    2  as 3, but names are missing
    1  it runs
    0  it begins with a file that another block writes
"""

import ast
import html
import re
from collections.abc import Sequence
from dataclasses import dataclass

from earmark.extract.fences import Block
from earmark.extract.files import files_read_first, writes_when_run, written_files
from earmark.extract.join import join
from earmark.extract.names import acts, bound_on_top, imported_names, missing
from earmark.extract.parse import parse

# A format of struct or NumPy, such as "<h": escaped it is a text like any other, and parses.
ESCAPED_FORMAT = re.compile(r"""["']&[lg]t;[\w?%{}()*+ .-]{1,80}["']""")
MAX_BLOCKS = 60  # an answer of more is not a program in parts: the last ones are read
WRITES, WHOLE = 2, 3  # ranks


@dataclass(frozen=True, slots=True)
class Source:
    """Source that parses, how it was found, and its tree."""

    text: str
    method: str
    tree: ast.Module


@dataclass(frozen=True, slots=True)
class Candidate:
    """A possible program: its rank, and the block it was made from, counted from 0."""

    rank: int
    at: int
    source: Source


def choose(blocks: Sequence[Block]) -> Candidate | None:
    """The program among Python blocks; None when none of them parses and does anything."""
    parts = [part for block in blocks[-MAX_BLOCKS:] if (part := parse_block(block)) is not None]
    candidates = [_candidate(at, parts) for at in range(len(parts))]
    return max(candidates, key=lambda one: (one.rank, one.at), default=None)


def parse_block(block: Block) -> Source | None:
    """The source of one block that does anything; HTML escapes are undone where that makes it
    parse, or where they would break a format.
    """
    method = "fence" if block.closed else "unclosed_fence"
    tries = [(block.source, method), (html.unescape(block.source), "unescaped")]
    for text, how in reversed(tries) if ESCAPED_FORMAT.search(block.source) else tries:
        tree = parse(text)
        if isinstance(tree, ast.Module):
            return Source(text, how, tree) if acts(tree) else None
    return None


def _candidate(at: int, parts: Sequence[Source]) -> Candidate:
    needed, modules = _needed(at, parts)
    source = parts[at]
    if needed:
        chosen = [parts[number] for number in (*needed, at)]
        text = join([(part.text, part.tree) for part in chosen], modules=modules)
        tree = parse(text)
        if isinstance(tree, ast.Module):
            source = Source(text, "joined_fences", tree)
    own = [part.tree for number, part in enumerate(parts) if number in (*needed, at)]
    others = [part.tree for number, part in enumerate(parts) if number not in (*needed, at)]
    writes = writes_when_run(parts[at].tree, own)
    return Candidate(_rank(source.tree, others, writes=writes), at, source)


def _needed(at: int, parts: Sequence[Source]) -> tuple[list[int], set[str]]:
    """The parts that a part needs, in their order, and the module names by which they are imported.

    The nearest earlier part that binds a name is the one; where none does, a later one.
    """
    names, imports = missing(parts[at].tree), imported_names(parts[at].tree)
    needed, modules = set[int](), set[str]()
    for number in (*range(at - 1, -1, -1), *range(at + 1, len(parts))):
        tree = parts[number].tree
        binds, own = bound_on_top(tree), bound_on_top(tree, imports=False)
        its_modules = {module for module, used in imports.items() if used and used <= own}
        if names & binds or its_modules:
            needed.add(number)
            names = (names - binds) | missing(tree)
            modules |= its_modules
            imports = {**imports, **imported_names(tree)}
    return sorted(needed), modules


def _rank(tree: ast.Module, others: Sequence[ast.Module], *, writes: bool) -> int:
    left_by_others = frozenset[str]().union(*map(written_files, others))
    if files_read_first(tree) & left_by_others:
        return 0
    if not writes:
        return 1
    return WRITES if missing(tree) else WHOLE
