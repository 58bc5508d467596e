"""The null reference: every distance to recordings is left unscored, with the reason."""

from earmark.errors import MetricUnavailable
from earmark.references import ReferenceSet


class NoReference:
    """No recordings for any tier."""

    def __init__(self, *, name: str = "none") -> None:
        self.name = name

    def for_tier(self, tier: str) -> ReferenceSet:
        """Always MetricUnavailable."""
        raise MetricUnavailable(
            f"reference={self.name}: tier {tier} has no reference recordings; set reference=auto"
        )
