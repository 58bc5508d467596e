"""What a CLAP checkpoint is made of: two networks, a front end for sounds and one for words."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from earmark.embedders.log_mel import LogMel

Floats = NDArray[np.float64]


class Networks(Protocol):
    """The two networks of a checkpoint; a row is the same alone and in any company."""

    def audio(self, spectra: NDArray[np.float32]) -> Floats:
        """(n, d) rows of (n, frames, mels) spectra."""

    def text(self, tokens: Sequence[int]) -> Floats:
        """(d,) row of the numbers of a caption's tokens."""


@dataclass(frozen=True)
class Weights:
    """A loaded checkpoint.

    tokens: a caption's token numbers, no more than the text network takes; width: columns of a row;
    fusion: whether it is a fused checkpoint; content: the digest of its files, or `hub` where they
    are not on this machine.
    """

    networks: Networks
    mel: LogMel
    tokens: Callable[[str], list[int]]
    width: int
    fusion: bool
    content: str
    runtime: Literal["onnxruntime", "torch"]
