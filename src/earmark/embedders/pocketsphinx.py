"""pocketsphinx as a recogniser, with the English model that it carries.

It transcribes a voice that is nearly human, and fails on the buzzing ones of formant synthesis.
"""

import threading
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from earmark.errors import MetricUnavailable

RATE_HZ = 16000
PADDING_SECONDS = 0.3
PEAK = 0.6


class Pocketsphinx:
    """One decoder, locked because it keeps state while it works."""

    name = "pocketsphinx"

    def __init__(self) -> None:
        self._lock = threading.Lock()

    def transcribe(self, mono: NDArray[np.floating]) -> str:
        """The words in (n,) samples at 16 kHz, in lower case.

        Raises:
            MetricUnavailable: pocketsphinx is not installed.
        """
        silence = np.zeros(round(PADDING_SECONDS * RATE_HZ))
        whole = np.concatenate([silence, PEAK * mono / np.abs(mono).max(), silence])
        with self._lock:
            self._decoder.start_utt()
            self._decoder.process_raw((whole * 32767).astype(np.int16).tobytes(), full_utt=True)
            self._decoder.end_utt()
            best = self._decoder.hyp()
        return "" if best is None else str(best.hypstr).lower()

    @cached_property
    def _decoder(self) -> Any:  # noqa: ANN401  # pocketsphinx ships no types
        try:
            from pocketsphinx import Decoder
        except ImportError as error:
            raise MetricUnavailable(
                "words need a recogniser, pocketsphinx is not installed; pip install pocketsphinx"
            ) from error
        return Decoder(samprate=RATE_HZ, loglevel="FATAL")
