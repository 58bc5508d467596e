"""Words: what a recogniser transcribes, and its word error rate against a text.

Recognisers invent text on noise and on birds, so a voice detector runs first.
"""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import numpy as np

from earmark.checks.sound import (
    FRAME_SECONDS,
    RATE_HZ,
    Finding,
    Floats,
    NotJudged,
    Sound,
)
from earmark.errors import MetricUnavailable
from earmark.tasks.spec import tolerance

SILENT_DB = -50.0  # below the loudest 10 ms
MARGIN_FRAMES = 30
Spec = Mapping[str, Any]


@lru_cache(maxsize=8)
def transcript(sound: Sound) -> str:
    """The words without case and punctuation; empty where there is no speech.

    Raises:
        NotJudged: the voice detector or the recogniser is not set or not installed.
    """
    voice, recogniser = sound.detectors.voice, sound.detectors.recogniser
    if voice is None or recogniser is None:
        raise NotJudged(
            "words need a voice detector and a recogniser, one is not set;"
            " set metric.clip.checks.voice_detector and metric.clip.checks.recogniser"
        )
    try:
        samples = _without_silence(sound)
        return plain(recogniser.transcribe(samples)) if voice.detect(samples) else ""
    except MetricUnavailable as error:
        raise NotJudged(str(error)) from error


def _without_silence(sound: Sound) -> Floats:
    """The clip from its first sound to its last.

    After long silence voices are missed, and words are invented for it.
    """
    at = np.flatnonzero(sound.level_db > SILENT_DB)
    first, last = max(0, at[0] - MARGIN_FRAMES), at[-1] + 1 + MARGIN_FRAMES
    frame = FRAME_SECONDS * RATE_HZ
    return sound.samples[round(first * frame) : round(last * frame)]


def words(sound: Sound, text: str, spec: Spec) -> Finding:
    """Word error rate against a text, without case and punctuation, capped at 1."""
    from jiwer import wer

    error = min(1.0, float(wer(plain(text), transcript(sound))))
    return Finding(error, error <= tolerance(spec, "word_error_rate"))


def plain(text: str) -> str:
    """Lower-case words of letters and apostrophes, one blank between them."""
    letters = "".join(c if c.isalpha() or c == "'" else " " for c in text.lower())
    return " ".join(letters.split())
