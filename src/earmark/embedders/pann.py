"""PANN: (n, 2048) features by Cnn14 at 16 kHz, the whole clip in one pass."""

from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from earmark.embedders.local_network import RATE_HZ, LocalNetwork
from earmark.embedders.waveform import Level, Trim, Wave
from earmark.identity import file_digest


class Pann(LocalNetwork):
    """Cnn14, from a checkpoint file of the user's."""

    width = 2048
    file = "Cnn14_16k_mAP%3D0.438.pth"

    def __init__(
        self,
        *,
        folder: str | None = None,
        level: Level = "asis",
        trim: Trim = "none",
        name: str = "pann",
    ) -> None:
        super().__init__(folder=folder, name=name, level=level, trim=trim)

    @property
    def id(self) -> str:
        """Pipeline id; reads the checkpoint's bytes."""
        bytes_id = _bytes_id(self.existing_folder() / self.file)
        return f"pann cnn14={bytes_id} {RATE_HZ}Hz window=clip short=pad {self.preparation.id}"

    def read(self, folder: Path) -> Any:  # noqa: ANN401  # a torch module or tensor
        """The network of frechet-audio-distance."""
        from frechet_audio_distance import FrechetAudioDistance

        return FrechetAudioDistance(
            ckpt_dir=str(folder), model_name="pann", sample_rate=RATE_HZ
        ).model.cpu()

    def features(self, model: Any, mono: Wave) -> NDArray[np.float32]:  # noqa: ANN401  # a torch module or tensor
        """(2048,) of the whole clip."""
        import torch

        row: NDArray[np.float32] = (
            model(torch.from_numpy(mono)[None], None)["embedding"][0].float().numpy()
        )
        return row


@cache
def _bytes_id(file: Path) -> str:
    return file_digest(file)[:8]
