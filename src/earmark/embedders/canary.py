"""A canary: embed four known sounds before anything is paid, to notice a pipeline that has drifted.

A pipeline id names weights and rules, but a library or a processor can still make another number of
them. The canary compares cosines between the sounds (and with four captions) with the record of the
pipeline. The record of the packaged stand-in is canary.json; that of any other pipeline is its
first measurement, kept in the cache.
"""

import platform
import tempfile
from collections.abc import Mapping, Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from earmark.audio import read_clip
from earmark.embedders import AudioEmbedder, EmbeddingError, JointSpace
from earmark.errors import MetricUnavailable
from earmark.identity import digest
from earmark.paths import PACKAGE
from earmark.records import Clip
from earmark.storage.atomic import read_json, write_json

GOLDEN = PACKAGE / "embedders" / "canary.json"
# Processors and library releases move a cosine by 1e-6 to 1e-4; the smallest difference that a
# sweep reads anything into is 1e-2.
TOLERANCE = 1e-3
RATE_HZ = 48000
SECONDS = 1.5
CAPTIONS = ("white noise", "a beep", "a bell ringing", "a person clapping")
LIBRARIES = ("numpy", "onnxruntime", "scipy", "soxr", "tokenizers", "torch", "transformers")

Cosines = Mapping[str, float]
Floats = NDArray[np.float64]


def check(embedder: AudioEmbedder, *, cache: Path) -> str:
    """Compare the canary's cosines with the record; the first measurement becomes the record.

    Returns:
        One line to print.

    Raises:
        MetricUnavailable: a cosine is not finite, or not within TOLERANCE of the record.
    """
    try:
        cosines = measure(embedder)
    except EmbeddingError:
        return "embeds nothing"
    if broken := sorted(name for name, value in cosines.items() if not np.isfinite(value)):
        raise MetricUnavailable(
            f"canary of {embedder.name}: {broken[0]!r} must be finite, it is not;"
            " its weights are broken, fetch them again"
        )
    record_path = _record_path(embedder, cache)
    if not record_path.is_file():
        write_json(record_path, _record(embedder, cosines))
        return "canary recorded"
    recorded = read_json(record_path)["numbers"]
    drift, name = largest_drift(cosines, recorded)
    if drift > TOLERANCE:
        raise MetricUnavailable(
            f"canary of {embedder.name}: {name!r} must be within {TOLERANCE:g} of the record,"
            f" got {_shown(cosines, name)}, recorded {_shown(recorded, name)};"
            f" {_hint(embedder, record_path, cache)}"
        )
    return f"canary matches its record (largest difference {drift:.1e})"


def largest_drift(cosines: Cosines, recorded: Cosines) -> tuple[float, str]:
    """The largest difference and its name; infinite for a name that one side lacks."""
    drifts = {name: abs(cosines[name] - recorded[name]) for name in cosines.keys() & recorded}
    drifts |= dict.fromkeys(cosines.keys() ^ recorded.keys(), float("inf"))
    name = max(sorted(drifts), key=lambda key: drifts[key])
    return drifts[name], name


def measure(embedder: AudioEmbedder) -> Cosines:
    """Cosines between the sounds, and with the captions where the embedder takes captions.

    No cache is used.
    """
    with tempfile.TemporaryDirectory(prefix="earmark-canary-") as folder:
        sounds = write_sounds(Path(folder))
        names, clips = list(sounds), list(sounds.values())
        rows = _unit(embedder.embed_features(clips))
        between = rows @ rows.T
        cosines = {
            f"{a} ~ {b}": float(between[i, j])
            for i, a in enumerate(names)
            for j, b in enumerate(names)
            if i < j
        }
        if not isinstance(embedder, JointSpace):
            return cosines
        audio = embedder.embed_audio(clips).astype(np.float64)
        text = embedder.embed_text(CAPTIONS).astype(np.float64)
        matches = audio @ text.T
        return cosines | {
            f"{name} / {caption}": float(matches[i, j])
            for i, name in enumerate(names)
            for j, caption in enumerate(CAPTIONS)
        }


def write_sounds(folder: Path) -> dict[str, Clip]:
    """Noise, a beep, a bell and claps, the same bytes wherever they are made."""
    import soundfile

    t = np.arange(round(SECONDS * RATE_HZ)) / RATE_HZ
    noise = _noise(len(t))
    claps = noise * sum(np.exp(-60 * (t - at)) * (t >= at) for at in (0.1, 0.6, 1.1))
    bell = sum(
        np.sin(2 * np.pi * 660 * part * t) * np.exp(-2 * part * t) / part
        for part in (1.0, 2.01, 2.99, 4.17)
    )
    beep = np.sin(2 * np.pi * 1000 * t)
    sounds = {"noise": 0.3 * noise, "beep": 0.3 * beep, "bell": 0.3 * bell, "claps": 0.7 * claps}
    clips = {}
    for name, sound in sounds.items():
        path, steps = folder / f"{name}.wav", np.round(sound * 32767).astype(np.int16)
        soundfile.write(path, steps, RATE_HZ, subtype="PCM_16")
        clips[name] = read_clip(path)
    return clips


def _noise(count: int) -> Floats:
    """(count,) in -1..1, by the finaliser of SplitMix64 (Steele et al. 2014).

    Not by a library's generator, whose stream may change between releases.
    """
    states = np.arange(1, count + 1, dtype=np.uint64)
    for shift, factor in ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB)):
        states = (states ^ (states >> np.uint64(shift))) * np.uint64(factor)
    return (states >> np.uint64(11)).astype(np.float64) / 2**52 - 1


def _unit(rows: NDArray[np.float32]) -> Floats:
    wide = rows.astype(np.float64)
    unit: Floats = wide / np.linalg.norm(wide, axis=1, keepdims=True)
    return unit


def _record_path(embedder: AudioEmbedder, cache: Path) -> Path:
    if embedder.id == read_json(GOLDEN)["id"]:
        return GOLDEN
    return cache / "canary" / f"{digest(embedder.id)[:16]}.json"


def _record(embedder: AudioEmbedder, cosines: Cosines) -> dict[str, object]:
    return {"id": embedder.id, "numbers": dict(cosines), "versions": _versions()}


def _shown(cosines: Cosines, name: str) -> str:
    return f"{cosines[name]:.4f}" if name in cosines else "nothing"


def _hint(embedder: AudioEmbedder, record_path: Path, cache: Path) -> str:
    before, now = read_json(record_path).get("versions", {}), _versions()
    changes = ", ".join(
        f"{name} {before[name]} -> {now[name]}"
        for name in sorted(before.keys() & now.keys())
        if before[name] != now[name]
    )
    rows = cache / "embeddings" / digest(embedder.id)[:16]
    changed = f"changed since the record: {changes}; " if changes else ""
    delete = f"delete {record_path} and {rows} and score every sweep again"
    return f"{changed}install the old versions, or {delete}"


def _versions() -> dict[str, str]:
    """Versions of what a cosine depends on."""
    versions = {"python": platform.python_version(), "platform": platform.system()}
    for name in LIBRARIES:
        try:
            versions[name] = version(name)
        except PackageNotFoundError:
            versions[name] = "not installed"
    return versions


def main(argv: Sequence[str] = ()) -> int:
    """`python -m earmark.embedders.canary [PATH]`: write canary.json again.

    To be run after an intended change of the stand-in.
    """
    from earmark.embedders.yamnet_minilm import YamnetMinilm

    embedder = YamnetMinilm()
    write_json(Path(argv[0]) if argv else GOLDEN, _record(embedder, measure(embedder)))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
