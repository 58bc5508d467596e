"""Networks that some facts need: a tagger, a voice detector, a recogniser.

They are built elsewhere and passed to the checks, which load no network themselves. Each takes (n,)
samples at 16 kHz, and raises MetricUnavailable where it is not installed.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


class Tagger(Protocol):
    """Names kinds of sound, for the fact `tags`."""

    def tag(self, mono: Floats) -> Mapping[str, float]:
        """Class name -> probability."""


class VoiceDetector(Protocol):
    """Detects speech. It runs before the recogniser, for the fact `words`."""

    def detect(self, mono: Floats) -> bool:
        """Whether there is speech."""


class Recogniser(Protocol):
    """Transcribes words, for the fact `words`."""

    @property
    def name(self) -> str:
        """The name in check_wer_NAME: error rates of two recognisers are never compared."""

    def transcribe(self, mono: Floats) -> str:
        """The words; empty where there are none."""


@dataclass(frozen=True)
class Detectors:
    """The networks at hand; a fact whose network is None is not judged."""

    tagger: Tagger | None = None
    voice: VoiceDetector | None = None
    recogniser: Recogniser | None = None


NO_DETECTORS = Detectors()
