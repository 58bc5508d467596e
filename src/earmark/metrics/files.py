"""Clips in files, outside any run: against texts, against a spec, one folder against another."""

import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from earmark import paths
from earmark.audio import read_clip, samples
from earmark.checks import check
from earmark.checks.detectors import Detectors
from earmark.embedders import AudioEmbedder, Embedder, EmbeddingError, Framed, Rows
from earmark.embedders.cached import Cached
from earmark.errors import AudioError, ConfigError
from earmark.identity import file_digest
from earmark.metrics.embedding import EmbeddedSet, embed_set
from earmark.metrics.fad import too_few
from earmark.metrics.frechet import Gaussian, Pool, frechet, one_thread
from earmark.metrics.stored_gaussian import stored_gaussian
from earmark.metrics.text_audio import TextAudio
from earmark.metrics.toolkits import fad_inf, per_clip_fad
from earmark.records import Clip, Json, Task

MAX_NAMED = 5


def score_pairs(clips: Sequence[str], texts: Sequence[str], *, embedder: Embedder) -> list[Json]:
    """Every pair as {"clip", "text", "embedder", "score", "unscored", "kind"}.

    `score` is a cosine, or None with the reason in `unscored`; `kind` is the failure of a file that
    is not a clip.

    Raises:
        MetricUnavailable: the embedder's weights cannot be loaded.
        ConfigError: the embedder reads no captions.
    """
    metric = TextAudio(embedder, templates=("{caption}",))
    pairs: list[Json] = []
    for clip in clips:
        pairs += _score_clip(clip, texts, metric)
    return pairs


def check_file(path: Path, spec: Mapping[str, object], detectors: Detectors) -> Json:
    """{"clip", "scores", "unscored"} of the clip in a file, compared with the facts of a spec.

    Raises:
        AudioError: a file that is no WAV.
        ConfigError: a spec that breaks a rule.
    """
    scores = check(*samples(path), spec, detectors)
    return {"clip": str(path), "scores": dict(scores.values), "unscored": dict(scores.unscored)}


def folder_fad(
    folder: Path,
    reference: Path,
    *,
    embedder: AudioEmbedder,
    resamples: int = 0,
    infinite: bool = False,
) -> Json:
    """{"fad", "n", "n_reference", "embedder", "unscored"}; n counts the clips that were embedded.

    Files that cannot be embedded are named on stderr and left out. With resamples there are "low"
    and "high" as well, between which 95 % of the resamples by clip lie; a resample repeats clips,
    so they lie somewhat high. With `infinite` there are "fad_inf", drawn without replacement, and
    "fad_inf_toolkits", drawn with it, each as {"value", "slope", "r2"} or a reason.

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
    result["fad"] = frechet(ours.rows, real.rows)
    if resamples:
        result |= _resampled(ours.rows, real.rows, resamples)
    if infinite:
        reference_rows = Gaussian.of(real.rows)
        for name, repeated in (("fad_inf", False), ("fad_inf_toolkits", True)):
            line = fad_inf(ours.rows, reference_rows, replace=repeated)
            result[name] = line if isinstance(line, str) else asdict(line)
    return result


def clip_fads(folder: Path, reference: Path, *, embedder: AudioEmbedder) -> list[Json]:
    """Per-clip FAD of every file as {"clip", "fad", "frames", "embedder", "unscored"}.

    The nearest first; what has none last. The reference is embedded once for each embedder.

    Raises:
        ConfigError: a folder that is none or holds no WAV, or an embedder without frames.
        MetricUnavailable: the embedder's weights cannot be loaded.
    """
    if not isinstance(embedder, Framed):
        raise ConfigError(
            f"--each: the embedder must have several frames per clip, {embedder.name} has one row;"
            " set --embedder yamnet_minilm or vggish"
        )
    wavs, recordings = _wavs(folder), _wavs(reference)
    hashes = [file_digest(path) for path in recordings]
    known = stored_gaussian(embedder.id, hashes, lambda: _fitted(reference, recordings, embedder))
    results = []
    for path in wavs:
        rows = _frames(path, embedder)
        value = rows if isinstance(rows, str) else per_clip_fad(rows, known)
        count = 0 if isinstance(rows, str) else len(rows)
        about = {"clip": str(path), "frames": count, "embedder": embedder.name}
        scored = not isinstance(value, str)
        results.append(
            {**about, "fad": value if scored else None, "unscored": None if scored else value}
        )
    return sorted(results, key=lambda one: (one["fad"] is None, one["fad"] or 0.0, one["clip"]))


def _fitted(reference: Path, recordings: Sequence[Path], embedder: Framed) -> Gaussian:
    frames = [rows for path in recordings if not isinstance(rows := _frames(path, embedder), str)]
    if not frames:
        raise ConfigError(f"{reference}: must hold a WAV that can be embedded, holds none")
    return Gaussian.of(np.concatenate(frames))


def _frames(path: Path, embedder: Framed) -> Rows | str:
    """The frames of the clip in a file, or the reason why there are none."""
    try:
        return embedder.embed_frames(read_clip(path))
    except (AudioError, EmbeddingError) as error:
        return str(error)


def _score_clip(path: str, texts: Sequence[str], metric: TextAudio) -> list[Json]:
    name = metric.embedder.name
    pair: Json = {"clip": path, "text": "", "embedder": name, "score": None}
    try:
        clip = read_clip(Path(path))
    except AudioError as error:
        failed = {**pair, "unscored": str(error), "kind": error.failure.kind}
        return [{**failed, "text": text} for text in texts]
    pairs = []
    for text in texts:
        task = Task(id="text", tier="text", caption=text, prompt="", seconds=clip.seconds)
        scores = metric.score(clip, task)
        value, reason = scores.values.get(name), scores.unscored.get(name)
        pairs.append({**pair, "text": text, "score": value, "unscored": reason, "kind": None})
    return pairs


def _resampled(ours: NDArray[np.floating], real: NDArray[np.floating], rounds: int) -> Json:
    with one_thread():
        drawn = Pool.of(ours, real).bootstrap(
            [str(k) for k in range(len(ours))], rounds, np.random.default_rng(0)
        )
    low, high = np.percentile(drawn, [2.5, 97.5])
    return {"low": float(low), "high": float(high)}


def _embed(cached: Cached, folder: Path, wavs: list[Path]) -> EmbeddedSet:
    clips, bad = _clips(wavs)
    embedded = embed_set(cached.embed_features, clips)
    left_out = [*bad, *embedded.failures]
    for reason in left_out[:MAX_NAMED]:
        print(f"left out: {reason}", file=sys.stderr)
    if len(left_out) > MAX_NAMED:
        print(f"left out: {len(left_out) - MAX_NAMED} more of {folder}", file=sys.stderr)
    return EmbeddedSet(embedded.rows, embedded.kept, tuple(left_out))


def _wavs(folder: Path) -> list[Path]:
    if not folder.is_dir():
        what = "is a file" if folder.exists() else "there is no such folder"
        rule = f"must be a folder that holds WAV files, {what}"
        raise ConfigError(f"{folder}: {rule}; `earmark score` takes single clips with --text")
    wavs = sorted(path for path in folder.rglob("*") if path.suffix.lower() == ".wav")
    if not wavs:
        raise ConfigError(
            f"{folder}: must be a folder that holds WAV files, holds none; see docs/references.md"
        )
    return wavs


def _clips(wavs: list[Path]) -> tuple[list[Clip], list[str]]:
    clips: list[Clip] = []
    bad: list[str] = []
    for path in wavs:
        try:
            clips.append(read_clip(path))
        except AudioError as error:
            bad.append(str(error))
    return clips, bad
