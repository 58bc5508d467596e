"""Reference recordings of the user's own: a folder per tier, in any layout.

A seeded choice is decoded into the cache. Subfolders are searched; WAV, FLAC, OGG and MP3 are read.
A layout reads the captions and groups of a public dataset.
"""

import random
from collections.abc import Mapping
from functools import partial
from pathlib import Path

from earmark import paths
from earmark.errors import ConfigError, MetricUnavailable
from earmark.identity import digest
from earmark.references import ReferenceSet
from earmark.references.layouts import Known, known_of
from earmark.references.store import (
    Recording,
    decoded,
    one_of_each_group_first,
    stored_set,
)

SUFFIXES = (".wav", ".flac", ".ogg", ".mp3")


class Folder:
    """The user's folders, one per tier; a tier whose folder is null has no reference."""

    def __init__(
        self,
        *,
        folders: Mapping[str, str | None],
        layouts: Mapping[str, str | None] | None = None,
        licence: str = "the user's own",
        max_recordings: int = 200,
        seed: int = 0,
        cache: str | None = None,
        name: str = "folder",
    ) -> None:
        self.name, self.folders, self.licence = name, dict(folders), licence
        self.layouts = dict(layouts or {})
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
        path = Path(folder).expanduser()
        files = recordings_in(path)
        layout = self.layouts.get(tier)
        known = known_of(layout, path) if layout else {}
        stats = [[one.as_posix(), one.stat().st_size, one.stat().st_mtime_ns] for one in files]
        key = digest([stats, layout, self.max_recordings, self.seed])[:12]
        source = {"package": layout or path.name, "version": "", "licence": self.licence}
        return stored_set(
            self.cache / "references" / f"{tier}-folder-{key}",
            partial(self._choose, tier, files, known),
            tier=tier,
            kind="folder",
            rendered=False,
            sources={"folder": source},
        )

    def _choose(self, tier: str, files: list[Path], known: Mapping[str, Known]) -> list[Recording]:
        shuffled = random.Random(f"{self.seed} {tier}").sample(files, len(files))
        recordings = [_recording(path, known.get(path.stem)) for path in shuffled]
        return one_of_each_group_first(recordings)[: self.max_recordings]


def _recording(path: Path, known: Known | None) -> Recording:
    load = partial(decoded, path)
    if known is None:
        return Recording(path.name, "folder", load)
    return Recording(path.name, "folder", load, known.caption, group=known.group)


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
