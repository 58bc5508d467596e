"""CLAP: clips and captions in one joint space, by any ClapModel checkpoint of transformers.

A clip is prepared (see waveform) as mono at 48 kHz, and cut into windows of 10 s side by side,
the last ending with the clip; its row is the mean of its windows' rows, made unit. A clip shorter
than a window is tiled as often as it fits whole and then padded with silence, as the checkpoints
were trained, or only padded. Nothing is random: the stock extractor crops longer clips at random.
"""

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from earmark.embedders import Rows
from earmark.embedders.checkpoints import checkpoint_digest, load_checkpoint, read_model
from earmark.embedders.log_mel import log_mel
from earmark.embedders.waveform import Level, Preparation, Trim, Wave, wave, windows
from earmark.errors import MetricUnavailable
from earmark.records import Clip

RATE_HZ = 48000
CHECKPOINT = "laion/clap-htsat-unfused"
HINT = (
    "set embedder.checkpoint=FOLDER to a local copy, embedder=yamnet_minilm for the stand-in,"
    " or embedder=none"
)
ShortRule = Literal["tile", "pad"]

_loading = threading.Lock()


@dataclass(frozen=True)
class Weights:
    """A loaded checkpoint: transformers' objects, and the digest of its bytes."""

    model: Any
    extractor: Any
    tokenizer: Any
    fusion: bool
    bytes_id: str

    @property
    def window(self) -> int:
        """Samples in a window."""
        return int(self.extractor.nb_max_samples)

    @property
    def width(self) -> int:
        """Columns of a row."""
        return int(self.model.config.projection_dim)

    @property
    def max_tokens(self) -> int:
        """Positions of the text model less the two that RoBERTa keeps for padding."""
        return int(self.model.config.text_config.max_position_embeddings) - 2


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
        checkpoint = f"{Path(self.checkpoint).name}={weights.bytes_id}"
        window = f"window={weights.window / RATE_HZ:g}s hop=window last=end"
        rules = f"short={self.short_clips} {self.preparation.id} fusion={int(weights.fusion)}"
        return f"clap {checkpoint} {RATE_HZ}Hz {window} {rules}"

    def embed_audio(self, clips: Sequence[Clip]) -> Rows:
        """(n, d) float32 unit rows: the mean over the windows of each clip."""
        weights = self.load()
        waves = (wave(clip, rate_hz=RATE_HZ, preparation=self.preparation) for clip in clips)
        cut = [windows(mono, length=weights.window) for mono in waves]
        fitted = [fit(one, weights.window, self.short_clips) for parts in cut for one in parts]
        rows = self._forward(weights, fitted)
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
        rows = [_embed_caption(weights, caption, self.device) for caption in captions]
        return _unit(rows, weights.width)

    def _forward(self, weights: Weights, waves: list[Wave]) -> NDArray[np.float64]:
        """(windows, d) rows.

        One window at a time: on a CPU batches are no faster, and round differently by size.
        """
        parts = [_embed_windows(weights, one[None], self.device) for one in waves]
        return np.concatenate(parts) if parts else np.empty((0, weights.width))


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
    from transformers import AutoConfig, AutoTokenizer, ClapFeatureExtractor, ClapModel

    config = AutoConfig.from_pretrained(checkpoint)
    if config.model_type != "clap":
        raise ValueError(f"it must hold a ClapModel, it holds a {config.model_type} model")
    extractor = ClapFeatureExtractor.from_pretrained(checkpoint)
    if extractor.sampling_rate != RATE_HZ:
        raise ValueError(
            f"its extractor's rate must be {RATE_HZ} Hz, it is {extractor.sampling_rate} Hz"
        )
    tokenizer = AutoTokenizer.from_pretrained(checkpoint)
    model = read_model(ClapModel, checkpoint, device=device)
    fusion = bool(model.config.audio_config.enable_fusion)
    return Weights(model, extractor, tokenizer, fusion, checkpoint_digest(checkpoint))


def _embed_windows(
    weights: Weights, waves: NDArray[np.float32], device: str
) -> NDArray[np.float64]:
    import torch

    spectra = log_mel(waves, extractor=weights.extractor, fusion=weights.fusion)
    mels = torch.from_numpy(spectra)[:, None]
    # A fused checkpoint takes four views. Of one window they are four times the same, marked as
    # the stock extractor marks a clip on its own.
    views = mels.repeat(1, 4, 1, 1) if weights.fusion else mels
    longer = torch.full((len(views), 1), weights.fusion)
    with torch.inference_mode():
        output = weights.model.get_audio_features(
            input_features=views.to(device), is_longer=longer.to(device)
        )
    rows: NDArray[np.float64] = output.pooler_output.double().cpu().numpy()
    return rows


def _embed_caption(weights: Weights, caption: str, device: str) -> NDArray[np.float64]:
    import torch

    tokens = weights.tokenizer(
        [caption], truncation=True, max_length=weights.max_tokens, return_tensors="pt"
    ).to(device)
    with torch.inference_mode():
        output = weights.model.get_text_features(
            input_ids=tokens["input_ids"], attention_mask=tokens["attention_mask"]
        )
    row: NDArray[np.float64] = output.pooler_output[0].double().cpu().numpy()
    return row


def _unit(rows: Sequence[NDArray[np.float64]], width: int) -> Rows:
    if not rows:
        return np.empty((0, width), np.float32)
    stacked = np.stack(rows)
    lengths: NDArray[np.float64] = np.linalg.norm(stacked, axis=1, keepdims=True)
    return (stacked / lengths).astype(np.float32)
