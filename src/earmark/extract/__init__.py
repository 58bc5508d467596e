"""The stage that finds a program: completion text -> Program, or ExtractError.

It does not run, repair or complete code, and cuts nothing off but prose. Methods, in the order in
which they are tried:

    json            a string in an answer that is JSON: a tool call, content parts, a field for code
    fence           one fenced block; unclosed_fence: its fence never ends; unescaped: HTML escapes
                    were undone. Which block, where there are several, is decided in blocks.py
    joined_fences   blocks that need each other, or that are one program only together
    whole_text      the whole text outside of fences
    lines           the code between lines of prose
"""

import ast
import html
import re
import textwrap
from collections.abc import Collection, Sequence

from earmark.config.schema import FORBIDDEN_IMPORTS
from earmark.errors import ExtractError
from earmark.extract.blocks import ESCAPED_FORMAT, WRITES, Source, choose, parse_block
from earmark.extract.embedded import strings_in
from earmark.extract.features import features
from earmark.extract.fences import LONE_LABEL, Block, mark_of, normalise, read_blocks
from earmark.extract.files import writes
from earmark.extract.names import calls, imported, missing, nodes
from earmark.extract.parse import Unparsable, parse
from earmark.extract.reasoning import without_reasoning
from earmark.extract.unfenced import code_in, looks_like_python
from earmark.records import Program

WRITING = re.compile(r"\b(?:write|save|export)\w{0,30}\(")


def extract(text: str, *, forbidden: Collection[str] = FORBIDDEN_IMPORTS) -> Program:
    """The program in an answer.

    Args:
        text: what the model wrote, reasoning and prose included.
        forbidden: modules that must not be imported, nor anything below them.

    Raises:
        ExtractError: no_code, syntax or forbidden_import; nothing else, whatever the text.
    """
    source = _find(normalise(without_reasoning(text)))
    for name in dict.fromkeys(imported(source.tree)):
        for module in forbidden:
            if name == module or name.startswith(f"{module}."):
                reason = FORBIDDEN_IMPORTS.get(module)
                why = f", which {reason}" if reason else ""
                hint = "make the sound by computing samples"
                raise ExtractError("forbidden_import", f"the program imports {name!r}{why}; {hint}")
    facts = features(source.tree, source.text)
    return Program(source=source.text + "\n", method=source.method, features=facts)


def _find(answer: str) -> Source:
    blocks, outside = read_blocks(answer)
    python = [block for block in blocks if block.source and not block.foreign]
    source = (
        _in_json([answer])
        or _in_blocks(python, answer)
        or _in_json([block.source for block in blocks if block.label.lower() == "json"])
        or _in_text(outside)
        or _in_unclosed(python)
    )
    if source is None:
        raise _failure(outside, python)
    return source


def _in_json(texts: Sequence[str]) -> Source | None:
    for text in texts:
        for string in strings_in(text):
            blocks, outside = read_blocks(normalise(string))
            best = choose([block for block in blocks if not block.foreign])
            source = best.source if best else _program(outside.strip(), "json")
            if source is not None:
                return Source(source.text, "json", source.tree)
    return None


def _in_blocks(blocks: Sequence[Block], answer: str) -> Source | None:
    """The chosen block; where it lacks something, all blocks together, if that is whole."""
    best = choose(blocks)
    if best is not None and not missing(best.source.tree):
        lesser = best.rank < WRITES and any(_is_broken_writer(block) for block in blocks)
        return None if lesser else best.source
    together = (
        _program("\n\n".join(textwrap.dedent(block.raw) for block in blocks), "joined_fences")
        or _program("\n\n".join(block.source for block in blocks), "joined_fences")
        or _program(_between(answer), "fence")
    )
    if together is not None and (best is None or not missing(together.tree)):
        return together
    return best.source if best else None


def _is_broken_writer(block: Block) -> bool:
    """True for a block that would write a file if it parsed: what stands next to it is not the
    program.
    """
    return WRITING.search(block.source) is not None and parse_block(block) is None


def _in_text(text: str) -> Source | None:
    bare = LONE_LABEL.sub("", textwrap.dedent(text).strip())
    tries = (bare, html.unescape(bare))
    for plain in dict.fromkeys(reversed(tries) if ESCAPED_FORMAT.search(bare) else tries):
        source = _program(plain, "whole_text") or _program(code_in(plain), "lines")
        if source is not None:
            return source
    return None


def _in_unclosed(blocks: Sequence[Block]) -> Source | None:
    """The code of a fence that was never closed, with prose below it."""
    for block in reversed(blocks):
        if not block.closed and (source := _program(code_in(block.source), "lines")):
            return source
    return None


def _between(answer: str) -> str:
    """All between the first and the last fence line: for fences that stand inside the program."""
    lines = answer.split("\n")
    marks = [number for number, line in enumerate(lines) if mark_of(line)]
    return "\n".join(lines[marks[0] + 1 : marks[-1]]) if len(marks) > 2 else ""


def _program(text: str, method: str) -> Source | None:
    """Text that parses and would do something when run, unlike words that happen to parse."""
    tree = parse(text)
    if not isinstance(tree, ast.Module) or not any(calls(tree)):
        return None
    imports = any(isinstance(node, ast.Import | ast.ImportFrom) for node in nodes(tree))
    return Source(text, method, tree) if imports or writes(tree) else None


def _failure(outside: str, blocks: Sequence[Block]) -> ExtractError:
    """syntax, with the line, for the longest text that should have been Python; else no_code."""
    broken = [
        block.source
        for block in blocks
        if (block.python or looks_like_python(block.source))
        and isinstance(parse(block.source), Unparsable)
    ]
    source = max(broken, key=len, default=outside if looks_like_python(outside) else "")
    problem = parse(source)
    if source and isinstance(problem, Unparsable):
        return ExtractError("syntax", f"line {problem.line}: {problem.reason}")
    return ExtractError("no_code", "the reply contains no Python program")
