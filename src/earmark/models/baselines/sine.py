"""The sine baseline: a program that writes one steady tone of the requested length.

It knows no more of sound than a textbook's first example. Pitch and level are fixed.
"""

from collections.abc import Mapping
from typing import Any

from earmark.identity import digest
from earmark.models.baselines import Baseline
from earmark.records import Request

SOURCE = """import numpy as np
import soundfile as sf

time = np.arange(round({seconds!r} * 44100)) / 44100
tone = 2 ** 0.5 * 10 ** ({level_dbfs!r} / 20) * np.sin(2 * np.pi * {f0_hz!r} * time)
sf.write("out.wav", tone, 44100, subtype="PCM_16")
"""


class Sine(Baseline):
    """Writes a sine; `level_dbfs` is its root mean square, full scale 0 dB."""

    def __init__(
        self,
        *,
        name: str = "sine",
        baseline: bool = True,
        f0_hz: float = 440.0,
        level_dbfs: float = -20.0,
    ) -> None:
        super().__init__(name=name, baseline=baseline)
        self.f0_hz, self.level_dbfs = f0_hz, level_dbfs

    @property
    def identity(self) -> Mapping[str, Any]:
        """Name, pitch, level."""
        return {
            **super().identity,
            "f0_hz": self.f0_hz,
            "level_dbfs": self.level_dbfs,
            "program": digest(SOURCE)[:16],
        }

    def program(self, request: Request) -> str:
        """A program that writes `request.seconds` of the tone."""
        return SOURCE.format(f0_hz=self.f0_hz, level_dbfs=self.level_dbfs, seconds=request.seconds)
