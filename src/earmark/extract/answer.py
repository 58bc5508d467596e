"""Completion text -> the parts of it that may be code: reasoning taken away, fences found.

In: any text. Out: blocks in the order they stand. Whether a block is Python is not decided here.
"""

import re
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass

from earmark.extract.reasoning import without_reasoning

# Every pattern here must stay linear in the answer's length: no two quantifiers that can share
# characters.
ONE_LINE = re.compile(r"(?<!`)`{3,}+(?:(?P<label>python3?|py)[ \t]++)?(?P<code>[^`]++)`{3,}+")
BULLET = re.compile(r"(?:>|[-*+]|\d{1,9}[.)])?")
LABEL = re.compile(r"[\s{.]*+([\w+#.\-/]*+)")
PROMPT = re.compile(r"^(?:>>>|\.\.\.)(?: |$)")

_OTHERS = """asm awk bash bat c c# c++ clojure cmd console cpp cs csharp csound css csv dart diff docker dockerfile faust fish go haskell
html ini java javascript js json julia kotlin latex lisp lua makefile markdown matlab md objc octave output pascal perl php plain plaintext
powershell ps1 puredata r rb requirements.txt rs ruby rust scala sclang sh shell sonic-pi sql supercollider swift tex text toml ts txt
typescript vb xml yaml yml zsh"""
OTHER_LANGUAGES = frozenset(_OTHERS.split())


@dataclass(frozen=True, slots=True)
class Mark:
    """A line that opens or closes a fence: the text before its mark, the mark, and the text after."""

    before: str
    mark: str
    info: str


@dataclass(frozen=True, slots=True)
class Block:
    """What stands in one fence; `closed` is False when the fence never ends."""

    label: str
    source: str
    closed: bool = True

    @property
    def foreign(self) -> bool:
        """True when the label names another language."""
        return self.label.lower() in OTHER_LANGUAGES


def answer_of(text: str) -> str:
    """The answer without byte order mark, Windows newlines and reasoning; an unfinished thought
    takes the rest with it.
    """
    text = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    return without_reasoning(text)


def mark_of(line: str) -> Mark | None:
    """The one fence mark on a line, or None."""
    end = max(line.rfind("`"), line.rfind("~")) + 1
    before = line[:end].rstrip(line[end - 1]) if end else line
    mark = line[len(before) : end]
    return (
        Mark(before, mark, line[end:])
        if len(mark) >= 3 and "```" not in before and "~~~" not in before
        else None
    )


def blocks(text: str) -> Iterator[Block]:
    """Every fenced block, in order. An opening inside an open fence means that the first was never
    closed.
    """
    fence, label, lines = "", "", list[str]()
    for line in text.split("\n"):
        found = mark_of(line)
        if not fence:
            if found and _opens(found):
                fence, label, lines = found.mark, _label(found.info), []
            else:
                yield from (
                    Block(one["label"] or "", _clean([one["code"]]))
                    for one in ONE_LINE.finditer(line)
                )
        elif found is None or not found.mark.startswith(fence):
            lines.append(line)
        elif not found.info.strip():
            yield Block(label, _clean([*lines, found.before]))
            fence = ""
        elif _at_start(found) and _label(found.info):
            yield Block(label, _clean(lines), closed=False)
            fence, label, lines = found.mark, _label(found.info), []
        else:
            lines.append(line)
    if fence:
        yield Block(label, _clean(lines), closed=False)


def unfenced(text: str) -> str:
    """The text with the lines that hold only a fence taken out: for answers whose fences do not
    pair.
    """
    return "\n".join(
        line
        for line in text.split("\n")
        if not ((found := mark_of(line)) and not found.before.strip())
    )


def between(text: str) -> str:
    """All that stands between the first and the last fence line: for fences that stand inside a
    string of the program.
    """
    lines = text.split("\n")
    at = [number for number, line in enumerate(lines) if mark_of(line)]
    return _clean(lines[at[0] + 1 : at[-1]]) if len(at) > 2 else ""


def _opens(found: Mark) -> bool:
    """At the start of a line anything may follow the mark; after words only a label, else it is
    code in running text.
    """
    return _at_start(found) or " " not in found.info.strip()


def _at_start(found: Mark) -> bool:
    return BULLET.fullmatch(found.before.strip()) is not None


def _label(info: str) -> str:
    found = LABEL.match(info)
    return found[1].removeprefix("language-") if found else ""


def _clean(lines: list[str]) -> str:
    """Without quote marks, interpreter prompts and common indentation."""
    filled = [line for line in lines if line.strip()]
    if filled and all(
        line.lstrip().startswith(">") and not line.lstrip().startswith(">>>") for line in filled
    ):
        lines = [line.lstrip().removeprefix(">") for line in lines]
    source = textwrap.dedent("\n".join(lines)).strip("\n")
    if source.startswith(">>> "):
        source = "\n".join(
            PROMPT.sub("", line) for line in source.split("\n") if PROMPT.match(line)
        )
    return source.rstrip()
