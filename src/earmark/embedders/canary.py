"""A canary: embed four known sounds before anything is paid, to notice a pipeline that has drifted.

A pipeline id names weights and rules, but a library or a processor can still make another number of
them. The canary compares cosines between the sounds (and with four captions) with the record of the
pipeline. The record of the packaged stand-in is canary.json; that of any other pipeline is its
first measurement, kept in the cache.

A canary that passed is not measured again while everything is the same that a cosine depends on:
weights, libraries, the kind of processor, earmark's code that embeds, and the record.
"""

import platform
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from earmark.embedders import AudioEmbedder, ContentIdentified, EmbeddingError, JointSpace
from earmark.embedders.known_sounds import write_sounds
from earmark.embedders.machine import machine, versions
from earmark.errors import MetricUnavailable
from earmark.identity import digest, file_digest, folder_digest
from earmark.paths import PACKAGE
from earmark.storage.atomic import read_json, write_json

GOLDEN = PACKAGE / "embedders" / "canary.json"
# Processors and library releases move a cosine by 1e-6 to 1e-4; the smallest difference that a
# sweep reads anything into is 1e-2.
TOLERANCE = 1e-3
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
    record_path = _record_path(embedder, cache)
    if (passed := _drift_when_passed(embedder, record_path, cache)) is not None:
        return f"canary passed before, with these weights and libraries ({passed:.1e} off)"
    try:
        cosines = measure(embedder)
    except EmbeddingError:
        return "embeds nothing"
    if broken := sorted(name for name, value in cosines.items() if not np.isfinite(value)):
        raise MetricUnavailable(
            f"canary of {embedder.name}: {broken[0]!r} must be finite, it is not;"
            " its weights are broken, fetch them again"
        )
    if not record_path.is_file():
        write_json(record_path, _record(embedder, cosines))
        _keep_pass(embedder, record_path, cache, drift=0.0)
        return "canary recorded"
    recorded = read_json(record_path)["numbers"]
    drift, name = largest_drift(cosines, recorded)
    if drift > TOLERANCE:
        raise MetricUnavailable(
            f"canary of {embedder.name}: {name!r} must be within {TOLERANCE:g} of the record,"
            f" got {_text_of(cosines, name)}, recorded {_text_of(recorded, name)};"
            f" {_hint(embedder, record_path, cache)}"
        )
    _keep_pass(embedder, record_path, cache, drift=drift)
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


def _unit(rows: NDArray[np.float32]) -> Floats:
    wide = rows.astype(np.float64)
    unit: Floats = wide / np.linalg.norm(wide, axis=1, keepdims=True)
    return unit


def _drift_when_passed(embedder: AudioEmbedder, record_path: Path, cache: Path) -> float | None:
    """How far the canary was off when it passed with everything as it is now; None if never."""
    path = _pass_path(embedder, record_path, cache)
    return float(read_json(path)["drift"]) if path is not None and path.is_file() else None


def _keep_pass(embedder: AudioEmbedder, record_path: Path, cache: Path, *, drift: float) -> None:
    path = _pass_path(embedder, record_path, cache)
    if path is not None:
        write_json(path, {"id": embedder.id, "drift": drift, "versions": _versions()})


def _pass_path(embedder: AudioEmbedder, record_path: Path, cache: Path) -> Path | None:
    """The file of a canary that passed; None for an embedder that cannot name its weights."""
    content = embedder.content_id() if isinstance(embedder, ContentIdentified) else None
    if content is None or not record_path.is_file():
        return None
    code = [folder_digest(PACKAGE / room, "*.py") for room in ("embedders", "audio")]
    record = file_digest(record_path)
    key = digest([embedder.id, content, code, record, _versions(), machine()])
    return cache / "canary" / "passed" / f"{key[:32]}.json"


def _record_path(embedder: AudioEmbedder, cache: Path) -> Path:
    if embedder.id == read_json(GOLDEN)["id"]:
        return GOLDEN
    return cache / "canary" / f"{digest(embedder.id)[:16]}.json"


def _record(embedder: AudioEmbedder, cosines: Cosines) -> dict[str, object]:
    return {"id": embedder.id, "numbers": dict(cosines), "versions": _versions()}


def _text_of(cosines: Cosines, name: str) -> str:
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
    return {
        "python": platform.python_version(),
        "platform": platform.system(),
        **versions(LIBRARIES),
    }


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
