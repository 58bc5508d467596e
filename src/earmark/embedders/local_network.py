"""Networks that frechet-audio-distance builds from local files, for features of sets.

Nothing is fetched. The library's own scoring is not used: it prints its errors and returns -1.
A clip is prepared (see waveform) as mono at 16 kHz, and padded with silence to one second.
"""

import threading
from abc import ABC, abstractmethod
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from earmark.audio.numba_folder import one_process
from earmark.embedders import Rows
from earmark.embedders.checkpoints import one_line
from earmark.embedders.waveform import Level, Preparation, Trim, Wave, padded, wave
from earmark.errors import MetricUnavailable
from earmark.records import Clip

RATE_HZ = 16000
MIN_SECONDS = 1.0
IMPORTED = ("resampy", "torchlibrosa")  # by the library; `make setup` leaves them out

_loading = threading.Lock()
_models: dict[tuple[type, Path], Any] = {}  # torch modules, read once per process


class LocalNetwork(ABC):
    """One network: which file it needs, how it is read, and how it embeds a waveform."""

    standin = False
    width: ClassVar[int]
    file: ClassVar[str]

    def __init__(
        self, *, folder: str | None, name: str, level: Level = "asis", trim: Trim = "none"
    ) -> None:
        self.folder, self.name, self.preparation = folder, name, Preparation(level, trim)

    @abstractmethod
    def read(self, folder: Path) -> Any:  # noqa: ANN401  # a torch module or tensor
        """The torch module in a folder. It may raise anything."""

    @abstractmethod
    def features(self, model: Any, mono: Wave) -> NDArray[np.float32]:  # noqa: ANN401  # a torch module or tensor
        """(width,) features of a waveform, in torch's inference mode."""

    def load(self) -> Any:  # noqa: ANN401  # a torch module or tensor
        """Read the weights now. MetricUnavailable names the file and where to put it."""
        folder = self.existing_folder()
        self._check_library()
        with _loading:
            key = (type(self), folder)
            if key not in _models:
                try:
                    with one_process():
                        _models[key] = self.read(folder)
                except Exception as error:  # code and pickles of a user's folder raise anything
                    raise MetricUnavailable(
                        f"{self.name} in {folder} cannot be read ({one_line(error, length=120)});"
                        " fetch it again"
                    ) from error
            return _models[key]

    def existing_folder(self) -> Path:
        """The folder, which holds the file. MetricUnavailable where it does not."""
        hint = "set fad_embedder.folder=FOLDER to a folder that holds it, or fad_embedder=same"
        if self.folder is None:
            problem = f"{self.name}: needs a folder with {self.file}, and none is set"
            raise MetricUnavailable(f"{problem}; {hint}")
        folder = Path(self.folder).expanduser()
        if not (folder / self.file).is_file():
            problem = f"{self.name}: {self.file} must be in folder {self.folder!r}, it is not"
            raise MetricUnavailable(f"{problem}; {hint}")
        return folder

    def _check_library(self) -> None:
        if missing := [name for name in IMPORTED if find_spec(name) is None]:
            names = " ".join(missing)
            raise MetricUnavailable(
                f"{self.name}: frechet-audio-distance imports {names}, not installed here; run"
                f" `pip install -c constraints.txt {names}`, or set fad_embedder=same"
            )

    def embed_features(self, clips: Sequence[Clip]) -> Rows:
        """(n, width) float32; each clip alone."""
        import torch

        model = self.load()
        rows = np.empty((len(clips), self.width), np.float32)
        for row, clip in zip(rows, clips, strict=True):
            mono = wave(clip, rate_hz=RATE_HZ, preparation=self.preparation)
            mono = padded(mono, MIN_SECONDS, RATE_HZ)
            with torch.inference_mode():
                row[:] = self.features(model, mono)
        return rows
