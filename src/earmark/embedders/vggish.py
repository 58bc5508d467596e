"""VGGish through frechet-audio-distance: features for distances between sets.

In: Clips. Out: (n, 128) float32. The network comes from a torch hub folder of the user's, which must hold the repository
harritaylor_torchvggish_master and its weights; nothing is fetched. The library's own scoring is not used: it prints its errors and
answers -1.
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
from earmark.identity import digest, file_digest
from earmark.records import Clip

RATE_HZ = 16000
REPOSITORY = "harritaylor_torchvggish_master"
SHORTEST_SECONDS = 1.0

_loading = threading.Lock()


class Vggish:
    """VGGish without PCA and without the last activation, as frechet-audio-distance uses it; mean over windows of 0.96 s."""

    standin = False

    def __init__(self, *, folder: str | None = None, name: str = "vggish") -> None:
        self.folder, self.name = folder, name

    def load(self) -> Any:  # a torch module of the hub repository
        """Read the weights now. MetricUnavailable names the repository and where to put it."""
        with _loading:
            return _model(self._place())

    def _place(self) -> Path:
        place = Path(self.folder or "").expanduser()
        if self.folder is None or not (place / REPOSITORY / "hubconf.py").is_file():
            hint = "set fad_embedder.folder=FOLDER to a torch hub folder that holds it, or fad_embedder=same"
            raise MetricUnavailable(
                f"vggish repository {REPOSITORY}: is not in folder {self.folder!r}; {hint}"
            )
        return place

    @property
    def id(self) -> str:
        """Pipeline id; reads the bytes of repository and weights."""
        return f"vggish torch-hub={_bytes_id(self._place())} {RATE_HZ}Hz window=0.96s short=pad level=asis pca=0 activation=0"

    def embed_features(self, clips: Sequence[Clip]) -> Rows:
        """(n, 128) float32; each clip alone."""
        import torch

        model, rows = self.load(), []
        for clip in clips:
            mono = wave(clip, rate_hz=RATE_HZ)
            whole = np.pad(mono, (0, max(0, int(SHORTEST_SECONDS * RATE_HZ) - len(mono))))
            with torch.inference_mode():
                said = model.forward(whole, RATE_HZ)
            rows.append(said.reshape(-1, said.shape[-1]).mean(dim=0).float().numpy())
        return np.stack(rows) if rows else np.empty((0, 128), np.float32)


@cache
def _model(place: Path) -> Any:  # a torch module
    import torch
    from frechet_audio_distance import FrechetAudioDistance

    before = torch.hub.get_dir()
    try:
        return FrechetAudioDistance(ckpt_dir=str(place), model_name="vggish").model
    except Exception as error:  # code of the user's hub folder raises what it likes; it is chained
        raise MetricUnavailable(
            f"vggish in {place}: cannot be read ({' '.join(str(error).split())[:120]}); fetch it again"
        ) from error
    finally:
        torch.hub.set_dir(before)  # the library moves the hub folder of the whole process


@cache
def _bytes_id(place: Path) -> str:
    files = sorted(
        path for path in place.rglob("*") if path.suffix in (".py", ".pth") and path.is_file()
    )
    return digest([[path.relative_to(place).as_posix(), file_digest(path)] for path in files])[:8]
