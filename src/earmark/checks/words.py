"""Words: a Sound -> what a recogniser hears in it, and how wrong that is.

In: a Sound and a text. Out: a Finding, the word error rate capped at 1. The recogniser is pocketsphinx with the English model that it
carries, unless the sound comes with another. Recognisers invent text on noise and on birds, so there is a gate before them: without voiced
sound that moves, and that a tagger (where there is one) takes for a voice, there are no words.
"""

from collections.abc import Callable, Mapping
from functools import cache, lru_cache
from threading import Lock
from typing import Any

import numpy as np

from earmark.checks.pitch import track
from earmark.checks.sound import RATE_HZ, Finding, Line, Sound, Unequipped
from earmark.checks.voice import HIGHEST_HZ, LOWEST_HZ, share_voiced
from earmark.errors import MetricUnavailable
from earmark.spec import tolerance

LEAST_VOICED_SHARE = 0.25
LEAST_VOICED_FRAMES = 8
LEAST_LEVEL_RANGE_DB = 6.0  # a held tone is voiced, but says nothing
# Synthetic speech of five voices gave 0.76 or more, recordings without a human voice 0.61 or less.
LEAST_VOICE = 0.65
VOICES = ("Speech", "Speech synthesizer", "Child speech, kid speaking", "Conversation", "Narration, monologue", "Whispering", "Singing")
PADDING_SECONDS = 0.3
DECODING = Lock()  # there is one decoder, which keeps state while it listens
Spec = Mapping[str, Any]


@cache
def _decoder() -> Any:  # noqa: ANN401  # pocketsphinx ships no types
    try:
        import pocketsphinx
    except ImportError as error:
        raise Unequipped("words cannot be heard: pocketsphinx is not installed; pip install pocketsphinx") from error
    return pocketsphinx.Decoder(samprate=RATE_HZ, loglevel="FATAL")


def may_hold_words(sound: Sound) -> bool:
    """The gate: enough is voiced, the level moves, and the tagger, where there is one, says that it is a voice."""
    voiced = np.count_nonzero(np.isfinite(track(sound, LOWEST_HZ, HIGHEST_HZ)))
    if voiced < LEAST_VOICED_FRAMES or share_voiced(sound) < LEAST_VOICED_SHARE:
        return False
    heard = sound.level_db[sound.level_db > -50]
    moves = float(np.percentile(heard, 95) - np.percentile(heard, 5)) >= LEAST_LEVEL_RANGE_DB
    return moves and _taken_for_a_voice(sound)


def _taken_for_a_voice(sound: Sound) -> bool:
    try:
        heard = sound.ears.tag(sound.line) if sound.ears.tag else None
    except MetricUnavailable:  # the tagger is not installed: the rest of the gate must do
        return True
    return heard is None or max(heard[name] for name in VOICES) >= LEAST_VOICE


@lru_cache(maxsize=8)
def recognised(sound: Sound) -> str:
    """The words that are heard, lower case; empty where the gate is shut. Raises Unequipped without a recogniser."""
    hear = sound.ears.recogniser.hear if sound.ears.recogniser else _pocketsphinx(_decoder())
    return hear(sound.line) if may_hold_words(sound) else ""


def _pocketsphinx(decoder: Any) -> Callable[[Line], str]:  # noqa: ANN401  # as above
    def hear(line: Line) -> str:
        quiet = np.zeros(round(PADDING_SECONDS * RATE_HZ))
        whole = np.concatenate([quiet, 0.6 * line / np.abs(line).max(), quiet])
        with DECODING:
            decoder.start_utt()
            decoder.process_raw((whole * 32767).astype(np.int16).tobytes(), full_utt=True)
            decoder.end_utt()
            best = decoder.hyp()
        return "" if best is None else str(best.hypstr).lower()

    return hear


def words(sound: Sound, wanted: str, spec: Spec) -> Finding:
    """Word error rate of what is heard against a text, without case and punctuation, capped at 1."""
    from jiwer import wer

    asked = " ".join("".join(c if c.isalpha() or c == "'" else " " for c in wanted.lower()).split())
    error = min(1.0, float(wer(asked, recognised(sound))))
    return Finding(error, error <= tolerance(spec, "word_error_rate"))
