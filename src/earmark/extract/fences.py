"""An answer's text -> its fenced blocks, in order, and what stands outside them.

Whether a block is Python is not decided here.
"""

import re
import textwrap
from dataclasses import dataclass

from earmark.extract.unfenced import looks_like_python

# Every pattern here must stay linear in the answer's length: no two quantifiers share characters.
ONE_LINE = re.compile(r"(?<!`)`{3,}+(?:(?P<label>python3?|py)[ \t]++)?(?P<code>[^`]++)`{3,}+")
BULLET = re.compile(r"(?:>|[-*+]|\d{1,9}[.)])?")
LABEL = re.compile(r"[\s{.]*+([\w+#.\-/]*+)")
GLUED = re.compile(r"[ \t]*(python3?|py)(?=(?:import|from|def|class)\b)", re.IGNORECASE)
PROMPT = re.compile(r"^(?:>>>|\.\.\.)(?: |$)")
CODE_START = re.compile(
    r"import \w|from [\w.]+ import |def \w+\(|class \w+[:(]|[#@]|[\w.]+(?: = |\()|['\"]{3}"
    r"|(?:async|with|for|if|while|try)\b.*:\s*$"
)
STRING = re.compile(
    r"\"\"\"|'''|\"(?:\\.|[^\"\\\n])*+\"|'(?:\\.|[^'\\\n])*+'|#.*"
)  # of one line, outside of a triple-quoted string
INVISIBLE = re.compile("^[\u200b\u200c\u200d\u2060\ufeff]++", re.MULTILINE)
HTML_CODE = re.compile(r"</?(?:code|pre)\b[^<>\n]{0,100}>", re.IGNORECASE)
LONE_LABEL = re.compile(r"\A(?:python3?|py)[ \t]*\n", re.IGNORECASE)

_OTHERS = """
asm awk bash bat c c# c++ clojure cmd console cpp cs csharp csound css csv dart diff docker
dockerfile faust fish go haskell html ini java javascript js json julia kotlin latex lisp lua
makefile markdown matlab md objc octave output pascal perl php plain plaintext powershell ps1
puredata r rb requirements.txt rs ruby rust scala sclang sh shell sonic-pi sql supercollider swift
tex text toml ts txt typescript vb xml yaml yml zsh
"""
OTHER_LANGUAGES = frozenset(_OTHERS.split())
PLAIN_LABELS = frozenset({"text", "txt", "plain", "plaintext", "output", "console"})


@dataclass(frozen=True, slots=True)
class Mark:
    """A line that opens or closes a fence: the text before the mark, the mark, and after it."""

    before: str
    mark: str
    info: str

    @property
    def at_start(self) -> bool:
        """True when nothing but a bullet stands before it."""
        return BULLET.fullmatch(self.before.strip()) is not None

    @property
    def opens(self) -> bool:
        """At the start of a line anything may follow; after words only a label or code."""
        one_word = " " not in self.info.strip()
        return self.at_start or one_word or bool(_code_after_label(self.info))


@dataclass(frozen=True, slots=True)
class Block:
    """What stands in one fence, cleaned and raw; `closed` is False when the fence never ends."""

    label: str
    source: str
    raw: str
    closed: bool = True

    @property
    def foreign(self) -> bool:
        """True when the label names another language; plain text may still be Python."""
        label = self.label.lower()
        plain = label in PLAIN_LABELS and looks_like_python(self.source)
        return label in OTHER_LANGUAGES and not plain

    @property
    def python(self) -> bool:
        """True when the label says Python."""
        return self.label.lower().startswith("py") or self.label.endswith(".py")


def normalise(text: str) -> str:
    """Plain newlines, no invisible characters at the start of lines, and HTML code elements as
    fences.
    """
    text = INVISIBLE.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))
    if "```" in text or "~~~" in text:
        return text
    name = "code" if "<code" in text.lower() else "pre"
    return HTML_CODE.sub(lambda tag: "\n```\n" if name in tag[0].lower() else "", text)


