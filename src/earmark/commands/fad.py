"""`earmark fad FOLDER --reference FOLDER`: how far the clips of one folder are from another's.

Files that cannot be embedded are named on stderr and left out. Few clips give a large FAD: compare
at equal n only. --resample N adds "low" and "high", between which 95 % of N resamples by clip lie;
a resample repeats clips, so they lie somewhat high.
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
    args = _parser().parse_intermixed_args(argv)
    if args.resample < 0:
        raise ConfigError(f"--resample {args.resample}: must be 0 or more; 1000 is usual")
    embedder = build_embedder(args.embedder, args.settings)
    result = fad(
        Path(args.folder), Path(args.reference), embedder=embedder, resamples=args.resample
    )
    if args.json:
        print(json.dumps(result, indent=1, ensure_ascii=False))
        return 0
    value = f"unscored: {result['unscored']}"
    if result["fad"] is not None:
        value = f"{result['fad']:.4f}"
    if "low" in result:
        value += f" ({result['low']:.4f}..{result['high']:.4f})"
    counts = f"n={result['n']}  n_reference={result['n_reference']}"
    print(f"fad {value}  {counts}  {result['embedder']}")
    return 0


def fad(folder: Path, reference: Path, *, embedder: AudioEmbedder, resamples: int = 0) -> Json:
    """{"fad", "n", "n_reference", "embedder", "unscored"}; n counts the clips that were embedded.

    Raises:
        ConfigError: a folder that is none, or holds no WAV.
        MetricUnavailable: the embedder's weights cannot be loaded.
    """
    cached = Cached(embedder, str(paths.cache() / "embeddings"))
    wavs = {one: _wavs(one) for one in (folder, reference)}  # both, before the first is embedded
    # A folder against itself is embedded once.
    sets = {one: _embed(cached, one, files) for one, files in wavs.items()}
    ours, real = sets[folder], sets[reference]
    counts = {"n": len(ours.rows), "n_reference": len(real.rows)}
    result: Json = {"fad": None, **counts, "embedder": embedder.name, "unscored": None}
    for path, one in ((folder, ours), (reference, real)):
        if (reason := too_few("clips", one)) is not None:
            return {**result, "unscored": f"{path}: {reason}"}
    spread = _resampled(ours.rows, real.rows, resamples) if resamples else {}
    return {**result, "fad": frechet(ours.rows, real.rows), **spread}


def _resampled(ours: NDArray[np.floating], real: NDArray[np.floating], rounds: int) -> Json:
    with one_thread():
        drawn = Pool.of(ours, real).bootstrap(
            [str(k) for k in range(len(ours))], rounds, np.random.default_rng(0)
        )
    low, high = np.percentile(drawn, [2.5, 97.5])
    return {"low": float(low), "high": float(high)}


def _embed(cached: Cached, folder: Path, wavs: list[Path]) -> EmbeddedSet:
    clips, bad = _clips(wavs)
    found = embed_set(cached.embed_features, clips)
    left_out = [*bad, *found.failures]
    for reason in left_out[:MAX_NAMED]:
        print(f"left out: {reason}", file=sys.stderr)
    if len(left_out) > MAX_NAMED:
        print(f"left out: {len(left_out) - MAX_NAMED} more of {folder}", file=sys.stderr)
    return EmbeddedSet(found.rows, found.kept, tuple(left_out))


def _wavs(folder: Path) -> list[Path]:
    if not folder.is_dir():
        what = "is a file" if folder.exists() else "there is no such folder"
        rule = f"must be a folder that holds WAV files, {what}"
        raise ConfigError(f"{folder}: {rule}; `earmark score` scores single clips")
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
    parser.add_argument("--json", action="store_true", help="print JSON")
    return parser
