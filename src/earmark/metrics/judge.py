"""A judge that listens: an audio language model says which of two sounds answers a request better.

Each pair is judged twice, the second time in the other order. Only where both orders prefer the
same sound is it a preference: models that listen favour a place. What the judge is worth is its
agreement with people's votes; it is never the headline.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from earmark.records import Task
from earmark.storage.votes import Outcome

QUESTION = """This sound was asked for:

{prompt}

Here are two recordings, first recording 1 and then recording 2. Which is the better answer to what
was asked for: the right sound, and well made? Answer with one word: 1, 2 or same."""
ANSWER = re.compile(r"\b(1|2|same)\b", re.IGNORECASE)


class Listener(Protocol):
    """A model that takes recordings with its question."""

    @property
    def name(self) -> str:
        """What tables call it."""

    def listen(self, question: str, recordings: Sequence[bytes]) -> str:
        """The answer about WAV files, in order. Raises CallFailed, ConfigError."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a judge says of two sounds: 1 the first, -1 the second, 0 no difference.

    swayed: the two orders preferred different sounds, so that it is none.
    answers: its words, in the order given and in the other.
    """

    outcome: Outcome
    swayed: bool
    answers: tuple[str, str]


def judge(listener: Listener, task: Task, first: Path, second: Path) -> Verdict:
    """Compare two WAV files as answers to a task, in both orders.

    Raises:
        CallFailed: no answer came.
    """
    question = QUESTION.format(prompt=task.prompt)
    sounds = first.read_bytes(), second.read_bytes()
    given = listener.listen(question, sounds)
    swapped = listener.listen(question, sounds[::-1])
    one, other = preference(given), preference(swapped)
    agreed = one == -other
    outcome: Outcome = one if agreed else 0
    return Verdict(outcome, not agreed, (given, swapped))


def preference(answer: str) -> Outcome:
    """1 for recording 1, -1 for recording 2; 0 for the same, and for an answer that names both."""
    named = {word.lower() for word in ANSWER.findall(answer)}
    if named == {"1"}:
        return 1
    return -1 if named == {"2"} else 0
