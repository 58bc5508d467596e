"""Whether a completion is an answer at all: refused, empty and truncated ones are rejected here.

Nothing is read beyond the outline of the text: finding a program is `extract`'s work.
"""

import re

from earmark.errors import CompletionError
from earmark.extract.fences import normalise, read_blocks
from earmark.extract.reasoning import without_reasoning
from earmark.extract.unfenced import looks_like_python
from earmark.records import LENGTH_REASONS, REFUSED_REASONS, Completion

DECLINES = re.compile(
    r"\A\W*(i['’]?m sorry|i am sorry|sorry,|i apologi[sz]e|"
    r"i can(?:no|['’]?)t (?:help|assist|comply|do that|fulfil)|"
    r"i(?:['’]m| am) (?:not able|unable) to|i won['’]t|unfortunately,? i can)",
    re.IGNORECASE,
)
MAX_DECLINE = 1000  # characters: a longer answer says more than no


def check_completion(completion: Completion) -> None:
    """Raise CompletionError unless there is something to extract a program from.

    refused    the provider says so by its finish reason, or a short answer without code begins by
               declining
    truncated  the answer was cut at the token limit, unless it holds code fences and all of them
               are closed: a program that came whole before the cut is worth running
    empty      it ended by itself and is blank
    """
    reason, limit = completion.finish_reason, completion.effective.max_tokens
    answer = normalise(without_reasoning(completion.text))
    blocks, _ = read_blocks(answer)
    if reason.lower() in REFUSED_REASONS:
        raise CompletionError("refused", f"the provider ended the reply by '{reason}'")
    if reason.lower() in LENGTH_REASONS and not (blocks and all(block.closed for block in blocks)):
        where = "the token limit" if limit is None else f"max_tokens={limit}"
        raise CompletionError(
            "truncated", f"the reply was cut at {where} before a program was complete"
        )
    if not answer.strip():
        raise CompletionError("empty", f"the reply contains no text (finish reason '{reason}')")
    has_code = blocks or looks_like_python(answer)
    if len(answer) <= MAX_DECLINE and not has_code and DECLINES.match(answer):
        raise CompletionError("refused", "the reply declines the task and contains no code")
