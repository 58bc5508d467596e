"""Features by any audio model of transformers, for distances between sets.

A clip is prepared (see waveform) as mono at the rate that the checkpoint's extractor states, and
cut into windows of 10 s side by side, the last ending with the clip. A shorter clip is padded with
silence to one second, and further by the extractor where the model was trained so (Whisper, AST). A
window's features are the mean over time of the model's last hidden states: of its encoder where it
also has a decoder, before quantisation where it is a codec. A clip's are the mean over its windows.
Each window is a forward pass of its own, so that a row is the same in any batch.
"""

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from earmark.embedders import Rows
from earmark.embedders.checkpoints import (
    checkpoint_digest,
    load_checkpoint,
    quiet,
    read_model,
)
from earmark.embedders.waveform import (
    Level,
    Preparation,
    Trim,
    Wave,
    padded,
    wave,
    windows,
)
from earmark.errors import MetricUnavailable
from earmark.records import Clip

WINDOW_SECONDS = 10.0
MIN_SECONDS = 1.0
# Codecs whose `encoder` gives (1, k, time) before quantisation.
CODECS = ("encodec", "dac", "mimi")
HINT = (
    "set embedder.checkpoint=FOLDER (fad_embedder.checkpoint=FOLDER) to a local copy,"
    " or fad_embedder=same"
)

_loading = threading.Lock()


@dataclass(frozen=True)
class Loaded:
    """A checkpoint in memory, and the digest of its bytes."""

    model: Any
    extractor: Any
    bytes_id: str

    @property
    def kind(self) -> str:
        """The model's type, as transformers names it."""
        return str(self.model.config.model_type)

    @property
    def rate_hz(self) -> int:
        """The rate that the extractor states."""
        return int(self.extractor.sampling_rate)

    @property
    def channels(self) -> int:
        """Channels that the model takes: two for some codecs."""
        settings = self.extractor.to_dict() if self.kind in CODECS else {}
        return int(settings.get("feature_size", 1))

    @property
    def width(self) -> int:
        """Columns of a row, as the configuration states them; 0 where it does not."""
        settings = self.model.config.to_dict()
        sizes = (settings.get(name) for name in ("hidden_size", "d_model", "embed_dim"))
        return int(next((size for size in sizes if size), 0))


class TransformersAudio:
    """Mean hidden states of an audio model.

    Weights are read once per process, at the first use.
    """

    standin = False

    def __init__(
        self,
        *,
        checkpoint: str | None = None,
        device: str = "cpu",
        level: Level = "asis",
        trim: Trim = "none",
        name: str = "transformers",
    ) -> None:
        self.checkpoint, self.device, self.name = checkpoint or "", device, name
        self.preparation = Preparation(level, trim)

    def load(self) -> Loaded:
        """Read the weights now. MetricUnavailable names the checkpoint and what to set instead."""
        if not self.checkpoint:
            raise MetricUnavailable(f"{self.name}: needs a checkpoint, and none is set; {HINT}")
        with _loading:
            return _load(self.checkpoint, self.device)

    @property
    def id(self) -> str:
        """Pipeline id; reads the weights."""
        loaded = self.load()
        checkpoint = f"{Path(self.checkpoint).name}={loaded.bytes_id}"
        window = f"window={WINDOW_SECONDS:g}s hop=window last=end"
        rules = f"short=pad{MIN_SECONDS:g}s {self.preparation.id} pool=mean"
        return f"{loaded.kind} {checkpoint} {loaded.rate_hz}Hz {window} {rules}"

    def embed_features(self, clips: Sequence[Clip]) -> Rows:
        """(n, k) float32; each clip alone."""
        loaded = self.load()
        rows = [self._embed(clip, loaded) for clip in clips]
        if not rows:
            return np.empty((0, loaded.width), np.float32)
        return np.stack(rows).astype(np.float32)

    def _embed(self, clip: Clip, loaded: Loaded) -> NDArray[np.float64]:
        mono = wave(clip, rate_hz=loaded.rate_hz, preparation=self.preparation)
        mono = padded(mono, MIN_SECONDS, loaded.rate_hz)
        parts = windows(mono, length=round(WINDOW_SECONDS * loaded.rate_hz))
        states = [_mean_state(part, loaded, self.device) for part in parts]
        mean: NDArray[np.float64] = np.mean(states, axis=0)
        return mean


def _mean_state(part: Wave, loaded: Loaded, device: str) -> NDArray[np.float64]:
    """(k,) mean over time of one window's states."""
    import torch

    sound = np.tile(part, (2, 1)) if loaded.channels == 2 else part
    inputs = loaded.extractor(sound, sampling_rate=loaded.rate_hz, return_tensors="pt").to(device)
    with torch.inference_mode():
        states = _hidden_states(loaded, inputs)
    row: NDArray[np.float64] = states.double().mean(dim=1)[0].cpu().numpy()
    return row


def _hidden_states(loaded: Loaded, inputs: Any) -> Any:  # noqa: ANN401  # tensors of transformers: no types
    """(1, time, k) states, for each kind of model."""
    if loaded.kind in CODECS:
        return loaded.model.encoder(inputs["input_values"]).transpose(1, 2)
    known = {name: inputs[name] for name in ("input_values", "input_features") if name in inputs}
    if loaded.model.config.is_encoder_decoder:
        return loaded.model.get_encoder()(**known).last_hidden_state
    return loaded.model(**known).last_hidden_state


@cache
def _load(checkpoint: str, device: str) -> Loaded:
    def error(reason: str) -> MetricUnavailable:
        problem = f"checkpoint {checkpoint!r} cannot be loaded: {reason}"
        return MetricUnavailable(f"{problem}; {HINT}")

    return load_checkpoint(checkpoint, partial(_read_checkpoint, device=device), error=error)


@quiet()
def _read_checkpoint(checkpoint: str, device: str) -> Loaded:
    from transformers import AutoConfig, AutoFeatureExtractor, AutoModel

    kind = AutoConfig.from_pretrained(checkpoint).model_type
    if kind == "clap":
        raise ValueError("it holds a ClapModel; set embedder=clap, which also embeds captions")
    extractor = AutoFeatureExtractor.from_pretrained(checkpoint)
    if "sampling_rate" not in extractor.to_dict():
        raise ValueError(
            f"it must hold an audio model, it holds a {kind} model, whose extractor states no"
            " sampling rate"
        )
    model = read_model(AutoModel, checkpoint, device=device)
    return Loaded(model, extractor, checkpoint_digest(checkpoint))
