"""What public datasets say of their recordings: a caption, and what is recorded together.

    esc50        meta/esc50.csv next to audio/: the class; clips cut from one recording are a group
    nsynth       examples.json next to audio/: instrument and kind; an instrument is a group
    librispeech  SPEAKER/CHAPTER/*.trans.txt: the sentence; a speaker is a group
    audiocaps    a CSV next to or in the folder: youtube_id, start_time, caption; a video is a group

A recording that the dataset does not list has no caption and is a group of its own.
"""

import csv
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from earmark.errors import ConfigError, choose_from


@dataclass(frozen=True, slots=True)
class Known:
    """What a dataset says of one recording."""

    caption: str
    group: str


def known_of(layout: str, folder: Path) -> Mapping[str, Known]:
    """What the dataset in a folder says, by the stem of each file's name.

    Raises:
        ConfigError: an unknown layout, or a folder without the dataset's own list.
    """
    if layout not in LAYOUTS:
        raise ConfigError(f"unknown reference layout {layout!r}; {choose_from(layout, LAYOUTS)}")
    try:
        return dict(LAYOUTS[layout](folder))
    except (OSError, KeyError, ValueError, TypeError, AttributeError) as error:
        raise ConfigError(
            f"reference folder {str(folder)!r}: must have the layout of {layout},"
            f" its list cannot be read ({error.__class__.__name__}: {error});"
            " set reference.layouts to null, or see docs/references.md"
        ) from error


def _esc50(folder: Path) -> Iterator[tuple[str, Known]]:
    for row in _rows(_beside(folder, "meta/esc50.csv")):
        caption = row["category"].replace("_", " ")
        yield Path(row["filename"]).stem, Known(caption, row["src_file"])


def _nsynth(folder: Path) -> Iterator[tuple[str, Known]]:
    notes = json.loads(_beside(folder, "examples.json").read_text(encoding="utf-8"))
    for stem, note in notes.items():
        family = note["instrument_family_str"].replace("_", " ")
        caption = f"{note['instrument_source_str']} {family} playing a note"
        yield stem, Known(caption, note["instrument_str"])


def _librispeech(folder: Path) -> Iterator[tuple[str, Known]]:
    lists = sorted(folder.rglob("*.trans.txt"))
    if not lists:
        raise FileNotFoundError("no *.trans.txt")
    for path in lists:
        for line in path.read_text(encoding="utf-8").splitlines():
            stem, _, sentence = line.partition(" ")
            yield stem, Known(f"a person saying: {sentence.lower()}", stem.partition("-")[0])


def _audiocaps(folder: Path) -> Iterator[tuple[str, Known]]:
    lists = [*sorted(folder.glob("*.csv")), *sorted(folder.parent.glob("*.csv"))]
    if not lists:
        raise FileNotFoundError("no CSV of captions")
    for row in _rows(lists[0]):
        video, start = row["youtube_id"], row["start_time"]
        known = Known(row["caption"], video)
        for stem in (video, f"Y{video}", f"{video}_{start}", row.get("audiocap_id", video)):
            yield stem, known


def _beside(folder: Path, name: str) -> Path:
    """A file of the dataset, whether the folder is the dataset or its audio."""
    inside, outside = folder / name, folder.parent / name
    return inside if inside.is_file() else outside


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


LAYOUTS: Mapping[str, Callable[[Path], Iterator[tuple[str, Known]]]] = {
    "esc50": _esc50,
    "nsynth": _nsynth,
    "librispeech": _librispeech,
    "audiocaps": _audiocaps,
}
