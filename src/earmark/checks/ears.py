"""Who else listens to a clip: a tagger that names kinds of sound, and a recogniser of words in place of the packaged one.

In and out: two callables, each None where there is none. They are made elsewhere and given to the checks, which import no network.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Line = NDArray[np.float64]


class Recogniser(Protocol):
    """Hears words."""

    @property
    def name(self) -> str:
        """What its error rates are called after: check_wer_NAME."""

    def hear(self, line: Line) -> str:
        """The words in (n,) samples at 16 kHz, lower case; empty for none."""


@dataclass(frozen=True)
class Ears:
    """`tag`: (n,) samples at 16 kHz -> the probability of each class that it knows; MetricUnavailable where it is not installed."""

    tag: Callable[[Line], Mapping[str, float]] | None = None
    recogniser: Recogniser | None = None


ALONE = Ears()
