"""Reference sounds that are synthesised here, for a machine where no recordings can be had.

They stand in for recordings and are labelled so wherever they are named: distances to them say how
far clips are from these syntheses, not from the world. Their recipes share nothing with the
programs of the expert baseline.
"""

import random
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path

import numpy as np

from earmark import paths
from earmark.errors import MetricUnavailable
from earmark.identity import digest
from earmark.references import ReferenceSet
from earmark.references.store import Recording, stored_set
from earmark.references.synthesis import RATE_HZ, Sound, phrase, scene, syllables

TIERS: Mapping[str, Callable[[np.random.Generator], Sound]] = {
    "notes": phrase,
    "environment": scene,
    "speech": syllables,
}
RECIPE = 1
COUNT = 120  # where no number is set: more are more of the same few syntheses
SOURCE = {
    "package": "earmark.references.synthesis",
    "version": str(RECIPE),
    "licence": "Apache-2.0",
}


class Rendered:
    """Deterministic synthesis per tier."""

    def __init__(
        self,
        *,
        max_recordings: int | None = None,
        seed: int = 0,
        cache: str | None = None,
        name: str = "rendered",
    ) -> None:
        self.name, self.cache = name, Path(cache or paths.cache())
        self.max_recordings, self.seed = max_recordings or COUNT, seed

    def for_tier(self, tier: str) -> ReferenceSet:
        """The sounds of a tier, rendered at the first call. MetricUnavailable if it is unknown."""
        if tier not in TIERS:
            raise MetricUnavailable(
                f"tier {tier!r} cannot be rendered, only {', '.join(TIERS)} can;"
                " set reference=folder"
            )
        key = digest([self.max_recordings, self.seed, RECIPE, np.__version__])[:12]
        return stored_set(
            self.cache / "references" / f"{tier}-rendered-{key}",
            partial(self._recordings, tier),
            tier=tier,
            kind="rendered",
            rendered=True,
            sources={"rendered": SOURCE},
        )

    def _recordings(self, tier: str) -> Iterator[Recording]:
        for k in range(self.max_recordings):
            seed = random.Random(f"{self.seed} {tier} {k}").getrandbits(32)
            yield Recording(f"{tier} {k}", "rendered", partial(_sound, tier, seed))


def _sound(tier: str, seed: int) -> tuple[Sound, int]:
    return TIERS[tier](np.random.default_rng(seed)), RATE_HZ
