"""pocketsphinx as a recogniser: a waveform -> words, by the English model that it carries.

In: (n,) samples at 16 kHz. Out: lower-case text. It knows a voice that is nearly human; the buzzing ones of formant synthesis it does not.
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
    """One decoder, which keeps state while it listens."""

    name = "pocketsphinx"

    def __init__(self) -> None:
        self._lock = threading.Lock()

    def hear(self, line: NDArray[np.floating]) -> str:
        """The words in (n,) samples at 16 kHz. MetricUnavailable where pocketsphinx is not installed."""
        quiet = np.zeros(round(PADDING_SECONDS * RATE_HZ))
        whole = np.concatenate([quiet, PEAK * line / np.abs(line).max(), quiet])
        with self._lock:
            self._decoder.start_utt()
            self._decoder.process_raw((whole * 32767).astype(np.int16).tobytes(), full_utt=True)
            self._decoder.end_utt()
            best = self._decoder.hyp()
        return "" if best is None else str(best.hypstr).lower()

    @cached_property
    def _decoder(self) -> Any:  # pocketsphinx ships no types
        try:
            from pocketsphinx import Decoder
        except ImportError as error:
            raise MetricUnavailable(
                "words cannot be heard: pocketsphinx is not installed; pip install pocketsphinx"
            ) from error
        return Decoder(samprate=RATE_HZ, loglevel="FATAL")
