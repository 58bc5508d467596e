"""Completion -> Failure or None: did the model answer at all?

In: a Completion. Out: refused, empty or truncated, each with a message, or None when there is something to extract from. Pure.
What the answer holds is not looked at beyond its outline: finding a program is the next stage's work.
"""

import re

from earmark.extract.reasoning import without_thinking
from earmark.records import Completion, Failure

REFUSING = frozenset(
    {"content_filter", "refusal", "safety", "recitation", "prohibited_content", "blocklist", "spii"}
)
FENCE = re.compile(r"^[ \t]*(```+|~~~+)[ \t]*(\S*)", re.MULTILINE)
DECLINES = re.compile(
    r"\A\W*(i['’]?m sorry|i am sorry|sorry,|i apologi[sz]e|i can(?:no|['’]?)t (?:help|assist|comply|do that|fulfil)|"
    r"i(?:['’]m| am) (?:not able|unable) to|i won['’]t|unfortunately,? i can)",
    re.IGNORECASE,
)
CODE_LINE = re.compile(r"^\s*(import \w|from \w[\w.]* import |def \w+\()", re.MULTILINE)
LONGEST_DECLINE = 1000  # characters: a longer answer says more than no


def failure_of(completion: Completion) -> Failure | None:
    """The one failure of the model stage, or None.

    refused    the provider says so by its finish reason, or a short answer without any code begins by declining
    truncated  the answer was cut at the token limit, and it does not hold at least one code fence with every fence closed (a
               program that came whole before the cut is worth running; thinking does not count, nor do the fences in it)
    empty      it ended by itself and holds nothing but blanks
    """
    said = without_thinking(completion.text)
    if completion.finish_reason.lower() in REFUSING:
        return Failure(
            "model", "refused", f"the provider ended the answer by '{completion.finish_reason}'"
        )
    if completion.finish_reason == "length" and not _whole(said):
        tokens = (
            "the token limit"
            if completion.effective.max_tokens is None
            else f"max_tokens={completion.effective.max_tokens}"
        )
        return Failure(
            "model", "truncated", f"the answer was cut at {tokens} before a program was complete"
        )
    if not said.strip():
        return Failure(
            "model",
            "empty",
            f"the answer holds no text (finish reason '{completion.finish_reason}')",
        )
    if _declines(said):
        return Failure("model", "refused", "the answer declines and holds no code")
    return None


def _whole(said: str) -> bool:
    opened, fences = "", 0
    for mark, language in FENCE.findall(said):
        if not opened:
            opened, fences = mark, fences + 1
        elif mark.startswith(opened) and not language:
            opened = ""
    return fences > 0 and not opened


def _declines(said: str) -> bool:
    if len(said) > LONGEST_DECLINE or FENCE.search(said) or CODE_LINE.search(said):
        return False
    return DECLINES.match(said) is not None
