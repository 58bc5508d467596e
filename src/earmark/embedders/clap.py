"""CLAP: clips and captions in one joint space, by any ClapModel checkpoint of transformers.

A clip is prepared (see waveform) as mono at 48 kHz, and cut into windows of 10 s side by side,
the last ending with the clip; its row is the mean of its windows' rows, made unit. A clip shorter
than a window is tiled as often as it fits whole and then padded with silence, as the checkpoints
were trained, or only padded. Nothing is random: the stock extractor crops longer clips at random.

On a CPU onnxruntime runs the networks (clap_onnx), on another device torch does (clap_torch). The
id does not say which: their rows are closer than releases of one of them (see onnx_graphs).
"""

import threading
from collections.abc import Sequence
from functools import cache, partial
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from earmark.embedders import Rows, clap_onnx, clap_torch
from earmark.embedders.checkpoints import folder_of, load_checkpoint
from earmark.embedders.clap_torch import RATE_HZ
from earmark.embedders.clap_weights import Weights
from earmark.embedders.onnx_graphs import ExportError, say_torch_runs
from earmark.embedders.waveform import Level, Preparation, Trim, Wave, wave, windows
from earmark.errors import MetricUnavailable
from earmark.records import Clip

CHECKPOINT = "laion/clap-htsat-unfused"
HINT = (
    "set embedder.checkpoint=FOLDER to a local copy, embedder=yamnet_minilm for the stand-in,"
    " or embedder=none"
)
ShortRule = Literal["tile", "pad"]

_loading = threading.Lock()


class Clap:
    """The joint embedding of a ClapModel checkpoint.

    Weights are read once per process, at the first use.
    """

    standin = False

    def __init__(
        self,
        *,
        checkpoint: str = CHECKPOINT,
        device: str = "cpu",
        short_clips: ShortRule = "tile",
        level: Level = "asis",
        trim: Trim = "none",
        name: str = "clap",
    ) -> None:
        self.checkpoint, self.device, self.name = checkpoint, device, name
        self.short_clips, self.preparation = short_clips, Preparation(level, trim)

    def load(self) -> Weights:
        """Read the weights now. MetricUnavailable names the checkpoint and what to set instead."""
        with _loading:
            return _weights(self.checkpoint, self.device)

    @property
    def id(self) -> str:
        """Pipeline id; reads the weights."""
        weights = self.load()
        checkpoint = f"{Path(self.checkpoint).name}={weights.content[:8]}"
        window = f"window={weights.mel.window / RATE_HZ:g}s hop=window last=end"
        rules = f"short={self.short_clips} {self.preparation.id} fusion={int(weights.fusion)}"
        return f"clap {checkpoint} {RATE_HZ}Hz {window} {rules}"

    def content_id(self) -> str | None:
        """The checkpoint's files; None on a GPU, whose kind would have to be in it."""
        weights = self.load()
        return weights.content if self.device == "cpu" and weights.content != "hub" else None

    def embed_audio(self, clips: Sequence[Clip]) -> Rows:
        """(n, d) float32 unit rows: the mean over the windows of each clip."""
        weights, rule = self.load(), self.short_clips
        length = weights.mel.window
        waves = [wave(clip, rate_hz=RATE_HZ, preparation=self.preparation) for clip in clips]
        cut = [windows(mono, length=length) for mono in waves]
        spectra = [weights.mel.of(fit(one, length, rule)) for parts in cut for one in parts]
        if not spectra:
            return _unit([], weights.width)
        rows = weights.networks.audio(np.stack(spectra))
        ends = np.cumsum([len(parts) for parts in cut])
        means = [
            rows[end - len(parts) : end].mean(axis=0) for end, parts in zip(ends, cut, strict=True)
        ]
        return _unit(means, weights.width)

    def embed_features(self, clips: Sequence[Clip]) -> Rows:
        """(n, d) float32: the same rows, as FAD on CLAP is usually taken."""
        return self.embed_audio(clips)

    def embed_text(self, captions: Sequence[str]) -> Rows:
        """(m, d) float32 unit rows; each caption alone, so that no other's length matters."""
        weights = self.load()
        rows = [weights.networks.text(weights.tokens(caption)) for caption in captions]
        return _unit(rows, weights.width)


def fit(window: Wave, length: int, rule: ShortRule) -> Wave:
    """`length` samples: tile a shorter window as often as it fits whole, or not, then pad it."""
    tiled = np.tile(window, length // len(window)) if rule == "tile" else window
    return np.pad(tiled, (0, length - len(tiled)))


@cache
def _weights(checkpoint: str, device: str) -> Weights:
    def error(reason: str) -> MetricUnavailable:
        problem = f"clap checkpoint {checkpoint!r} cannot be loaded: {reason}"
        return MetricUnavailable(f"{problem}; {HINT}")

    return load_checkpoint(checkpoint, partial(_read_checkpoint, device=device), error=error)


def _read_checkpoint(checkpoint: str, device: str) -> Weights:
    if device != "cpu":
        return clap_torch.read(checkpoint, device=device).weights
    if folder_of(checkpoint) is None:
        clap_torch.read(checkpoint, device=device)  # fetches it
    read_by_torch = partial(clap_torch.read, checkpoint, device=device)
    try:
        return clap_onnx.read(folder_of(checkpoint), read_by_torch)
    except ExportError as error:
        say_torch_runs(f"clap {checkpoint}", str(error))
        return read_by_torch().weights


def _unit(rows: Sequence[NDArray[np.float64]], width: int) -> Rows:
    if not rows:
        return np.empty((0, width), np.float32)
    stacked = np.stack(rows)
    lengths: NDArray[np.float64] = np.linalg.norm(stacked, axis=1, keepdims=True)
    return (stacked / lengths).astype(np.float32)
