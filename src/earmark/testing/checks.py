"""The laws of a check of facts, as tests to inherit.

No clip, however bad, makes it raise or return a number that is not finite.
"""

# ruff: noqa: S101  # a contract suite asserts

import math
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from earmark.records import Scores

SECOND_HZ = 16000
BAD = (
    "nan",
    "infinite",
    "silence",
    "one frame",
    "no frame",
    "constant",
    "8 kHz",
    "stereo",
    "cancelling",
    "click",
    "huge",
    "noise",
)


def bad(kind: str) -> tuple[NDArray[np.float32], int]:
    """Samples (frames, channels) and rate of one kind of bad clip."""
    rng = np.random.default_rng(3)
    tone = np.sin(2 * np.pi * 300 * np.arange(SECOND_HZ) / SECOND_HZ)[:, None]
    clips: dict[str, tuple[NDArray[np.float64], int]] = {
        "nan": (np.where(np.arange(SECOND_HZ)[:, None] == 99, np.nan, tone), SECOND_HZ),
        "infinite": (np.where(np.arange(SECOND_HZ)[:, None] == 99, np.inf, tone), SECOND_HZ),
        "silence": (np.zeros((SECOND_HZ, 1)), SECOND_HZ),
        "one frame": (np.ones((1, 1)), SECOND_HZ),
        "no frame": (np.zeros((0, 1)), SECOND_HZ),
        "constant": (np.full((SECOND_HZ, 1), 0.7), SECOND_HZ),
        "8 kHz": (tone, 8000),
        "stereo": (np.hstack([tone, 0.5 * tone]), SECOND_HZ),
        "cancelling": (np.hstack([tone, -tone]), SECOND_HZ),
        "click": (np.eye(SECOND_HZ, 1), SECOND_HZ),
        "huge": (1e6 * tone + 5e6, SECOND_HZ),
        "noise": (rng.standard_normal((SECOND_HZ, 1)), SECOND_HZ),
    }
    samples, rate_hz = clips[kind]
    return samples.astype(np.float32), rate_hz


class ChecksContract(ABC):
    """Inherit, and give `check` and `specs`."""

    @abstractmethod
    def check(self, samples: NDArray[np.float32], rate_hz: int, spec: Mapping[str, Any]) -> Scores:
        """The function under test."""

    @abstractmethod
    def specs(self) -> Iterator[Mapping[str, Any]]:
        """Specs that together name every fact."""

    @pytest.mark.parametrize("kind", BAD)
    def test_a_bad_clip_gets_finite_numbers_or_reasons(self, kind: str) -> None:
        for spec in self.specs():
            scores = self.check(*bad(kind), spec)
            assert all(math.isfinite(value) for value in scores.values.values())
            assert all(reason.strip() for reason in scores.unscored.values())
            assert scores.values.keys() | scores.unscored.keys()
            assert not scores.values.keys() & scores.unscored.keys()

    @pytest.mark.parametrize("kind", ["noise", "stereo"])
    def test_the_same_clip_gets_the_same_scores(self, kind: str) -> None:
        for spec in self.specs():
            assert self.check(*bad(kind), spec) == self.check(*bad(kind), spec)
