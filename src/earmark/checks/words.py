"""Words: a Sound -> what a recogniser hears in it, and how wrong that is.

In: a Sound and a text. Out: a Finding, the word error rate capped at 1. Recognisers invent text on noise and on birds, so they are asked
only about a clip in which somebody speaks. It raises Unequipped where who listens is not set or not installed.
"""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import numpy as np

from earmark.checks.sound import FRAME_SECONDS, RATE_HZ, Finding, Line, Sound, Unequipped
from earmark.errors import MetricUnavailable
from earmark.tasks.spec import tolerance

SILENT_DB = -50.0  # below the loudest 10 ms
AROUND_FRAMES = 30
Spec = Mapping[str, Any]


@lru_cache(maxsize=8)
def recognised(sound: Sound) -> str:
    """The words that are heard, without case and punctuation; empty where nobody speaks."""
    ears = sound.ears
    if ears.speaks is None or ears.recogniser is None:
        raise Unequipped(
            "words cannot be heard: no recogniser is set; see metric.clip.checks.recogniser and .speaks"
        )
    try:
        line = _without_silence(sound)
        return plain(ears.recogniser.hear(line)) if ears.speaks(line) else ""
    except MetricUnavailable as error:
        raise Unequipped(str(error)) from error


def _without_silence(sound: Sound) -> Line:
    """The clip from its first sound to its last: after long silence voices are missed, and words invented for it."""
    at = np.flatnonzero(sound.level_db > SILENT_DB)
    first, last = max(0, at[0] - AROUND_FRAMES), at[-1] + 1 + AROUND_FRAMES
    return sound.line[
        round(first * FRAME_SECONDS * RATE_HZ) : round(last * FRAME_SECONDS * RATE_HZ)
    ]


def words(sound: Sound, wanted: str, spec: Spec) -> Finding:
    """Word error rate of what is heard against a text, without case and punctuation, capped at 1."""
    from jiwer import wer

    error = min(1.0, float(wer(plain(wanted), recognised(sound))))
    return Finding(error, error <= tolerance(spec, "word_error_rate"))


def plain(text: str) -> str:
    """Lower-case words of letters and apostrophes, one blank between them."""
    return " ".join("".join(c if c.isalpha() or c == "'" else " " for c in text.lower()).split())
