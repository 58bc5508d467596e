"""The messages that answer an attempt: the model's own turn again, then what became of it.

The model sees the program it wrote without its reasoning, and only the two ends of a long text:
what is repeated on every turn must stay small.
"""

from earmark.records import Attempt, Message, Task
from earmark.strategies.acoustic_report import acoustic_report
from earmark.strategies.prompt_template import PromptTemplate

MAX_ANSWER_CHARS = 12_000  # of a program or an answer that is repeated
MAX_TRACEBACK_CHARS = 2_000
EMPTY_ANSWER = "(empty reply)"  # providers refuse an empty message


def feedback_messages(
    template: PromptTemplate, attempt: Attempt, task: Task
) -> tuple[Message, Message]:
    """The model's turn, and the failure or the acoustic report that answers it.

    `task` is the attempt's task in the words that the model was given.
    """
    return (
        Message("assistant", _answer(template, attempt)),
        Message("user", _outcome(template, attempt, task)),
    )


def shorten(text: str, max_chars: int) -> str:
    """The stripped text; of one that is too long the two ends, with a mark between them."""
    text = text.strip()
    if len(text) <= max_chars:
        return text
    head, tail = text[: max_chars // 2], text[max_chars // 2 - max_chars :]
    return f"{head}\n[... {len(text) - max_chars} characters left out ...]\n{tail}"


def _answer(template: PromptTemplate, attempt: Attempt) -> str:
    if attempt.program is not None:
        source = shorten(attempt.program.source, MAX_ANSWER_CHARS)
        return template.render("program", source=source)
    text = attempt.completion.text if attempt.completion else ""
    return shorten(text, MAX_ANSWER_CHARS) or EMPTY_ANSWER


def _outcome(template: PromptTemplate, attempt: Attempt, task: Task) -> str:
    if attempt.failure is None:
        return template.render("report", task=task, measurements=acoustic_report(attempt))
    traceback = ""
    if attempt.failure.stage == "execute" and attempt.execution is not None:
        traceback = shorten(attempt.execution.stderr, MAX_TRACEBACK_CHARS)
    return template.render("failure", failure=attempt.failure, traceback=traceback)
