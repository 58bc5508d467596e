"""Finds the exception that ended a program in what the program printed to stderr.

The interpreter prints more tracebacks than that one: of exceptions that it ignored (in `__del__`,
often after the one that matters) and of threads, which end a thread and not the program.
"""

import re
from dataclasses import dataclass, field

HEADER = re.compile(r"^(  \+ Exception Group )?Traceback \(most recent call last\):$")
IGNORED, IN_THREAD = "Exception ignored ", "Exception in thread "
PROGRAM_LINE = re.compile(r'File "program\.py", line (\d+)')
# How a group shows its parts: in a box, between lines such as `+---------------- 2
# ----------------`.
BOX = re.compile(r"^\s*[|+] ?")
SEPARATOR = re.compile(r"^\s*\+-[-+]* (\d+|\.\.\.) -+$")
SUBGROUP = re.compile(r"\(\d+ sub-exceptions?\)$")


@dataclass(frozen=True)
class PrintedError:
    """An exception as it was printed: its text, the parts of a group, and the program's line."""

    text: str = ""
    parts: tuple[str, ...] = ()
    line: int | None = None


@dataclass
class _Block:
    intro: str
    is_group: bool
    lines: list[str] = field(default_factory=list)


def find_error(stderr: str) -> PrintedError:
    """The exception that ended the program; without a traceback, the last line that it printed."""
    lines = stderr.splitlines()
    blocks = _blocks(lines)
    errors = [block for block in blocks if not block.intro.startswith((IGNORED, IN_THREAD))]
    threads = [block for block in blocks if block.intro.startswith(IN_THREAD)]
    if chosen := errors or threads:
        return _group(chosen[-1]) if chosen[-1].is_group else _single(chosen[-1])
    outside = _before_ignored(lines)
    numbers = PROGRAM_LINE.findall("\n".join(outside))
    text = next((line.strip() for line in reversed(outside) if line.strip()), "")
    return PrintedError(text, line=int(numbers[-1]) if numbers else None)


def _blocks(lines: list[str]) -> list[_Block]:
    """The tracebacks, each with the line before it, which says what kind it is."""
    blocks: list[_Block] = []
    previous = ""
    for line in lines:
        if header := HEADER.match(line):
            if blocks and blocks[-1].lines and blocks[-1].lines[-1] == previous:
                blocks[-1].lines.pop()
            blocks.append(_Block(intro=previous, is_group=header[1] is not None))
        elif blocks:
            blocks[-1].lines.append(line)
        previous = line
    return blocks


def _before_ignored(lines: list[str]) -> list[str]:
    for at, line in enumerate(lines):
        if line.startswith(IGNORED):
            return lines[:at]
    return lines


def _single(block: _Block) -> PrintedError:
    for at, line in enumerate(block.lines):
        if line.strip() and not line.startswith((" ", "\t")):
            return PrintedError(line, line=_last_line_number(block.lines[:at]))
    return PrintedError(line=_last_line_number(block.lines))


def _group(block: _Block) -> PrintedError:
    title, parts, number, expected = "", list[str](), None, False
    for at, line in enumerate(block.lines):
        if SEPARATOR.match(line):
            expected = True
            continue
        content = BOX.sub("", line, count=1)
        if not content.strip() or content.startswith((" ", "\t")) or "Traceback (most" in content:
            continue
        if not title:
            title, number = content, _last_line_number(block.lines[:at])
        elif expected:
            expected = False
            if not SUBGROUP.search(content):
                parts.append(content)
    return PrintedError(title, tuple(parts), number)


def _last_line_number(lines: list[str]) -> int | None:
    numbers = PROGRAM_LINE.findall("\n".join(lines))
    return int(numbers[-1]) if numbers else None
