"""Who else listens to a clip: a tagger that names kinds of sound, a detector of voices, a recogniser of words.

In and out: each None where there is none. They are made elsewhere and given to the checks, which import no network.
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
        """The words in (n,) samples at 16 kHz; empty for none. MetricUnavailable where it is not installed."""


@dataclass(frozen=True)
class Ears:
    """Each is given (n,) samples at 16 kHz, and raises MetricUnavailable where it is not installed.

    `tag`: the probability of each class that it knows. `speaks`: whether somebody does; asked before the recogniser.
    """

    tag: Callable[[Line], Mapping[str, float]] | None = None
    speaks: Callable[[Line], bool] | None = None
    recogniser: Recogniser | None = None


ALONE = Ears()
