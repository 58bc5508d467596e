"""Reference recordings of the user's own: a folder per tier, in any layout.

A seeded choice is decoded into the cache. Subfolders are searched; WAV, FLAC, OGG and MP3 are read.
docs/references.md has the layouts and licences of NSynth, ESC-50 and LibriSpeech.
"""

import random
from collections.abc import Mapping
from functools import partial
from pathlib import Path

from earmark import paths
from earmark.errors import ConfigError, MetricUnavailable
from earmark.identity import digest
from earmark.references import ReferenceSet
from earmark.references.store import Recording, decoded, stored_set

SUFFIXES = (".wav", ".flac", ".ogg", ".mp3")


class Folder:
    """The user's folders, one per tier; a tier whose folder is null has no reference."""

    def __init__(
        self,
        *,
        folders: Mapping[str, str | None],
        licence: str = "the user's own",
        max_recordings: int = 200,
        seed: int = 0,
        cache: str | None = None,
        name: str = "folder",
    ) -> None:
        self.name, self.folders, self.licence = name, dict(folders), licence
        self.max_recordings, self.seed = max_recordings, seed
        self.cache = Path(cache or paths.cache())

    def for_tier(self, tier: str) -> ReferenceSet:
        """The recordings of a tier.

        Raises:
            ConfigError: a folder without recordings.
            MetricUnavailable: a tier without a folder.
        """
        folder = self.folders.get(tier)
        if folder is None:
            hint = f"set reference.folders.{tier}=FOLDER or reference=auto"
            raise MetricUnavailable(f"tier {tier} has no reference folder; {hint}")
        files = recordings_in(Path(folder).expanduser())
        stats = [[path.as_posix(), path.stat().st_size, path.stat().st_mtime_ns] for path in files]
        key = digest([stats, self.max_recordings, self.seed])[:12]
        source = {"package": Path(folder).name, "version": "", "licence": self.licence}
        return stored_set(
            self.cache / "references" / f"{tier}-folder-{key}",
            partial(self._choose, tier, files),
            tier=tier,
            kind="folder",
            rendered=False,
            sources={"folder": source},
        )

    def _choose(self, tier: str, files: list[Path]) -> list[Recording]:
        shuffled = random.Random(f"{self.seed} {tier}").sample(files, len(files))
        chosen = shuffled[: self.max_recordings]
        return [Recording(path.name, "folder", partial(decoded, path)) for path in chosen]


def recordings_in(folder: Path) -> list[Path]:
    """Every recording below a folder, in path order. ConfigError when there is none."""
    if not folder.is_dir():
        raise ConfigError(
            f"reference folder {str(folder)!r}: must be a folder, it is not; see docs/references.md"
        )
    files = sorted(
        path for path in folder.rglob("*") if path.suffix.lower() in SUFFIXES and path.is_file()
    )
    if not files:
        raise ConfigError(
            f"reference folder {str(folder)!r}: must hold recordings ({', '.join(SUFFIXES)}),"
            " it holds none; see docs/references.md"
        )
    return files
