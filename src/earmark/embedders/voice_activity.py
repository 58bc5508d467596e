"""A voice detector: Silero VAD, as faster-whisper carries it.

It runs before every recogniser, since these invent text on noise and on birds.
"""

import threading

import numpy as np
from numpy.typing import NDArray

# The probability of speech at the surest moment of a clip. Sentences, synthetic and read, had 0.85
# or more, recordings without a voice 0.85 or less. What lies between is left to the recogniser.
THRESHOLD = 0.8
PEAK = 0.6  # the detector misses voices in a quiet clip


class VoiceActivity:
    """Silero VAD, from the installed faster-whisper."""

    def __init__(self) -> None:
        self._lock = threading.Lock()

    def detect(self, mono: NDArray[np.floating]) -> bool:
        """Whether any moment of (n,) samples at 16 kHz is speech."""
        from faster_whisper.vad import VadOptions, get_speech_timestamps

        loud = np.asarray(PEAK * mono / np.abs(mono).max(), np.float32)
        with self._lock:
            return bool(get_speech_timestamps(loud, VadOptions(threshold=THRESHOLD)))
