"""Quality of any sound as listeners would rate it, 1 to 10: Audiobox Aesthetics, no reference.

Four axes: enjoyment, usefulness, complexity of the production, and quality of the production. The
network's code is the package `audiobox_aesthetics`; its checkpoint (CC BY 4.0) is a folder that you
bring, with config.json and model.safetensors. Without either every number is unscored.

Source: Tjandra et al., Meta Audiobox Aesthetics (2025). 16 kHz, windows of 10 s side by side padded
with silence, the mean over them weighted by how much of each is sound. Always in float32.
"""

import threading
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from earmark.embedders import EmbeddingError
from earmark.embedders.checkpoints import LOAD_ERRORS, bytes_digest, one_line, quiet
from earmark.embedders.waveform import Wave, wave
from earmark.errors import AudioError, MetricUnavailable
from earmark.records import Clip, Scores, Task

RATE_HZ = 16000
WINDOW = 10 * RATE_HZ
AXES = {
    "aesthetics_quality": "PQ",
    "aesthetics_enjoyment": "CE",
    "aesthetics_usefulness": "CU",
    "aesthetics_complexity": "PC",
}
NAMES = tuple(AXES)
GET_CODE = "run `pip install --no-deps audiobox_aesthetics==0.0.4`"
GET_CHECKPOINT = (
    "download facebook/audiobox-aesthetics from a model hub and set"
    " metric.clip.aesthetics.checkpoint=FOLDER"
)


class Aesthetics:
    """Ratings by a checkpoint in a folder; None where there is none."""

    def __init__(self, *, checkpoint: str | None = None, device: str = "cpu") -> None:
        self.folder = Path(checkpoint).expanduser() if checkpoint else None
        self.device = device
        self._lock = threading.Lock()

    @property
    def id(self) -> str:
        """Digest of the checkpoint, and the pipeline."""
        there = self.folder is not None and self.folder.is_dir()
        weights = bytes_digest(self.folder) if self.folder and there else "none"
        return f"aesthetics {weights} {RATE_HZ}Hz window=10s hop=10s short=pad level=asis"

    def score(self, clip: Clip, task: Task) -> Scores:  # noqa: ARG002  # ratings depend on the clip alone
        """Each of NAMES, 1 to 10, or the reason why it is unscored."""
        try:
            with self._lock:
                ratings = self._ratings(wave(clip, rate_hz=RATE_HZ))
        except (AudioError, EmbeddingError, MetricUnavailable) as error:
            return Scores(unscored=dict.fromkeys(NAMES, str(error)))
        if not np.isfinite(list(ratings.values())).all():
            reason = f"{clip.path}: its ratings must be finite, they are not"
            return Scores(unscored=dict.fromkeys(NAMES, reason))
        return Scores(values=ratings)

    def _ratings(self, mono: Wave) -> dict[str, float]:
        import torch

        parts, shares = padded_windows(mono)
        sound = torch.from_numpy(parts)[:, None].to(self.device)
        mask = torch.arange(WINDOW)[None, None] < torch.from_numpy(shares * WINDOW)[:, None, None]
        with torch.inference_mode():
            raw = self._network({"wav": sound, "mask": mask.to(self.device)})
        ratings = {}
        for name, axis in AXES.items():
            scale = self._network.target_transform[axis]
            windows = raw[axis].double().cpu().numpy().reshape(-1) * scale["std"] + scale["mean"]
            ratings[name] = float(np.average(windows, weights=shares))
        return ratings

    @cached_property
    def _network(self) -> Any:  # noqa: ANN401  # the package ships no types
        if self.folder is None:
            raise MetricUnavailable(f"aesthetics needs a checkpoint, none is set; {GET_CHECKPOINT}")
        try:
            from audiobox_aesthetics.model.aes import AesMultiOutput
        except ImportError as error:
            raise MetricUnavailable(f"audiobox_aesthetics is not installed; {GET_CODE}") from error
        try:
            with quiet():
                network = AesMultiOutput.from_pretrained(str(self.folder), precision="32")
        except LOAD_ERRORS as error:
            raise MetricUnavailable(
                f"metric aesthetics checkpoint {str(self.folder)!r} must hold config.json and"
                f" model.safetensors, it cannot be read ({one_line(error)}); {GET_CHECKPOINT}"
            ) from error
        return network.to(self.device).float().eval()


def padded_windows(mono: Wave) -> tuple[Wave, NDArray[np.float64]]:
    """(n, 160000) windows side by side, the last padded with silence, and the share each fills."""
    count = max(1, -(-len(mono) // WINDOW))
    parts = np.pad(mono, (0, count * WINDOW - len(mono))).reshape(count, WINDOW)
    filled = np.minimum(WINDOW, len(mono) - WINDOW * np.arange(count))
    return parts.astype(np.float32), filled / WINDOW
