"""What is said back: an attempt -> the model's own turn and our answer to it.

In: an attempt. Out: two messages. The model sees the program it wrote, not its reasoning, and of a long text the two ends: what
is repeated every turn must stay small.
"""

from earmark.records import Attempt, Message
from earmark.strategies.listening import heard
from earmark.strategies.prompt_template import PromptTemplate

MAX_ANSWER = 12_000  # characters of a program or an answer that are repeated
MAX_TRACEBACK = 2_000
NOTHING = "(no answer)"  # providers refuse an empty message


def turn(wording: PromptTemplate, attempt: Attempt) -> tuple[Message, Message]:
    """The model's turn again, and what became of it: the failure, or what was heard."""
    return Message("assistant", _own(wording, attempt)), Message("user", _outcome(wording, attempt))


def shortened(text: str, most: int) -> str:
    """At most `most` characters and a mark, from both ends."""
    text = text.strip()
    if len(text) <= most:
        return text
    return f"{text[: most // 2]}\n[… {len(text) - most} characters left out …]\n{text[-(most - most // 2) :]}"


def _own(wording: PromptTemplate, attempt: Attempt) -> str:
    if attempt.program is not None:
        return wording.say("program", source=shortened(attempt.program.source, MAX_ANSWER))
    return shortened(attempt.completion.text if attempt.completion else "", MAX_ANSWER) or NOTHING


def _outcome(wording: PromptTemplate, attempt: Attempt) -> str:
    if attempt.failure is None:
        return wording.say("report", task=attempt.task, heard=heard(attempt))
    ran = attempt.failure.stage == "run" and attempt.execution is not None
    traceback = (
        shortened(attempt.execution.stderr, MAX_TRACEBACK) if ran and attempt.execution else ""
    )
    return wording.say("failure", failure=attempt.failure, traceback=traceback)
