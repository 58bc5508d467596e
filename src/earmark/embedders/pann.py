"""PANN through frechet-audio-distance: Cnn14 features for distances between sets.

In: Clips. Out: (n, 2048) float32. The checkpoint is a file of the user's; nothing is fetched. The library's own scoring is not used: it
prints its errors and answers -1.
"""

import threading
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from earmark.embedders import Rows
from earmark.embedders.waveform import wave
from earmark.errors import MetricUnavailable
from earmark.identity import file_digest
from earmark.records import Clip

RATE_HZ = 16000
FILE = "Cnn14_16k_mAP%3D0.438.pth"
SHORTEST_SECONDS = 1.0

_loading = threading.Lock()


class Pann:
    """Cnn14 at 16 kHz; the whole clip in one pass, shorter ones padded with silence to a second."""

    standin = False

    def __init__(self, *, folder: str | None = None, name: str = "pann") -> None:
        self.folder, self.name = folder, name

    def load(self) -> Any:  # a torch module of frechet_audio_distance
        """Read the weights now. MetricUnavailable names the file and where to put it."""
        with _loading:
            return _model(self._file())

    def _file(self) -> Path:
        file = Path(self.folder or "").expanduser() / FILE
        if self.folder is None or not file.is_file():
            hint = "set embedder.folder=FOLDER (fad_embedder.folder=FOLDER) to where it lies, or fad_embedder=same"
            raise MetricUnavailable(
                f"pann checkpoint {FILE}: is not in folder {self.folder!r}; {hint}"
            )
        return file

    @property
    def id(self) -> str:
        """Pipeline id; reads the checkpoint's bytes."""
        return f"pann cnn14={_bytes_id(self._file())} {RATE_HZ}Hz window=clip short=pad level=asis"

    def embed_features(self, clips: Sequence[Clip]) -> Rows:
        """(n, 2048) float32; each clip alone."""
        import torch

        model, rows = self.load(), []
        for clip in clips:
            mono = wave(clip, rate_hz=RATE_HZ)
            whole = np.pad(mono, (0, max(0, int(SHORTEST_SECONDS * RATE_HZ) - len(mono))))
            with torch.inference_mode():
                rows.append(
                    model(torch.from_numpy(whole)[None], None)["embedding"][0].float().numpy()
                )
        return np.stack(rows) if rows else np.empty((0, 2048), np.float32)


@cache
def _model(file: Path) -> Any:  # a torch module
    from frechet_audio_distance import FrechetAudioDistance

    try:
        return FrechetAudioDistance(
            ckpt_dir=str(file.parent), model_name="pann", sample_rate=RATE_HZ
        ).model.cpu()
    except (
        Exception
    ) as error:  # an unpickler raises whatever a torn file leads it to; it is chained
        raise MetricUnavailable(
            f"pann checkpoint {file}: cannot be read ({' '.join(str(error).split())[:120]}); fetch it again"
        ) from error


@cache
def _bytes_id(file: Path) -> str:
    return file_digest(file)[:8]
