"""A canary: known sounds, heard before anything is paid, so that a pipeline that has drifted is noticed before its numbers are believed.

In: an embedder. Out: one line that says how it compares with what is on record for its pipeline id, or MetricUnavailable where it differs.
The record is canary.json for the packaged stand-in, made where it was measured; for any other pipeline the first hearing, kept in the
cache. An id names weights and rules; libraries and processors can still make another number of them: that is what is caught here.
"""

import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import cast

import numpy as np
from numpy.typing import NDArray

from earmark.audio import read_clip
from earmark.embedders import AudioEmbedder, Embedder, EmbeddingError
from earmark.errors import MetricUnavailable
from earmark.identity import digest
from earmark.paths import PACKAGE
from earmark.records import Clip
from earmark.storage.atomic import read_json, write_json
from earmark.sweep.provenance import versions

GOLDEN = PACKAGE / "embedders" / "canary.json"
# Processors and library releases move a cosine by 1e-6 to 1e-4; the smallest difference that a sweep reads anything into is 1e-2.
TOLERANCE = 1e-3
RATE_HZ = 48000
SECONDS = 1.5
CAPTIONS = ("white noise", "a beep", "a bell ringing", "a person clapping")

Numbers = Mapping[str, float]


def checked(ear: AudioEmbedder, *, cache: Path) -> str:
    """Hear the canary and hold it against the record. The line to print.

    Raises:
        MetricUnavailable: a number differs from the record by more than TOLERANCE, or is none.
    """
    try:
        numbers = sung(ear)
    except EmbeddingError:
        return "nothing hears"
    if broken := sorted(name for name, value in numbers.items() if not np.isfinite(value)):
        raise MetricUnavailable(
            f"canary of {ear.name}: {broken[0]} is not finite; its weights are broken, fetch them again"
        )
    record, kept = _record(ear, cache)
    if record is None:
        write_json(kept, {"id": ear.id, "numbers": dict(numbers), "versions": versions()})
        return "canary on record from now on"
    drift, name = drifted(numbers, record)
    rows = cache / "embeddings" / digest(ear.id)[:16]
    if drift > TOLERANCE:
        raise MetricUnavailable(
            _told(
                ear, drift, name, said=(numbers.get(name), record.get(name)), kept=kept, rows=rows
            )
        )
    return f"canary as on record (largest difference {drift:.1e})"


def drifted(numbers: Numbers, record: Numbers) -> tuple[float, str]:
    """The largest difference and its name; one that is missing on either side has drifted without bound."""
    apart = {name: abs(numbers[name] - record[name]) for name in numbers.keys() & record.keys()}
    apart |= dict.fromkeys(numbers.keys() ^ record.keys(), float("inf"))
    name = max(sorted(apart), key=lambda one: apart[one])
    return apart[name], name


def sung(ear: AudioEmbedder) -> Numbers:
    """What an embedder makes of the canary, past every cache: cosines between the sounds, and with captions where it reads."""
    with tempfile.TemporaryDirectory(prefix="earmark-canary-") as place:
        clips = sounds(Path(place))
        rows, names = _unit(ear.embed_features(list(clips.values()))), list(clips)
        between = {
            f"{a} ~ {b}": float(rows[i] @ rows[j])
            for i, a in enumerate(names)
            for j, b in enumerate(names)
            if i < j
        }
        if not hasattr(ear, "embed_text"):
            return between
        joint = cast(Embedder, ear)
        heard, read = (
            one.astype(np.float64)
            for one in (joint.embed_audio(list(clips.values())), joint.embed_text(CAPTIONS))
        )
        cosines = heard @ read.T
        return between | {
            f"{name} / {said}": float(cosines[i, j])
            for i, name in enumerate(names)
            for j, said in enumerate(CAPTIONS)
        }


def sounds(folder: Path) -> dict[str, Clip]:
    """Four sounds, the same bytes wherever they are made: noise by integer arithmetic, a beep, a bell, claps."""
    import soundfile

    t = np.arange(round(SECONDS * RATE_HZ)) / RATE_HZ
    noise = _noise(len(t))
    claps = noise * sum(np.exp(-60 * (t - at)) * (t >= at) for at in (0.1, 0.6, 1.1))
    bell = sum(
        np.sin(2 * np.pi * 660 * part * t) * np.exp(-2 * part * t) / part
        for part in (1.0, 2.01, 2.99, 4.17)
    )
    made = {
        "noise": 0.3 * noise,
        "beep": 0.3 * np.sin(2 * np.pi * 1000 * t),
        "bell": 0.3 * bell,
        "claps": 0.7 * claps,
    }
    for name, sound in made.items():
        soundfile.write(
            folder / f"{name}.wav",
            np.round(sound * 32767).astype(np.int16),
            RATE_HZ,
            subtype="PCM_16",
        )
    return {name: read_clip(folder / f"{name}.wav") for name in made}


def _noise(count: int) -> NDArray[np.float64]:
    """(count,) in -1..1: no library's generator, whose stream may change between releases."""
    states = np.arange(1, count + 1, dtype=np.uint64)
    for shift, factor in (
        (30, 0xBF58476D1CE4E5B9),
        (27, 0x94D049BB133111EB),
    ):  # the finaliser of SplitMix64 (Steele et al. 2014)
        states = (states ^ (states >> np.uint64(shift))) * np.uint64(factor)
    return (states >> np.uint64(11)).astype(np.float64) / 2**52 - 1


def _record(ear: AudioEmbedder, cache: Path) -> tuple[Numbers | None, Path]:
    golden = read_json(GOLDEN)
    if ear.id == golden["id"]:
        return golden["numbers"], GOLDEN
    kept = cache / "canary" / f"{digest(ear.id)[:16]}.json"
    return (read_json(kept)["numbers"] if kept.is_file() else None), kept


def _told(
    ear: AudioEmbedder,
    drift: float,
    name: str,
    *,
    said: tuple[float | None, float | None],
    kept: Path,
    rows: Path,
) -> str:
    known, here = read_json(kept).get("versions", {}), versions()
    moved = ", ".join(
        f"{lib} {known[lib]} -> {here[lib]}"
        for lib in sorted(known.keys() & here.keys())
        if known[lib] != here[lib]
    )
    now, before = ("nothing" if value is None else f"{value:.4f}" for value in said)
    why = f"a drift of {drift:.2g}, at most {TOLERANCE:g} is allowed" + (
        f" (since then: {moved})" if moved else ""
    )
    hint = f"go back to those libraries, or delete {kept} and {rows} and hear every sweep again"
    return f"canary of {ear.name}: {name} is {now}, on record {before}: {why}; new numbers would not compare with old ones; {hint}"


def _unit(rows: NDArray[np.float32]) -> NDArray[np.float64]:
    wide = rows.astype(np.float64)
    unit: NDArray[np.float64] = wide / np.linalg.norm(wide, axis=1, keepdims=True)
    return unit


def golden(ear: AudioEmbedder) -> Mapping[str, object]:
    """What canary.json holds for the packaged stand-in."""
    return {"id": ear.id, "numbers": dict(sung(ear)), "versions": versions()}


def main(argv: Sequence[str] = ()) -> int:
    """`python -m earmark.embedders.canary`: write canary.json again, after a change of the stand-in that is meant."""
    from earmark.embedders.yamnet_minilm import YamnetMinilm

    write_json(Path(argv[0]) if argv else GOLDEN, golden(YamnetMinilm()))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
