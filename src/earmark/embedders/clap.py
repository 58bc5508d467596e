"""CLAP: clips and captions in one joint space, by any ClapModel checkpoint of transformers.

In: Clips, captions. Out: float32 unit rows. A clip is mono at 48 kHz, level as recorded, cut into windows of 10 s side by side, the last
ending with the clip; its row is the mean of its windows' rows, made unit. A clip shorter than a window is tiled as often as it fits
whole and then padded with silence (the checkpoints were trained so), or only padded. Nothing is drawn by chance: the stock extractor
crops longer clips at random.
"""

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from earmark.embedders import Rows
from earmark.embedders.checkpoints import bytes_digest, folder_of, quiet, unreachable
from earmark.embedders.log_mel import log_mel
from earmark.embedders.waveform import Wave, wave, windows
from earmark.errors import MetricUnavailable
from earmark.records import Clip

RATE_HZ = 48000
CHECKPOINT = "laion/clap-htsat-unfused"
HINT = "set embedder.checkpoint=FOLDER to a local copy, embedder=yamnet_minilm for the stand-in, or embedder=none"
ShortRule = Literal["tile", "pad"]

_loading = threading.Lock()


@dataclass(frozen=True)
class Weights:
    """A loaded checkpoint: transformers' objects, and what identifies its bytes."""

    model: Any
    extractor: Any
    tokenizer: Any
    fusion: bool
    bytes_id: str

    @property
    def window(self) -> int:
        """Samples in a window."""
        return int(self.extractor.nb_max_samples)


class Clap:
    """The joint embedding of a ClapModel checkpoint; weights are read once per process, at the first use."""

    standin = False

    def __init__(
        self,
        *,
        checkpoint: str = CHECKPOINT,
        device: str = "cpu",
        short_clips: ShortRule = "tile",
        windows_at_once: int = 1,
        probe_seconds: float = 5.0,
        name: str = "clap",
    ) -> None:
        self.checkpoint, self.device, self.short_clips, self.name = (
            checkpoint,
            device,
            short_clips,
            name,
        )
        self.windows_at_once, self.probe_seconds = windows_at_once, probe_seconds

    def load(self) -> Weights:
        """Read the weights now. MetricUnavailable names the checkpoint and what to set instead."""
        with _loading:
            return _weights(self.checkpoint, self.device, self.probe_seconds)

    @property
    def id(self) -> str:
        """Pipeline id; reads the weights."""
        weights = self.load()
        rules = f"window={weights.window / RATE_HZ:g}s hop=window last=end short={self.short_clips} level=asis"
        return f"clap {Path(self.checkpoint).name}={weights.bytes_id} {RATE_HZ}Hz {rules} fusion={int(weights.fusion)}"

    def embed_audio(self, clips: Sequence[Clip]) -> Rows:
        """(n, d) float32 unit rows: the mean over the windows of each clip."""
        weights = self.load()
        cut = [windows(wave(clip, rate_hz=RATE_HZ), length=weights.window) for clip in clips]
        whole = [fitted(one, weights.window, self.short_clips) for waves in cut for one in waves]
        rows = self._forward(weights, whole)
        ends = np.cumsum([len(waves) for waves in cut])
        means = [
            rows[end - len(waves) : end].mean(axis=0) for end, waves in zip(ends, cut, strict=True)
        ]
        return _unit(means, weights.model.config.projection_dim)

    def embed_features(self, clips: Sequence[Clip]) -> Rows:
        """(n, d) float32: the same rows, as FAD on CLAP is usually taken."""
        return self.embed_audio(clips)

    def embed_text(self, captions: Sequence[str]) -> Rows:
        """(m, d) float32 unit rows; each caption alone, so that its row never depends on its neighbours' length."""
        weights = self.load()
        return _unit(
            [_read(weights, caption, self.device) for caption in captions],
            weights.model.config.projection_dim,
        )

    def _forward(self, weights: Weights, whole: list[Wave]) -> NDArray[np.float64]:
        """(windows, d) unit rows. One window at a time by default: on a CPU batches are no faster, and round differently by size."""
        step = max(1, self.windows_at_once)
        parts = [
            _hear(weights, np.stack(whole[k : k + step]), self.device)
            for k in range(0, len(whole), step)
        ]
        return (
            np.concatenate(parts) if parts else np.empty((0, weights.model.config.projection_dim))
        )


