"""A provider in bad shape: what it does with a question is drawn from a seed, the question, and how
often it was asked before.

In: a seed. Out: an answer for ChatServer. The first visits of a question may meet a delay, 429 with
Retry-After, 500, a reset, garbage, a list of no choices or silence; later ones are answered. What
the answer says depends on the question alone, so that a repeated request has the same answer:
programs that make a sound, fail or stay silent, prose, refusals, blanks and texts cut at the limit.
"""

import json
import threading
from collections import Counter
from random import Random

from tests.models.server import BROKEN, GARBAGE, HANG, NO_CHOICES, RESET, Asked, Reply, cut, fenced

TONE = (
    "import numpy as np, soundfile as sf\n"
    "sf.write('out.wav', 0.3 * np.sin(0.06 * np.arange(88200)), 44100)"
)
SILENT = "import numpy as np, soundfile as sf\nsf.write('out.wav', np.zeros(88200), 44100)"
SAID = (
    *[fenced(TONE)] * 5,
    fenced(SILENT),
    fenced("print(1 / 0)"),
    fenced("import nowhere"),
    fenced("import subprocess"),
    fenced("x = = 1"),
    fenced("print('no file')"),
    cut(),
    Reply("I cannot help with that."),
    Reply("A tone is a sine. Use a sine."),
    Reply(""),
    Reply("", finish_reason="content_filter"),
    Reply("\ufffd\x00 <think> ``` \\u12 {"),
)
THROTTLED = Reply(status=429, code="rate_limit_exceeded", retry_after="0.1")
TROUBLES = (
    THROTTLED,
    THROTTLED,
    BROKEN,
    RESET,
    GARBAGE,
    NO_CHOICES,
    Reply(raw=b'{"id": "x", "choices": [{"mess'),
)
ILL_VISITS = 2  # of each question; the model has more tries than that


def question(asked: Asked) -> str:
    """What makes two requests the same question: everything that was sent."""
    return json.dumps(asked.body, sort_keys=True)


class Faults:
    """Call it with what was Asked."""

    def __init__(self, seed: int, *, ill: float = 0.25, hangs: float = 0.01) -> None:
        self._seed, self._ill, self._hangs = seed, ill, hangs
        self._visits: Counter[str] = Counter()
        self._lock = threading.Lock()

    def said(self, asked: Asked) -> Reply:
        """What the question is answered in the end."""
        return Random(f"{self._seed} {question(asked)}").choice(SAID)

    def __call__(self, asked: Asked) -> Reply:
        with self._lock:
            self._visits[question(asked)] += 1
            visit = self._visits[question(asked)]
        rng = Random(f"{self._seed} {visit} {question(asked)}")
        if visit <= ILL_VISITS and rng.random() < self._ill:
            return HANG if rng.random() < self._hangs / self._ill else rng.choice(TROUBLES)
        answer = self.said(asked)
        return Reply(answer.text, answer.finish_reason, delay_seconds=rng.uniform(0, 0.1))
