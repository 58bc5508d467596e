"""Any audio model of transformers, by name: clips -> features for distances between sets.

In: Clips. Out: (n, k) float32. A clip is mono at the rate that the checkpoint's own extractor states, level as recorded, cut into windows
of 10 s side by side, the last ending with the clip; a shorter clip is padded with silence to a second, and further by the extractor where
the model was trained so (Whisper, AST). A window's features are the mean over time of the model's last hidden states (of its encoder,
where it also writes; before quantisation, where it is a codec); a clip's are the mean over its windows. Each window is a forward pass of
its own, so that a row is the same in any company. It reads no captions: see clap.
"""

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from earmark.embedders import Rows
from earmark.embedders.checkpoints import bytes_digest, folder_of, quiet, unreachable
from earmark.embedders.waveform import Wave, wave, windows
from earmark.errors import MetricUnavailable
from earmark.records import Clip

WINDOW_SECONDS = 10.0
SHORTEST_SECONDS = 1.0
HINT = "set embedder.checkpoint=FOLDER (fad_embedder.checkpoint=FOLDER) to a local copy, or fad_embedder=same"

_loading = threading.Lock()


@dataclass(frozen=True)
class Loaded:
    """A checkpoint in memory, and what identifies its bytes."""

    model: Any
    extractor: Any
    bytes_id: str

    @property
    def rate_hz(self) -> int:
        """What the extractor states."""
        return int(self.extractor.sampling_rate)

    @property
    def width(self) -> int:
        """k, where no clip tells it."""
        config = self.model.config
        return int(
            next(
                (
                    size
                    for name in ("hidden_size", "d_model", "embed_dim")
                    if (size := getattr(config, name, None))
                ),
                0,
            )
        )


class TransformersAudio:
    """Mean hidden states of an audio model; weights are read once per process, at the first use."""

    standin = False

    def __init__(
        self,
        *,
        checkpoint: str | None = None,
        device: str = "cpu",
        probe_seconds: float = 5.0,
        name: str = "transformers",
    ) -> None:
        self.checkpoint, self.device, self.probe_seconds, self.name = (
            checkpoint or "",
            device,
            probe_seconds,
            name,
        )

    def load(self) -> Loaded:
        """Read the weights now. MetricUnavailable names the checkpoint and what to set instead."""
        if not self.checkpoint:
            raise MetricUnavailable(f"{self.name}: names no checkpoint; {HINT}")
        with _loading:
            return _loaded(self.checkpoint, self.device, self.probe_seconds)

    @property
    def id(self) -> str:
        """Pipeline id; reads the weights."""
        have = self.load()
        kind = have.model.config.model_type
        rules = f"window={WINDOW_SECONDS:g}s hop=window last=end short=pad{SHORTEST_SECONDS:g}s level=asis pool=mean"
        return f"{kind} {Path(self.checkpoint).name}={have.bytes_id} {have.rate_hz}Hz {rules}"

    def embed_features(self, clips: Sequence[Clip]) -> Rows:
        """(n, k) float32; each clip alone."""
        have = self.load()
        rows = [self._heard(clip, have) for clip in clips]
        return np.stack(rows).astype(np.float32) if rows else np.empty((0, have.width), np.float32)

    def _heard(self, clip: Clip, have: Loaded) -> NDArray[np.float64]:
        mono = wave(clip, rate_hz=have.rate_hz)
        whole = np.pad(mono, (0, max(0, round(SHORTEST_SECONDS * have.rate_hz) - len(mono))))
        parts = [
            _states(part, have, self.device)
            for part in windows(whole, length=round(WINDOW_SECONDS * have.rate_hz))
        ]
        mean: NDArray[np.float64] = np.mean(parts, axis=0)
        return mean


def _states(part: Wave, have: Loaded, device: str) -> NDArray[np.float64]:
    """(k,) mean over time of one window's states."""
    import torch

    channels = (
        getattr(have.extractor, "feature_size", 1) if have.model.config.model_type in CODECS else 1
    )
    sound = np.tile(part, (2, 1)) if channels == 2 else part
    asked = have.extractor(sound, sampling_rate=have.rate_hz, return_tensors="pt").to(device)
    with torch.inference_mode():
        states = _run(have.model, asked)
    row: NDArray[np.float64] = states.double().mean(dim=1)[0].cpu().numpy()
    return row


# Codecs whose `encoder` gives (1, k, time) before quantisation.
CODECS = ("encodec", "dac", "mimi")


def _run(model: Any, asked: Any) -> Any:  # a model and tensors of transformers, which has no types
    """(1, time, k) states of whichever kind of model this is."""
    if model.config.model_type in CODECS:
        return model.encoder(asked["input_values"]).transpose(1, 2)
    inputs = {name: asked[name] for name in ("input_values", "input_features") if name in asked}
    if getattr(model.config, "is_encoder_decoder", False):
        return model.get_encoder()(**inputs).last_hidden_state
    return model(**inputs).last_hidden_state


@cache
def _loaded(checkpoint: str, device: str, probe_seconds: float) -> Loaded:
    folder = folder_of(checkpoint)
    if folder is None and (reason := unreachable(checkpoint, seconds=probe_seconds)) is not None:
        raise MetricUnavailable(f"checkpoint {checkpoint!r} cannot be loaded: {reason}; {HINT}")
    try:
        with quiet():
            return _read(checkpoint, device)
    except (
        OSError,
        ValueError,
        RuntimeError,
        ImportError,
        KeyError,
        TypeError,
        AttributeError,
    ) as error:  # whatever a wrong folder brings
        said = " ".join(str(error).split())[:200]
        raise MetricUnavailable(
            f"checkpoint {checkpoint!r} cannot be loaded: {said}; {HINT}"
        ) from error


def _read(checkpoint: str, device: str) -> Loaded:
    from transformers import AutoConfig, AutoFeatureExtractor, AutoModel

    kind = AutoConfig.from_pretrained(checkpoint).model_type
    if kind == "clap":
        raise ValueError("it holds a ClapModel, which embedder=clap hears with its captions")
    extractor = AutoFeatureExtractor.from_pretrained(checkpoint)
    if not hasattr(extractor, "sampling_rate"):
        raise ValueError(
            f"it holds a {kind} model, whose extractor states no sampling rate: it does not hear"
        )
    model, found = AutoModel.from_pretrained(checkpoint, output_loading_info=True)
    if missing := sorted(found["missing_keys"]):
        raise ValueError(f"its weights lack {len(missing)} tensors, the first is {missing[0]}")
    folder = folder_of(checkpoint)
    return Loaded(
        model.eval().to(device), extractor, bytes_digest(folder) if folder is not None else "hub"
    )
