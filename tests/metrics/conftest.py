"""Sets of rows, and clips on disk, of known distance from each other."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from earmark.audio import read_clip
from earmark.records import Clip, Task


def tone(path: Path, f_hz: float, *, level: float = 0.5, seconds: float = 0.4) -> Clip:
    path.parent.mkdir(parents=True, exist_ok=True)
    t = np.arange(int(seconds * 16000)) / 16000
    soundfile.write(path, level * np.sin(2 * np.pi * f_hz * t), 16000, subtype="PCM_16")
    return read_clip(path)


@pytest.fixture(scope="session")
def clips(tmp_path_factory) -> list[Clip]:
    """Three samples of each of six tasks."""
    folder = tmp_path_factory.mktemp("run")
    return [tone(folder / f"{k}.wav", 200 + 100 * k, level=0.2 + 0.02 * k) for k in range(18)]


@pytest.fixture(scope="session")
def clip(clips: list[Clip]) -> Clip:
    return clips[0]


@pytest.fixture(scope="session")
def task() -> Task:
    return Task(id="low", tier="notes", caption="a low tone", prompt="", seconds=0.4)


@pytest.fixture(scope="session")
def pairs(clips: list[Clip]) -> list[tuple[Clip, Task]]:
    """The clips, each with its task."""
    return [
        (clip, Task(id=f"task{k % 6}", tier="notes", caption="", prompt="", seconds=0.4))
        for k, clip in enumerate(clips)
    ]


class Bands:
    """A real, tiny embedder: spectrum bands are its space, and words point at bands."""

    name, id, standin = "bands", "bands 1", True
    words = ("low", "middle", "high")

    def embed_features(self, clips: Sequence[Clip]) -> Any:
        from earmark.audio import samples

        rows = [
            np.abs(np.fft.rfft(samples(clip)[0][:, 0], 4096))[:1024].reshape(16, 64).sum(axis=1)
            for clip in clips
        ]
        return np.array(rows, np.float32).reshape(-1, 16)

    def embed_audio(self, clips: Sequence[Clip]) -> Any:
        rows = self.embed_features(clips)
        return rows / np.linalg.norm(rows, axis=1, keepdims=True)

    def embed_text(self, captions: Sequence[str]) -> Any:
        rows = np.full((len(captions), 16), 0.01, np.float32)
        for row, caption in zip(rows, captions, strict=True):
            for k, word in enumerate(self.words):
                row[5 * k : 5 * k + 5] += float(word in caption)
        return rows / np.linalg.norm(rows, axis=1, keepdims=True)


@pytest.fixture
def embedder() -> Bands:
    return Bands()
