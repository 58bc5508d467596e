"""The best reference of this machine: recordings from distribution packages, else rendered ones."""

import threading
from dataclasses import replace

from earmark.errors import MetricUnavailable
from earmark.references import ReferenceSet
from earmark.references.packages import Packages
from earmark.references.rendered import Rendered


class Auto:
    """Packages where they can be fetched, else rendered; the manifest says which."""

    def __init__(
        self,
        *,
        max_recordings: int | None = None,
        seed: int = 0,
        cache: str | None = None,
        name: str = "auto",
    ) -> None:
        self.name = name
        self.packages = Packages(cache=cache, max_recordings=max_recordings, seed=seed)
        self.rendered = Rendered(cache=cache, max_recordings=max_recordings, seed=seed)
        self._lock = threading.Lock()
        self._sets: dict[str, ReferenceSet] = {}

    def for_tier(self, tier: str) -> ReferenceSet:
        """Recordings, else a rendered set whose manifest has the reason under `instead_of`."""
        with self._lock:
            if tier not in self._sets:
                self._sets[tier] = self._choose(tier)
            return self._sets[tier]

    def _choose(self, tier: str) -> ReferenceSet:
        try:
            return self.packages.for_tier(tier)
        except MetricUnavailable as error:
            rendered = self.rendered.for_tier(tier)
            return replace(rendered, manifest={**rendered.manifest, "instead_of": str(error)})
