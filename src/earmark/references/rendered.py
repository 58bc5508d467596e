"""Reference sounds that are synthesised here, for a machine where no recordings can be had.

In: a tier. Out: a ReferenceSet with rendered=True: stand-ins for recordings, and labelled so wherever they are named. Distances to them say
how far clips are from these syntheses, not from the world. Their recipes share nothing with the programs of the expert baseline.
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
from earmark.references.store import Recording, shelved
from earmark.references.synthesis import RATE_HZ, Sound, phrase, scene, syllables

TIERS: Mapping[str, Callable[[np.random.Generator], Sound]] = {
    "notes": phrase,
    "environment": scene,
    "speech": syllables,
}
RECIPE = 1


class Rendered:
    """Deterministic synthesis per tier."""

    def __init__(
        self, *, most: int = 120, seed: int = 0, cache: str | None = None, name: str = "rendered"
    ) -> None:
        self.name, self.cache, self.most, self.seed = name, Path(cache or paths.cache()), most, seed

    def for_tier(self, tier: str) -> ReferenceSet:
        """`most` sounds of a tier; rendered at the first call ever. MetricUnavailable for an unknown tier."""
        if tier not in TIERS:
            raise MetricUnavailable(
                f"tier {tier!r}: nothing can be rendered for it, only for {', '.join(TIERS)}; set reference=folder"
            )
        folder = (
            self.cache
            / "references"
            / f"{tier}-rendered-{digest([self.most, self.seed, RECIPE, np.__version__])[:12]}"
        )
        sources = {
            "rendered": {
                "package": "earmark.references.synthesis",
                "version": str(RECIPE),
                "licence": "Apache-2.0",
            }
        }
        return shelved(
            folder,
            partial(self._sounds, tier),
            tier=tier,
            kind="rendered",
            rendered=True,
            sources=sources,
        )

    def _sounds(self, tier: str) -> Iterator[Recording]:
        for k in range(self.most):
            yield Recording(
                f"{tier} {k}",
                "rendered",
                partial(_rendered, tier, random.Random(f"{self.seed} {tier} {k}").getrandbits(32)),
            )


def _rendered(tier: str, seed: int) -> tuple[Sound, int]:
    return TIERS[tier](np.random.default_rng(seed)), RATE_HZ
