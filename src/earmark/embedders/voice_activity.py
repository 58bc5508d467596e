"""Whether somebody speaks: a waveform -> yes or no, by Silero VAD as faster-whisper carries it.

In: (n,) samples at 16 kHz. Out: whether any moment of it is speech. It stands before every recogniser of words, since these invent text on
noise and on birds.
"""

import threading

import numpy as np
from numpy.typing import NDArray

# At its surest moment: sentences, synthetic and read, had 0.85 or more, recordings without a voice 0.85 or less. What lies between is left
# to how sure the recogniser is.
LEAST = 0.8
PEAK = 0.6  # the detector hears less in a quiet clip


class VoiceActivity:
    """The detector that comes with the installation."""

    def __init__(self) -> None:
        self._lock = threading.Lock()

    def __call__(self, line: NDArray[np.floating]) -> bool:
        """Whether speech begins anywhere in the clip."""
        from faster_whisper.vad import VadOptions, get_speech_timestamps

        loud = np.asarray(PEAK * line / np.abs(line).max(), np.float32)
        with self._lock:
            return bool(get_speech_timestamps(loud, VadOptions(threshold=LEAST)))
