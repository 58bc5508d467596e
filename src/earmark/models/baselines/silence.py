"""The silence baseline: a program that writes zeros of the requested length.

The reader must refuse its clip as silent: that is what it is for.
"""

from collections.abc import Mapping
from typing import Any

from earmark.identity import digest
from earmark.models.baselines import Baseline
from earmark.records import Request

SOURCE = """import numpy as np
import soundfile as sf

sf.write("out.wav", np.zeros(round({seconds!r} * 44100)), 44100, subtype="PCM_16")
"""


class Silence(Baseline):
    """Writes digital silence."""

    def __init__(self, *, name: str = "silence", baseline: bool = True) -> None:
        super().__init__(name=name, baseline=baseline)

    @property
    def identity(self) -> Mapping[str, Any]:
        """Name and program."""
        return {**super().identity, "program": digest(SOURCE)[:16]}

    def program(self, request: Request) -> str:
        """A program that writes `request.seconds` of zeros."""
        return SOURCE.format(seconds=request.seconds)
