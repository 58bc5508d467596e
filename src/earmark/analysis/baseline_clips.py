"""The clips of baselines that are kept to be listened to: a few of each baseline, in the cache, then in every sweep that is read against it.

    CACHE/baselines/clips/SHA256.wav                     under its content's name: pipelines that hear the same sound share one file
    multirun/SWEEP/baselines/TIER-ID/clips.json          written last: what it lists is whole
    multirun/SWEEP/baselines/TIER-ID/BASELINE/TASK.wav    a hard link, or a copy where links cannot be made

In: clips with the task each answers. Out: files, each there whole or not at all, and records that name them. Of each baseline at most
MAX_CLIPS clips of MAX_BYTES are kept: with six baselines 72 MB for one set of tasks at the very most; seconds of mono make it 2 to 5 MB.
The cache evicts nothing; a sweep's links take no further room. Nothing is run, heard or scored here.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from earmark.errors import HarnessError
from earmark.identity import file_digest
from earmark.records import Clip, Json, Task
from earmark.storage.atomic import START_AGAIN, link_or_copy, read_json, write_json
from earmark.storage.foreign import own_files

MAX_CLIPS = 3
MAX_BYTES = 4_000_000  # ten seconds of a stereo recording in floats
SHELF, LIST = "clips", "clips.json"
NAME, SHA256 = re.compile(r"\w[\w.-]{0,99}"), re.compile("[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class BaselineClip:
    """One kept clip: the task it answers (of a recording, the beginning of its digest), the caption it was heard against, its digest."""

    task: str
    caption: str
    sha256: str


Kept = Mapping[str, Sequence[BaselineClip]]  # by baseline


def keep(heard: Iterable[tuple[Clip, Task]], *, cache: Path) -> tuple[BaselineClip, ...]:
    """Put clips on the cache's shelf; those that are small enough. HarnessError where the cache cannot be written."""
    kept = []
    for clip, task in heard:
        wav = Path(clip.path)
        if wav.stat().st_size <= MAX_BYTES:
            place = _on_shelf(cache, clip.sha256)
            if not _whole(place, clip.sha256):
                place.unlink(missing_ok=True)
            link_or_copy(wav, place)
            kept.append(BaselineClip(task.id, task.caption, clip.sha256))
    return tuple(kept)


def lay(clips: Kept, into: Path, *, cache: Path) -> None:
    """Put the clips that the shelf still holds into a sweep's folder, then their list; no folder where there are none."""
    there = {
        name: [one for one in found if _laid(one, _place(into, name, one), cache)]
        for name, found in clips.items()
    }
    if any(there.values()):
        write_json(into / LIST, plain(there))


def laid(folder: Path) -> dict[str, list[tuple[BaselineClip, Path]]]:
    """The clips that a sweep's folder holds, by baseline; empty where none were kept. HarnessError for a list that cannot be read."""
    own_files(folder)
    try:
        listed = read(read_json(folder / LIST)) if (folder / LIST).is_file() else {}
    except (TypeError, AttributeError, ValueError) as error:
        raise HarnessError(
            f"{folder / LIST}: holds no list of clips of this version ({error}); {START_AGAIN}"
        ) from error
    placed = {
        name: [(one, _place(folder, name, one)) for one in found] for name, found in listed.items()
    }
    return {
        name: [(one, wav) for one, wav in found if wav.is_file()] for name, found in placed.items()
    }


def plain(clips: Kept) -> Json:
    """As JSON."""
    return {name: [asdict(one) for one in found] for name, found in clips.items() if found}


def read(told: Json) -> dict[str, tuple[BaselineClip, ...]]:
    """From JSON. ValueError for a name that is no plain one: files are found by it. TypeError, AttributeError for other JSON."""
    clips = {name: tuple(BaselineClip(**one) for one in found) for name, found in told.items()}
    for baseline, found in clips.items():
        for one in found:
            if wrong := next(
                (name for name in (baseline, one.task) if not NAME.fullmatch(name)), None
            ):
                raise ValueError(f"{wrong!r} is no plain name")
            if not SHA256.fullmatch(one.sha256):
                raise ValueError(f"{one.sha256!r} is no digest")
    return clips


def _laid(one: BaselineClip, place: Path, cache: Path) -> bool:
    """Whether the clip is in its place, brought there from the shelf."""
    source = _on_shelf(cache, one.sha256)
    if not place.is_file() and _whole(source, one.sha256):
        link_or_copy(source, place)
    return place.is_file()


def _whole(wav: Path, sha256: str) -> bool:
    """Whether a file of the shelf is what its name says; what a power cut left of one is not."""
    return wav.is_file() and file_digest(wav) == sha256


def _on_shelf(cache: Path, sha256: str) -> Path:
    return cache / SHELF / f"{sha256}.wav"


def _place(folder: Path, baseline: str, one: BaselineClip) -> Path:
    return folder / baseline / f"{one.task}.wav"
