"""The few clips of baselines that are kept to be listened to.

    CACHE/baselines/clips/SHA256.wav                      named by its content
    multirun/SWEEP/baselines/TIER-ID/clips.json           written last: all that it lists is there
    multirun/SWEEP/baselines/TIER-ID/BASELINE/TASK.wav    a hard link, else a copy

Of each baseline at most MAX_CLIPS clips of at most MAX_BYTES are kept: 2 to 5 MB for a set of
tasks, never more than 84 MB for seven baselines. The cache evicts nothing.
"""

import re
import shutil
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from earmark.errors import HarnessError
from earmark.identity import file_digest
from earmark.records import Clip, Json, Task
from earmark.storage.atomic import START_AGAIN, link_or_copy, read_json, replacing, write_json
from earmark.storage.foreign import own_files

MAX_CLIPS = 3
MAX_BYTES = 4_000_000  # ten seconds of a stereo recording in floats
CLIPS, LIST = "clips", "clips.json"
NAME, SHA256 = re.compile(r"\w[\w.-]{0,99}"), re.compile("[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class BaselineClip:
    """One kept clip; `task` is the start of the digest where the clip is a recording."""

    task: str
    caption: str
    sha256: str


Kept = Mapping[str, Sequence[BaselineClip]]  # by baseline


def store(clips: Iterable[tuple[Clip, Task]], *, cache: Path) -> tuple[BaselineClip, ...]:
    """Put clips that are small enough into the cache. HarnessError where it cannot be written."""
    kept = []
    for clip, task in clips:
        wav = Path(clip.path)
        if wav.stat().st_size > MAX_BYTES:
            continue
        target = _cached(cache, clip.sha256)
        if not _is_whole(target, clip.sha256):
            target.unlink(missing_ok=True)
        link_or_copy(wav, target)
        kept.append(BaselineClip(task.id, task.caption, clip.sha256))
    return tuple(kept)


def link(clips: Kept, folder: Path, *, cache: Path) -> None:
    """Put the clips that are in the cache into a sweep's folder, then their list.

    Where the cache holds none of them, no folder is made.
    """
    linked: dict[str, list[BaselineClip]] = {}
    for name, kept in clips.items():
        linked[name] = [one for one in kept if _link(one, _path(folder, name, one), cache)]
    if any(linked.values()):
        write_json(folder / LIST, to_json(linked))


def linked(folder: Path) -> dict[str, list[tuple[BaselineClip, Path]]]:
    """The clips that a sweep's folder holds, by baseline; empty where none were kept.

    Raises:
        HarnessError: a list that cannot be read.
    """
    own_files(folder)
    if not (folder / LIST).is_file():
        return {}
    try:
        listed = from_json(read_json(folder / LIST))
    except (TypeError, AttributeError, ValueError) as error:
        raise HarnessError(
            f"{folder / LIST}: holds no list of clips of this version ({error}); {START_AGAIN}"
        ) from error
    clips: dict[str, list[tuple[BaselineClip, Path]]] = {}
    for name, kept in listed.items():
        paths = [(one, _path(folder, name, one)) for one in kept]
        clips[name] = [(one, path) for one, path in paths if path.is_file()]
    return clips


def relink(source: Path, target: Path, *, without: Collection[str]) -> None:
    """Copy the clips of one folder of a sweep into another, without those of some tasks.

    A folder that is there stays as it is.
    """
    if (target / LIST).is_file():
        return
    kept: dict[str, list[BaselineClip]] = {}
    for name, clips in linked(source).items():
        left = [(one, path) for one, path in clips if one.task not in without]
        kept[name] = [one for one, _ in left]
        for one, path in left:
            with replacing(_path(target, name, one)) as temporary:
                shutil.copyfile(path, temporary)
    if any(kept.values()):
        write_json(target / LIST, to_json(kept))


def to_json(clips: Kept) -> Json:
    """As JSON, without the baselines that have no clips."""
    return {name: list(map(asdict, kept)) for name, kept in clips.items() if kept}


def from_json(stored: Json) -> dict[str, tuple[BaselineClip, ...]]:
    """From JSON.

    Raises:
        ValueError: a name that is not plain; files are found by it.
        TypeError, AttributeError: other JSON.
    """
    clips: dict[str, tuple[BaselineClip, ...]] = {}
    for baseline, kept in stored.items():
        clips[baseline] = tuple(BaselineClip(**one) for one in kept)
        for name in (baseline, *(one.task for one in clips[baseline])):
            if not NAME.fullmatch(name):
                raise ValueError(f"{name!r} is no plain name")
        for one in clips[baseline]:
            if not SHA256.fullmatch(one.sha256):
                raise ValueError(f"{one.sha256!r} is no digest")
    return clips


def _link(one: BaselineClip, target: Path, cache: Path) -> bool:
    """Whether the clip is in the sweep's folder, linked from the cache where it was not."""
    source = _cached(cache, one.sha256)
    if not target.is_file() and _is_whole(source, one.sha256):
        link_or_copy(source, target)
    return target.is_file()


def _is_whole(wav: Path, sha256: str) -> bool:
    """False for what a power cut left of a file."""
    return wav.is_file() and file_digest(wav) == sha256


def _cached(cache: Path, sha256: str) -> Path:
    return cache / CLIPS / f"{sha256}.wav"


def _path(folder: Path, baseline: str, one: BaselineClip) -> Path:
    return folder / baseline / f"{one.task}.wav"
