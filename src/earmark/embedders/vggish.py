"""VGGish: (n, 128) features, mean over windows of 0.96 s, without PCA and the last activation.

The network comes from a torch hub folder of the user's, which holds the repository
harritaylor_torchvggish_master and its weights.
"""

from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from earmark.embedders import Rows
from earmark.embedders.local_network import MIN_SECONDS, RATE_HZ, LocalNetwork
from earmark.embedders.waveform import Level, Trim, Wave, padded, wave
from earmark.identity import digest, file_digest
from earmark.records import Clip

REPOSITORY = "harritaylor_torchvggish_master"


class Vggish(LocalNetwork):
    """VGGish as frechet-audio-distance uses it."""

    width = 128
    file = f"{REPOSITORY}/hubconf.py"

    def __init__(
        self,
        *,
        folder: str | None = None,
        level: Level = "asis",
        trim: Trim = "none",
        name: str = "vggish",
    ) -> None:
        super().__init__(folder=folder, name=name, level=level, trim=trim)

    @property
    def id(self) -> str:
        """Pipeline id; reads the bytes of repository and weights."""
        bytes_id = _bytes_id(self.existing_folder())
        rules = f"window=0.96s short=pad {self.preparation.id} pca=0 activation=0"
        return f"vggish torch-hub={bytes_id} {RATE_HZ}Hz {rules}"

    def read(self, folder: Path) -> Any:  # noqa: ANN401  # a torch module or tensor
        """The network of the hub folder."""
        import torch
        from frechet_audio_distance import FrechetAudioDistance

        before = torch.hub.get_dir()
        try:
            return FrechetAudioDistance(ckpt_dir=str(folder), model_name="vggish").model
        finally:
            torch.hub.set_dir(before)  # the library moves the hub folder of the whole process

    def features(self, model: Any, mono: Wave) -> NDArray[np.float32]:  # noqa: ANN401  # a torch module or tensor
        """(128,) mean over the windows."""
        row: NDArray[np.float32] = self._windows(model, mono).mean(axis=0)
        return row

    def embed_frames(self, clip: Clip) -> Rows:
        """(windows, 128) float32: one row per 0.96 s."""
        import torch

        mono = wave(clip, rate_hz=RATE_HZ, preparation=self.preparation)
        with torch.inference_mode():
            return self._windows(self.load(), padded(mono, MIN_SECONDS, RATE_HZ))

    def _windows(self, model: Any, mono: Wave) -> Rows:  # noqa: ANN401  # a torch module or tensor
        windows = model.forward(mono, RATE_HZ)
        rows: Rows = windows.reshape(-1, windows.shape[-1]).float().numpy()
        return rows


@cache
def _bytes_id(folder: Path) -> str:
    paths = (path for path in folder.rglob("*") if path.suffix in (".py", ".pth"))
    files = sorted(path for path in paths if path.is_file())
    return digest([[path.relative_to(folder).as_posix(), file_digest(path)] for path in files])[:8]
