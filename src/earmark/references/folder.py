"""Reference recordings of the user's own: a folder per tier, in whatever layout their dataset came.

In: folders. Out: a seeded choice of at most `most` recordings, decoded into the cache, with their manifest. Subfolders are searched;
WAV, FLAC, OGG and MP3 are read. docs/references.md has the layouts and licences of NSynth, ESC-50 and LibriSpeech.
"""

import random
from collections.abc import Mapping
from functools import partial
from pathlib import Path

from earmark import paths
from earmark.errors import ConfigError, MetricUnavailable
from earmark.identity import digest
from earmark.references import ReferenceSet
from earmark.references.store import Recording, decoded, shelved

SUFFIXES = (".wav", ".flac", ".ogg", ".mp3")


class Folder:
    """The user's folders, one per tier; a folder that is null leaves its tier without a reference."""

    def __init__(
        self,
        *,
        folders: Mapping[str, str | None],
        licence: str = "the user's own",
        most: int = 200,
        seed: int = 0,
        cache: str | None = None,
        name: str = "folder",
    ) -> None:
        self.name, self.folders, self.licence, self.most, self.seed = (
            name,
            dict(folders),
            licence,
            most,
            seed,
        )
        self.cache = Path(cache or paths.cache())

    def for_tier(self, tier: str) -> ReferenceSet:
        """The recordings of a tier. ConfigError for a folder without any; MetricUnavailable for a tier without a folder."""
        if (named := self.folders.get(tier)) is None:
            raise MetricUnavailable(
                f"tier {tier}: has no reference folder; set reference.folders.{tier}=FOLDER or reference=auto"
            )
        found = recordings_in(Path(named).expanduser())
        names = [[path.as_posix(), path.stat().st_size, path.stat().st_mtime_ns] for path in found]
        place = (
            self.cache
            / "references"
            / f"{tier}-folder-{digest([names, self.most, self.seed])[:12]}"
        )
        source = {"package": Path(named).name, "version": "", "licence": self.licence}
        return shelved(
            place,
            partial(self._choose, tier, found),
            tier=tier,
            kind="folder",
            rendered=False,
            sources={"folder": source},
        )

    def _choose(self, tier: str, found: list[Path]) -> list[Recording]:
        shuffled = random.Random(f"{self.seed} {tier}").sample(found, len(found))
        return [
            Recording(path.name, "folder", partial(decoded, path)) for path in shuffled[: self.most]
        ]


def recordings_in(folder: Path) -> list[Path]:
    """Every recording below a folder, in path order. ConfigError when it is no folder or holds none."""
    if not folder.is_dir():
        raise ConfigError(
            f"reference folder {str(folder)!r}: must be a folder, is not; see docs/references.md"
        )
    found = sorted(
        path for path in folder.rglob("*") if path.suffix.lower() in SUFFIXES and path.is_file()
    )
    if not found:
        raise ConfigError(
            f"reference folder {str(folder)!r}: must hold recordings ({', '.join(SUFFIXES)}), holds none; see docs/references.md"
        )
    return found
