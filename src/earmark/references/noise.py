"""White noise as a set: what FAD says of clips that hold nothing of what was asked.

In: how many clips. Out: a ReferenceSet, rendered, the same at every call; each clip is one second at 44.1 kHz, RMS a tenth of full scale.
It is the far end of a distance's scale and never a reference that clips are compared with.
"""

from collections.abc import Iterator
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from earmark.references import ReferenceSet
from earmark.references.store import Recording, shelved

RATE_HZ = 44100
RECIPE = 1


def white_noise(count: int, folder: Path) -> ReferenceSet:
    """`count` clips under `folder`, made at the first call ever."""
    sources = {
        "noise": {
            "package": "earmark.references.noise",
            "version": str(RECIPE),
            "licence": "Apache-2.0",
        }
    }
    place = folder / f"noise-{RECIPE}-{count}"
    return shelved(
        place, partial(_sounds, count), tier="noise", kind="noise", rendered=True, sources=sources
    )


def _sounds(count: int) -> Iterator[Recording]:
    for k in range(count):
        yield Recording(f"noise {k}", "noise", partial(_sound, k))


def _sound(seed: int) -> tuple[NDArray[np.float32], int]:
    return np.random.default_rng(seed).normal(scale=0.1, size=(RATE_HZ, 1)).astype(
        np.float32
    ), RATE_HZ
