"""The best reference that can be had here: recordings out of distribution packages, else what can be rendered.

In: a tier. Out: the set of one of the two; its manifest says which and, where recordings could not be had, why.
"""

import threading
from dataclasses import replace

from earmark.errors import MetricUnavailable
from earmark.references import ReferenceSet
from earmark.references.packages import Packages
from earmark.references.rendered import Rendered


class Auto:
    """Packages where they can be fetched, else rendered."""

    def __init__(
        self,
        *,
        most: int = 120,
        seed: int = 0,
        seconds_to_fetch: float = 300.0,
        cache: str | None = None,
        name: str = "auto",
    ) -> None:
        self.name = name
        self.packages = Packages(
            cache=cache, most=most, seed=seed, seconds_to_fetch=seconds_to_fetch
        )
        self.rendered = Rendered(cache=cache, most=most, seed=seed)
        self._lock = threading.Lock()
        self._made: dict[str, ReferenceSet] = {}

    def for_tier(self, tier: str) -> ReferenceSet:
        """Recordings, else a rendered set whose manifest holds `instead_of` with the reason."""
        with self._lock:
            if tier not in self._made:
                self._made[tier] = self._found(tier)
            return self._made[tier]

    def _found(self, tier: str) -> ReferenceSet:
        try:
            return self.packages.for_tier(tier)
        except MetricUnavailable as error:
            made = self.rendered.for_tier(tier)
            return replace(made, manifest={**made.manifest, "instead_of": str(error)})
