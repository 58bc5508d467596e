"""References: recordings that sound as a tier should, as sets with a manifest.

MetricUnavailable says why a set cannot be had and what to set instead; ConfigError says that a
user's folder does not hold one.
"""

from dataclasses import dataclass
from typing import Protocol

from earmark.records import Clip, Json


@dataclass(frozen=True)
class ReferenceSet:
    """Recordings of one tier; `rendered` when they were synthesised here."""

    clips: tuple[Clip, ...]
    manifest: Json
    rendered: bool
    digest: str

    def captioned(self) -> list[tuple[Clip, str]]:
        """The recordings that have a caption in the manifest, with it."""
        captions = [str(file.get("caption", "")) for file in self.manifest.get("files", ())]
        pairs = zip(self.clips, captions, strict=False)
        return [(clip, caption) for clip, caption in pairs if caption]

    def of_tasks(self) -> list[tuple[Clip, str]]:
        """The recordings of the very thing that a task asks for, with the task's id."""
        ids = [str(file.get("task", "")) for file in self.manifest.get("files", ())]
        pairs = zip(self.clips, ids, strict=False)
        return [(clip, task) for clip, task in pairs if task]


class Reference(Protocol):
    """A source of reference recordings."""

    @property
    def name(self) -> str:
        """The kind: folder, packages, rendered, auto, none."""

    def for_tier(self, tier: str) -> ReferenceSet:
        """The set of a tier, the same at every call. Raises MetricUnavailable or ConfigError."""
