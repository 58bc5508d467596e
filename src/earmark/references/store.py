"""Reference sets on disk: WAVs with a manifest, made once, complete or absent.

FOLDER/manifest.json     tier, kind, rendered, n, seconds, rates_hz, sources with licences, groups,
                         digest, files with sha256
FOLDER/measured.json     levels of the files by their sha256, and the version of what measured them
FOLDER/000.wav …
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from numpy.typing import NDArray

from earmark.audio import read_clip
from earmark.errors import AudioError, MetricUnavailable
from earmark.identity import digest, file_digest, folder_digest
from earmark.paths import PACKAGE
from earmark.records import Clip, Json
from earmark.references import ReferenceSet
from earmark.storage.atomic import read_json, write_json

MANIFEST, MEASURED = "manifest.json", "measured.json"
MAX_SECONDS = 10.0
MIN_SECONDS = 0.1
MAX_PEAK = 0.99


@dataclass(frozen=True)
class Recording:
    """One sound: its name and source, how to load it, its caption and its task where known.

    `load` gives (frames, channels) float32 and the rate in Hz. Recordings of one `group` are of one
    voice, one instrument or one take; an empty one is a group of its own.
    """

    name: str
    source: str
    load: Callable[[], tuple[NDArray[np.float32], int]]
    caption: str = ""
    task: str = ""
    group: str = ""


def one_of_each_group_first(recordings: list[Recording]) -> list[Recording]:
    """The same recordings: a first one of every group, then a second, each time in their order.

    A set of 200 clips of twenty speakers covers all of them, where the first 200 files are of one.
    """
    seen: Counter[str] = Counter()
    turns = []
    for recording in recordings:
        group = recording.group or recording.name
        turns.append(seen[group])
        seen[group] += 1
    order = sorted(range(len(recordings)), key=lambda at: turns[at])
    return [recordings[at] for at in order]


def decoded(path: Path) -> tuple[NDArray[np.float32], int]:
    """(frames, channels) float32 and the rate in Hz of any file that libsndfile reads.

    At most MAX_SECONDS of it. Raises OSError or RuntimeError when it cannot be read.
    """
    import soundfile

    with soundfile.SoundFile(path) as stream:
        samples: NDArray[np.float32] = stream.read(
            int(MAX_SECONDS * stream.samplerate), dtype="float32", always_2d=True
        )
        return samples, int(stream.samplerate)


def stored_set(
    folder: Path,
    make: Callable[[], Iterable[Recording]],
    *,
    tier: str,
    kind: str,
    rendered: bool,
    sources: Mapping[str, Mapping[str, Any]],
) -> ReferenceSet:
    """The set in `folder`, made when it is absent. Several processes may start at once."""
    if not (folder / MANIFEST).is_file():
        facts = {
            "tier": tier,
            "kind": kind,
            "rendered": rendered,
            "sources": {name: dict(source) for name, source in sources.items()},
        }
        with whole_folder(folder, marker=MANIFEST) as working:
            _fill(working, make(), facts)
    return open_set(folder)


def open_set(folder: Path) -> ReferenceSet:
    """The set in a folder. MetricUnavailable where a file differs from the manifest."""
    manifest = read_json(folder / MANIFEST)
    measured = _measured(folder)
    clips = [_clip(folder / file["file"], measured) for file in manifest["files"]]
    for clip, file in zip(clips, manifest["files"], strict=True):
        if clip.sha256 != file["sha256"]:
            raise MetricUnavailable(
                f"{clip.path}: must be the file of its manifest, it differs;"
                f" delete {folder} and start again"
            )
    if len(measured) < len({clip.sha256 for clip in clips}):
        facts = {clip.sha256: asdict(replace(clip, path="")) for clip in clips}
        write_json(folder / MEASURED, {"reader": _reader(), "clips": facts})
    return ReferenceSet(tuple(clips), manifest, bool(manifest["rendered"]), str(manifest["digest"]))


def _measured(folder: Path) -> dict[str, Json]:
    """The facts of a set's clips by the digest of their bytes, where this reader measured them."""
    if not (folder / MEASURED).is_file():
        return {}
    kept = read_json(folder / MEASURED)
    return dict(kept["clips"]) if kept["reader"] == _reader() else {}


def _clip(path: Path, measured: Mapping[str, Json]) -> Clip:
    """The clip in a file. Its levels are measured only where these very bytes never were."""
    facts = measured.get(file_digest(path)) if measured and path.is_file() else None
    return read_clip(path) if facts is None else Clip(**{**facts, "path": str(path)})


@cache
def _reader() -> str:
    """What the facts of a clip depend on besides its bytes."""
    return digest([folder_digest(PACKAGE / "audio", "*.py"), np.__version__])


@contextmanager
def whole_folder(target: Path, *, marker: str) -> Iterator[Path]:
    """A new folder to fill, which is renamed to `target` at the end, whole or not at all.

    Where another process was faster, its `target`, known by the file `marker`, stays.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(prefix=f".{target.name}-", dir=target.parent) as folder:
        working = Path(folder) / "new"
        working.mkdir()
        yield working
        try:
            working.rename(target)
        except OSError:
            if not (target / marker).is_file():
                raise


def _fill(folder: Path, recordings: Iterable[Recording], facts: Mapping[str, Any]) -> None:
    kept: list[tuple[Recording, Clip]] = []
    skipped: dict[str, str] = {}
    for recording in recordings:
        path = folder / f"{len(kept):03d}.wav"
        try:
            _write(path, *recording.load())
            kept.append((recording, read_clip(path)))
        except (AudioError, OSError, RuntimeError, ValueError) as error:
            path.unlink(missing_ok=True)
            skipped[recording.name] = " ".join(str(error).replace(str(folder), "").split())
    write_json(folder / MANIFEST, _manifest(kept, facts) | {"skipped": skipped})


def _manifest(kept: list[tuple[Recording, Clip]], facts: Mapping[str, Any]) -> dict[str, Any]:
    """What a reference set is made of; `digest` is over the files' bytes in order."""
    files = [
        {
            "file": Path(clip.path).name,
            "name": recording.name,
            "source": recording.source,
            "sha256": clip.sha256,
            "seconds": clip.seconds,
            "rate_hz": clip.sample_rate,
            "caption": recording.caption,
            "group": recording.group or recording.name,
            "task": recording.task,
        }
        for recording, clip in kept
    ]
    return {
        **facts,
        "n": len(kept),
        "groups": len({file["group"] for file in files}),
        "seconds": sum(clip.seconds for _, clip in kept),
        "rates_hz": sorted({clip.sample_rate for _, clip in kept}),
        "digest": digest([clip.sha256 for _, clip in kept]),
        "files": files,
    }


def _write(path: Path, samples: NDArray[np.float32], rate_hz: int) -> None:
    """16-bit WAV, turned down only where it would clip: lossy decoders overshoot full scale."""
    import soundfile

    if len(samples) < MIN_SECONDS * rate_hz:
        raise ValueError(
            f"must last at least {MIN_SECONDS:g} s, lasts {len(samples) / rate_hz:g} s"
        )
    cut = samples[: int(MAX_SECONDS * rate_hz)]
    divisor = max(1.0, float(np.abs(cut).max()) / MAX_PEAK)
    soundfile.write(path, cut / divisor, rate_hz, subtype="PCM_16")
