"""`earmark fad FOLDER --reference FOLDER`: how far the clips of one folder are from those of another.

In: two folders of WAV files, subfolders included. Out: {"fad", "n", "n_reference", "embedder", "unscored"}: a distance, or null and the
reason. Files that cannot be heard are named on stderr and left out. Few clips give a large FAD: compare at equal n only. --resample N adds
"low" and "high", within which 95 % of N resamples by clip lie; a resample repeats clips, so they lie somewhat high.
"""

import argparse
import json
import sys
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from earmark import paths
from earmark.audio import read_clip
from earmark.config.embedder_choice import build_embedder
from earmark.embedders import AudioEmbedder
from earmark.embedders.cached import Cached
from earmark.errors import AudioError, ConfigError
from earmark.metrics.embedding import EmbeddedSet, embed_set
from earmark.metrics.fad import too_few
from earmark.metrics.frechet import Pool, frechet, one_thread
from earmark.records import Clip, Json

MAX_NAMED = 5


def main(argv: list[str]) -> int:
    """Print the distance; 0 even where it is unscored, since the reason is the answer."""
    asked = _parser().parse_intermixed_args(argv)
    if asked.resample < 0:
        raise ConfigError(f"--resample {asked.resample}: must be 0 or more; 1000 is usual")
    ear = build_embedder(asked.embedder, asked.settings)
    said = fad(Path(asked.folder), Path(asked.reference), embedder=ear, resamples=asked.resample)
    if asked.json:
        print(json.dumps(said, indent=1, ensure_ascii=False))
        return 0
    value = f"{said['fad']:.4f}" if said["fad"] is not None else f"unscored: {said['unscored']}"
    if "low" in said:
        value += f" ({said['low']:.4f}..{said['high']:.4f})"
    print(f"fad {value}  n={said['n']}  n_reference={said['n_reference']}  {said['embedder']}")
    return 0


def fad(folder: Path, reference: Path, *, embedder: AudioEmbedder, resamples: int = 0) -> Json:
    """The distance as {"fad", "n", "n_reference", "embedder", "unscored"}; n counts the clips that could be heard.

    Raises:
        ConfigError: a folder that is none, or holds no WAV.
        MetricUnavailable: the embedder's weights cannot be loaded.
    """
    ear = Cached(embedder, str(paths.cache() / "embeddings"))
    found = {one: _wavs(one) for one in (folder, reference)}  # both, before the first is heard
    told = {
        one: _heard(ear, one, wavs) for one, wavs in found.items()
    }  # one folder against itself is heard once
    ours, real = told[folder], told[reference]
    counts = {"n": len(ours.rows), "n_reference": len(real.rows)}
    said: Json = {"fad": None, **counts, "embedder": embedder.name, "unscored": None}
    for what, one in ((folder, ours), (reference, real)):
        if (reason := too_few("clips", one)) is not None:
            return {**said, "unscored": f"{what}: {reason}"}
    spread = _resampled(ours.rows, real.rows, resamples) if resamples else {}
    return {**said, "fad": frechet(ours.rows, real.rows), **spread}


def _resampled(ours: NDArray[np.floating], real: NDArray[np.floating], rounds: int) -> Json:
    with one_thread():
        drawn = Pool.of(ours, real).bootstrap(
            [str(k) for k in range(len(ours))], rounds, np.random.default_rng(0)
        )
    low, high = np.percentile(drawn, [2.5, 97.5])
    return {"low": float(low), "high": float(high)}


def _heard(ear: Cached, folder: Path, wavs: list[Path]) -> EmbeddedSet:
    clips, bad = _clips(wavs)
    found = embed_set(ear.embed_features, clips)
    left_out = [*bad, *found.failures]
    for reason in left_out[:MAX_NAMED]:
        print(f"left out: {reason}", file=sys.stderr)
    if len(left_out) > MAX_NAMED:
        print(f"left out: {len(left_out) - MAX_NAMED} more of {folder}", file=sys.stderr)
    return EmbeddedSet(found.rows, found.kept, tuple(left_out))


def _wavs(folder: Path) -> list[Path]:
    if not folder.is_dir():
        what = "is a file" if folder.exists() else "there is no such folder"
        raise ConfigError(
            f"{folder}: must be a folder that holds WAV files, {what}; `earmark score` hears single clips"
        )
    found = sorted(path for path in folder.rglob("*") if path.suffix.lower() == ".wav")
    if not found:
        raise ConfigError(
            f"{folder}: must be a folder that holds WAV files, holds none; see docs/references.md"
        )
    return found


def _clips(wavs: list[Path]) -> tuple[list[Clip], list[str]]:
    clips: list[Clip] = []
    bad: list[str] = []
    for path in wavs:
        try:
            clips.append(read_clip(path))
        except AudioError as error:
            bad.append(str(error))
    return clips, bad


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="earmark fad", description="Fréchet audio distance between two folders of WAV files."
    )
    parser.add_argument("folder")
    parser.add_argument("--reference", required=True, metavar="FOLDER")
    parser.add_argument(
        "--embedder",
        help="a name of conf/embedder (default: clap where it can be had, else yamnet_minilm)",
    )
    parser.add_argument(
        "settings",
        nargs="*",
        metavar="embedder.KEY=VALUE",
        help="for example embedder.checkpoint=FOLDER",
    )
    parser.add_argument(
        "--resample",
        type=int,
        default=0,
        metavar="N",
        help="resamples by clip for an interval, such as 1000",
    )
    parser.add_argument("--json", action="store_true")
    return parser
