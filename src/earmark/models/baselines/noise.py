"""The noise baseline: a program that writes white noise of the requested length.

Its mean score over a tier is that tier's floor. The level is fixed, because scores move with level;
each (task, sample) has its own noise, so that repeats are real.
"""

from collections.abc import Mapping
from typing import Any

from earmark.identity import digest
from earmark.models.baselines import Baseline
from earmark.records import Request

SOURCE = """import numpy as np
import soundfile as sf

rng = np.random.default_rng({seed})
noise = rng.normal(0.0, 10 ** ({level_dbfs!r} / 20), round({seconds!r} * 44100))
sf.write("out.wav", np.clip(noise, -1.0, 1.0), 44100, subtype="PCM_16")
"""


class Noise(Baseline):
    """Writes Gaussian white noise; `level_dbfs` is its root mean square, full scale 0 dB."""

    def __init__(
        self, *, name: str = "noise", baseline: bool = True, level_dbfs: float = -20.0
    ) -> None:
        super().__init__(name=name, baseline=baseline)
        self.level_dbfs = level_dbfs

    @property
    def identity(self) -> Mapping[str, Any]:
        """Name and level."""
        return {**super().identity, "level_dbfs": self.level_dbfs, "program": digest(SOURCE)[:16]}

    def program(self, request: Request) -> str:
        """A program that writes `request.seconds` of noise."""
        seed = int(digest([request.task_id, request.sample, request.turn])[:8], 16)
        return SOURCE.format(seed=seed, level_dbfs=self.level_dbfs, seconds=request.seconds)
