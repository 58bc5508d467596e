"""The seam of reference recordings: a tier -> a set of clips that sound as the tier should.

In: a tier's name. Out: a ReferenceSet with its manifest. A reference scores nothing. MetricUnavailable says why a set cannot be had
and what to set instead; ConfigError says that the user's own folder does not hold one.
"""

from dataclasses import dataclass
from typing import Protocol

from earmark.records import Clip, Json


@dataclass(frozen=True)
class ReferenceSet:
    """Recordings of one tier. `rendered` is True when they were synthesised here and are no recordings at all."""

    clips: tuple[Clip, ...]
    manifest: Json
    rendered: bool
    digest: str

    def captioned(self) -> list[tuple[Clip, str]]:
        """The recordings whose manifest says what they are, with its words."""
        said = [str(file.get("caption", "")) for file in self.manifest.get("files", ())]
        return [(clip, caption) for clip, caption in zip(self.clips, said, strict=False) if caption]


class Reference(Protocol):
    """Where reference recordings come from."""

    @property
    def name(self) -> str:
        """The name of the kind: folder, packages, rendered, auto, none."""

    def for_tier(self, tier: str) -> ReferenceSet:
        """The set of a tier, the same at every call. Raises MetricUnavailable or ConfigError."""