class _Reader:
    """Reads lines into blocks and the lines outside them."""

    def __init__(self, lines: list[str]) -> None:
        self.blocks: list[Block] = []
        self.outside: list[str] = []
        self._lines = lines
        self._last = {quotes: _last_line_with(quotes, lines) for quotes in ('"""', "'''")}
        self._fence, self._label, self._inner, self._quotes = "", "", list[str](), ""

    def read(self) -> None:
        """Read all lines. An opening inside an open fence means that the first was never closed."""
        for number, line in enumerate(self._lines):
            mark = mark_of(line)
            if not self._fence:
                self._read_outside(line, mark)
            elif mark is None or not mark.mark.startswith(self._fence) or self._in_string(number):
                self._add(line)
            elif not mark.info.strip() and set(mark.before.strip()) != {"#"}:
                self._end([*self._inner, mark.before], closed=True)
            elif mark.at_start and _label(mark.info):
                self._end(self._inner, closed=False)
                self._open(mark)
            else:
                self._add(line)
        if self._fence:
            self._end(self._inner, closed=False)

    def _read_outside(self, line: str, mark: Mark | None) -> None:
        if mark is not None and mark.opens:
            self._open(mark)
            return
        for one in ONE_LINE.finditer(line):
            self.blocks.append(Block(one["label"] or "", _clean([one["code"]]), one["code"]))
        self.outside.append(line)

    def _open(self, mark: Mark) -> None:
        self._fence, self._label, self._inner, self._quotes = mark.mark, _label(mark.info), [], ""
        if first := _code_after_label(mark.info):
            self._add(first)

    def _add(self, line: str) -> None:
        self._inner.append(line)
        self._quotes = _quotes_after(line, self._quotes)

    def _end(self, lines: list[str], *, closed: bool) -> None:
        self.blocks.append(Block(self._label, _clean(lines), "\n".join(lines), closed))
        self._fence = ""

    def _in_string(self, number: int) -> bool:
        """True inside a triple-quoted string that ends further down: a fence there is the program's
        own text.
        """
        return bool(self._quotes) and self._last[self._quotes] > number


def read_blocks(text: str) -> tuple[list[Block], str]:
    """Every fenced block, in order, and the text outside; a block of Markdown is read once more."""
    reader = _Reader(text.split("\n"))
    reader.read()
    blocks = list[Block]()
    for block in reader.blocks:
        inner = _Reader(block.raw.split("\n") if block.label.lower() in ("markdown", "md") else [])
        inner.read()
        # One that never ends stays in the list: the answer was cut in it.
        blocks += inner.blocks if inner.blocks and block.closed else [*inner.blocks, block]
    return blocks, "\n".join(reader.outside)


def mark_of(line: str) -> Mark | None:
    """The one fence mark on a line, or None."""
    end = max(line.rfind("`"), line.rfind("~")) + 1
    before = line[:end].rstrip(line[end - 1]) if end else line
    mark = line[len(before) : end]
    if len(mark) < 3 or "```" in before or "~~~" in before:
        return None
    return Mark(before, mark, line[end:])


def _label(info: str) -> str:
    if glued := GLUED.match(info):
        return glued[1]
    if CODE_START.match(info.strip()):
        return ""
    label = LABEL.match(info)
    return label[1].removeprefix("language-") if label else ""


def _code_after_label(info: str) -> str:
    """Code on the opening line of a fence, which is the program's first line."""
    label = GLUED.match(info)
    if label is None and CODE_START.match(info.strip()):
        return info.strip()
    label = label or LABEL.match(info)
    rest = info[label.end() :].strip() if label else ""
    return rest if CODE_START.match(rest) else ""


def _quotes_after(line: str, quotes: str) -> str:
    """The triple quotes that are open after a line, given those open before it; empty for none."""
    at = 0
    while at < len(line):
        if quotes:
            end = line.find(quotes, at)
            if end < 0:
                return quotes
            at, quotes = end + 3, ""
        else:
            token = STRING.search(line, at)
            if token is None:
                return ""
            at, quotes = token.end(), token[0] if token[0] in ('"""', "'''") else ""
    return quotes


def _last_line_with(part: str, lines: list[str]) -> int:
    return max((number for number, line in enumerate(lines) if part in line), default=-1)


def _clean(lines: list[str]) -> str:
    """Without quote marks, interpreter prompts, common indentation, and a label on a line of its
    own.
    """
    filled = [line.lstrip() for line in lines if line.strip()]
    if filled and all(line.startswith(">") and not line.startswith(">>>") for line in filled):
        lines = [line.lstrip().removeprefix(">") for line in lines]
    source = LONE_LABEL.sub("", textwrap.dedent("\n".join(lines)).strip("\n"))
    if source.startswith(">>> "):
        prompted = [line for line in source.split("\n") if PROMPT.match(line)]
        source = "\n".join(PROMPT.sub("", line) for line in prompted)
    return source.rstrip()
