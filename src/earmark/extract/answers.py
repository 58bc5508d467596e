"""Whether a completion is an answer at all: refused, empty and truncated ones are rejected here.

Nothing is read beyond the outline of the text: finding a program is `extract`'s work.
"""

import re

from earmark.errors import CompletionError
from earmark.extract.reasoning import without_reasoning
from earmark.records import REFUSED_REASONS, Completion

FENCE = re.compile(r"^[ \t]*(```+|~~~+)[ \t]*(\S*)", re.MULTILINE)
DECLINES = re.compile(
    r"\A\W*(i['’]?m sorry|i am sorry|sorry,|i apologi[sz]e|i can(?:no|['’]?)t (?:help|assist|comply|do that|fulfil)|"
    r"i(?:['’]m| am) (?:not able|unable) to|i won['’]t|unfortunately,? i can)",
    re.IGNORECASE,
)
CODE_LINE = re.compile(r"^\s*(import \w|from \w[\w.]* import |def \w+\()", re.MULTILINE)
MAX_DECLINE = 1000  # characters: a longer answer says more than no


def check_completion(completion: Completion) -> None:
    """Raise CompletionError unless there is something to extract a program from.

    refused    the provider says so by its finish reason, or a short answer without any code begins by declining
    truncated  the answer was cut at the token limit, and does not hold at least one code fence with every fence closed: a
               program that came whole before the cut is worth running. Reasoning does not count,
               nor do the fences in it
    empty      it ended by itself and is blank
    """
    reason, limit = completion.finish_reason, completion.effective.max_tokens
    answer = without_reasoning(completion.text)
    if reason.lower() in REFUSED_REASONS:
        raise CompletionError("refused", f"the provider ended the answer by '{reason}'")
    if reason == "length" and not _holds_whole_fences(answer):
        where = "the token limit" if limit is None else f"max_tokens={limit}"
        raise CompletionError(
            "truncated", f"the answer was cut at {where} before a program was complete"
        )
    if not answer.strip():
        raise CompletionError("empty", f"the answer holds no text (finish reason '{reason}')")
    if _declines(answer):
        raise CompletionError("refused", "the answer declines and holds no code")


def _holds_whole_fences(answer: str) -> bool:
    opened, fences = "", 0
    for mark, language in FENCE.findall(answer):
        if not opened:
            opened, fences = mark, fences + 1
        elif mark.startswith(opened) and not language:
            opened = ""
    return fences > 0 and not opened


def _declines(answer: str) -> bool:
    if len(answer) > MAX_DECLINE or FENCE.search(answer) or CODE_LINE.search(answer):
        return False
    return DECLINES.match(answer) is not None