def fitted(window: Wave, length: int, rule: ShortRule) -> Wave:
    """`length` samples: a shorter window is tiled as often as it fits whole (or not), then padded with silence."""
    tiled = np.tile(window, length // len(window)) if rule == "tile" else window
    return np.pad(tiled, (0, length - len(tiled)))


def clap_available(checkpoint: str = CHECKPOINT, timeout_seconds: float = 5.0) -> str | None:
    """Why a checkpoint cannot be had here, or None; answers within `timeout_seconds` and loads nothing."""
    if folder_of(checkpoint) is not None:
        return None
    return unreachable(checkpoint, seconds=timeout_seconds)


@cache
def _weights(checkpoint: str, device: str, probe_seconds: float) -> Weights:
    if (reason := clap_available(checkpoint, probe_seconds)) is not None:
        raise MetricUnavailable(
            f"clap checkpoint {checkpoint!r} cannot be loaded: {reason}; {HINT}"
        )
    try:
        with quiet():
            return _read_checkpoint(checkpoint, device)
    except (
        OSError,
        ValueError,
        RuntimeError,
        ImportError,
        KeyError,
        TypeError,
    ) as error:  # whatever a wrong folder makes transformers say
        said = " ".join(str(error).split())[:200]
        raise MetricUnavailable(
            f"clap checkpoint {checkpoint!r} cannot be loaded: {said}; {HINT}"
        ) from error


def _read_checkpoint(checkpoint: str, device: str) -> Weights:
    from transformers import AutoConfig, AutoTokenizer, ClapFeatureExtractor, ClapModel

    config = AutoConfig.from_pretrained(checkpoint)
    if config.model_type != "clap":
        raise ValueError(f"it holds a {config.model_type} model, not a ClapModel")
    extractor = ClapFeatureExtractor.from_pretrained(checkpoint)
    if extractor.sampling_rate != RATE_HZ:
        raise ValueError(f"its extractor wants {extractor.sampling_rate} Hz, not {RATE_HZ}")
    tokenizer = AutoTokenizer.from_pretrained(checkpoint)
    model, report = ClapModel.from_pretrained(checkpoint, output_loading_info=True)
    if report["missing_keys"]:
        raise ValueError(
            f"its weights lack {len(report['missing_keys'])} tensors, which would be drawn by chance"
        )
    folder = folder_of(checkpoint)
    bytes_id = bytes_digest(folder) if folder is not None else "hub"
    return Weights(
        model.eval().to(device),
        extractor,
        tokenizer,
        bool(model.config.audio_config.enable_fusion),
        bytes_id,
    )


def _hear(weights: Weights, waves: NDArray[np.float32], device: str) -> NDArray[np.float64]:
    import torch

    mels = torch.from_numpy(log_mel(waves, extractor=weights.extractor, fusion=weights.fusion))[
        :, None
    ]
    # A fused checkpoint takes four views: of one window four times the same, marked as the stock extractor marks a clip alone.
    views = mels.repeat(1, 4, 1, 1) if weights.fusion else mels
    longer = torch.full((len(views), 1), weights.fusion)
    with torch.inference_mode():
        said = weights.model.get_audio_features(
            input_features=views.to(device), is_longer=longer.to(device)
        )
    rows: NDArray[np.float64] = said.pooler_output.double().cpu().numpy()
    return rows


def _read(weights: Weights, caption: str, device: str) -> NDArray[np.float64]:
    import torch

    tokens = weights.tokenizer(
        [caption], truncation=True, max_length=_max_tokens(weights), return_tensors="pt"
    ).to(device)
    with torch.inference_mode():
        said = weights.model.get_text_features(
            input_ids=tokens["input_ids"], attention_mask=tokens["attention_mask"]
        )
    row: NDArray[np.float64] = said.pooler_output[0].double().cpu().numpy()
    return row


def _max_tokens(weights: Weights) -> int:
    """Positions less the two that RoBERTa keeps for padding."""
    return int(weights.model.config.text_config.max_position_embeddings) - 2


def _unit(rows: Sequence[NDArray[np.float64]], width: int) -> Rows:
    if not rows:
        return np.empty((0, width), np.float32)
    stacked = np.stack(rows)
    lengths: NDArray[np.float64] = np.linalg.norm(stacked, axis=1, keepdims=True)
    return (stacked / lengths).astype(np.float32)
