"""White noise as a set, to measure how far clips without any content are from a reference.

Each clip is one second at 44.1 kHz, RMS a tenth of full scale, and the same at every call. It is
the far end of a distance's scale, never a reference.
"""

from collections.abc import Iterator
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from earmark.references import ReferenceSet
from earmark.references.store import Recording, stored_set

RATE_HZ = 44100
RECIPE = 1
SOURCE = {
    "package": "earmark.references.noise",
    "version": str(RECIPE),
    "licence": "Apache-2.0",
}


def white_noise(count: int, folder: Path) -> ReferenceSet:
    """`count` clips under `folder`, made at the first call."""
    return stored_set(
        folder / f"noise-{RECIPE}-{count}",
        partial(_recordings, count),
        tier="noise",
        kind="noise",
        rendered=True,
        sources={"noise": SOURCE},
    )


def _recordings(count: int) -> Iterator[Recording]:
    for k in range(count):
        yield Recording(f"noise {k}", "noise", partial(_sound, k))


def _sound(seed: int) -> tuple[NDArray[np.float32], int]:
    sound = np.random.default_rng(seed).normal(scale=0.1, size=(RATE_HZ, 1))
    return sound.astype(np.float32), RATE_HZ
