"""An answer's text without the reasoning that a model wrote into it.

Families mark reasoning by tags (`<think>`, `<seed:think>`, `[THINK]`), by special tokens
(`<|START_THINKING|>`, `<|begin_of_thought|>`) or by channels (`<|channel|>analysis<|message|>`).
All of them are read in one pass: a pattern over pairs of marks would be quadratic in unclosed ones.
"""

import re
from enum import Enum

_NAMES = (
    "think|thinking|thoughts?|reasoning|reflection|scratchpad|analysis|cot|chain_of_thought|"
    "inner_monologue|internal_monologue"
)
# Every part is bounded, to stay linear.
MARK = re.compile(
    rf"""
      <(?P<tag_end>/?)(?:[a-z]{{1,20}}:|ant)?(?:{_NAMES})(?:\s[^<>\n]{{0,80}})?>
    | \[(?P<bracket_end>/?)THINK\]
    | ◁(?P<triangle_end>/?)think▷
    | <\|(?P<token>begin_of_thought|end_of_thought|START_THINKING|END_THINKING)\|>
    | <\|channel\|?>(?P<channel>[a-z]{{1,20}})[^\n<]{{0,80}}(?:<\|message\|>)?
    | (?P<channel_end><channel\|>)
    | <unused(?P<unused>94|95)>(?:thought\b)?
    """,
    re.IGNORECASE | re.VERBOSE,
)
SPECIAL_TOKEN = re.compile(r"<\|/?[A-Za-z_]{2,25}\|>")
# What is left of channels when a server removed the special tokens around them.
BARE_ANALYSIS, BARE_FINAL = re.compile(r"\s*analysis(?=[A-Z*])"), "assistantfinal"


QUOTES = ("'", '"')


class Kind(Enum):
    """What a mark says of the text after it."""

    OPEN = "reasoning begins"
    CLOSE = "reasoning ends"
    ANSWER = "the answer begins"


def without_reasoning(text: str) -> str:
    """The answer as against the reasoning; reasoning that never ends takes the rest with it.

    An end without a beginning makes reasoning of all the text before it, because some chat
    templates write the beginning into the prompt; but not after reasoning that was closed, and not
    at the end of the text: there it is a stray.
    """
    kept, start, inside, closed_before = list[str](), 0, False, False
    if BARE_ANALYSIS.match(text):
        _, final, answer = text.rpartition(BARE_FINAL)
        if final or not MARK.search(text):
            text = answer if final else ""
    for mark in MARK.finditer(text):
        kind, begin, end = _kind(mark), mark.start(), mark.end()
        if _is_quoted(text, mark, kind):
            continue
        if not inside:
            kept.append(text[start:begin])
        if kind is Kind.ANSWER or (
            kind is Kind.CLOSE and not (inside or closed_before) and text[end:].strip()
        ):
            kept.clear()
        closed_before = closed_before or kind is Kind.CLOSE
        inside, start = kind is Kind.OPEN, end
    if not inside:
        kept.append(text[start:])
    return SPECIAL_TOKEN.sub("", "".join(kept))


def _is_quoted(text: str, mark: re.Match[str], kind: Kind) -> bool:
    """True for a program's own text: a beginning just after a quote, an end just before one."""
    if kind is Kind.CLOSE:
        return text.startswith(QUOTES, mark.end())
    return text.endswith(QUOTES, 0, mark.start())


def _kind(mark: re.Match[str]) -> Kind:
    if channel := mark["channel"]:
        return Kind.OPEN if channel.lower() in ("analysis", "thought") else Kind.ANSWER
    ends = mark["tag_end"] or mark["bracket_end"] or mark["triangle_end"] or mark["channel_end"]
    token, unused = (mark["token"] or "").lower(), mark["unused"]
    return Kind.CLOSE if ends or token.startswith("end") or unused == "95" else Kind.OPEN
