"""A reference set on disk: WAVs with a manifest, made once, whole or absent.

    FOLDER/manifest.json     tier, kind, rendered, n, seconds, rates_hz, sources with licences, digest, files with sha256
    FOLDER/000.wav …

In: recordings of any format or arrays. Out: ReferenceSets. It fetches nothing and chooses nothing.
"""

import os
import shutil
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from earmark.audio import read_clip
from earmark.errors import AudioError, MetricUnavailable
from earmark.identity import digest
from earmark.records import Clip
from earmark.references import ReferenceSet
from earmark.storage.atomic import read_json, write_json

MAX_SECONDS = 10.0
MIN_SECONDS = 0.1
LOUDEST = 0.99


@dataclass(frozen=True)
class Recording:
    """One sound: where it comes from, how to have it as (frames, channels) float32 with its rate in Hz, and its caption where known."""

    name: str
    source: str
    load: Callable[[], tuple[NDArray[np.float32], int]]
    caption: str = ""


def decoded(path: Path) -> tuple[NDArray[np.float32], int]:
    """A file of any format that libsndfile reads, at most MAX_SECONDS of it. OSError or RuntimeError when it cannot."""
    import soundfile

    with soundfile.SoundFile(path) as stream:
        whole: NDArray[np.float32] = stream.read(
            int(MAX_SECONDS * stream.samplerate), dtype="float32", always_2d=True
        )
        return whole, int(stream.samplerate)


def shelved(
    folder: Path,
    make: Callable[[], Iterable[Recording]],
    *,
    tier: str,
    kind: str,
    rendered: bool,
    sources: Mapping[str, Mapping[str, Any]],
) -> ReferenceSet:
    """The set in `folder`; made there first when it is absent. Safe when several processes start at once."""
    if not (folder / "manifest.json").is_file():
        working = folder.with_name(f".{folder.name}.{os.getpid()}.{os.urandom(4).hex()}")
        working.mkdir(parents=True)
        try:
            facts = {
                "tier": tier,
                "kind": kind,
                "rendered": rendered,
                "sources": {name: dict(source) for name, source in sources.items()},
            }
            _fill(working, make(), facts)
            _place(working, folder)
        finally:
            shutil.rmtree(working, ignore_errors=True)
    return opened(folder)


def opened(folder: Path) -> ReferenceSet:
    """The set that a folder holds."""
    manifest = read_json(folder / "manifest.json")
    clips = tuple(read_clip(folder / file["file"]) for file in manifest["files"])
    changed = [
        clip.path
        for clip, file in zip(clips, manifest["files"], strict=True)
        if clip.sha256 != file["sha256"]
    ]
    if changed:
        raise MetricUnavailable(
            f"{changed[0]}: differs from its manifest; delete {folder} and start again"
        )
    return ReferenceSet(clips, manifest, bool(manifest["rendered"]), str(manifest["digest"]))


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
    write_json(folder / "manifest.json", manifest(kept, facts) | {"skipped": skipped})


def manifest(kept: list[tuple[Recording, Clip]], facts: Mapping[str, Any]) -> dict[str, Any]:
    """What a reference set is made of; `digest` is over the files' bytes in order."""
    files = [
        {
            **{
                "file": Path(c.path).name,
                "name": r.name,
                "source": r.source,
                "sha256": c.sha256,
                "seconds": c.seconds,
            },
            **{"rate_hz": c.sample_rate, "caption": r.caption},
        }
        for r, c in kept
    ]
    return {
        **facts,
        "n": len(kept),
        "seconds": sum(clip.seconds for _, clip in kept),
        "rates_hz": sorted({clip.sample_rate for _, clip in kept}),
        "digest": digest([clip.sha256 for _, clip in kept]),
        "files": files,
    }


def _write(path: Path, sound: NDArray[np.float32], rate_hz: int) -> None:
    """16-bit WAV, turned down only where it would clip, since lossy decoders overshoot full scale."""
    import soundfile

    if len(sound) < MIN_SECONDS * rate_hz:
        raise ValueError(f"lasts {len(sound) / rate_hz:g} s; at least {MIN_SECONDS:g} s are of use")
    cut = sound[: int(MAX_SECONDS * rate_hz)]
    soundfile.write(
        path, cut / max(1.0, float(np.abs(cut).max()) / LOUDEST), rate_hz, subtype="PCM_16"
    )


def _place(working: Path, folder: Path) -> None:
    try:
        working.rename(folder)
    except OSError:
        if not (folder / "manifest.json").is_file():
            raise
        # Another process made the same set first; its is as good.
