"""Clips of known sounds, and ClapModel checkpoints with random weights, in folders."""

from pathlib import Path

import numpy as np
import pytest
import soundfile

from earmark.audio import read_clip
from earmark.records import Clip
from earmark.testing.clap import save_checkpoint

RATE_HZ = 48000


def write(path: Path, sound: np.ndarray, rate_hz: int = RATE_HZ) -> Clip:
    soundfile.write(path, sound.astype(np.float32), rate_hz, subtype="FLOAT")
    return read_clip(path)


@pytest.fixture(scope="session")
def clips(tmp_path_factory) -> list[Clip]:
    """Short clicks, a 3.3 s tone, 10 s of noise, a sweep of 23 s in stereo at another rate."""
    folder, rng = tmp_path_factory.mktemp("clips"), np.random.default_rng(3)
    t = np.arange(int(3.3 * RATE_HZ)) / RATE_HZ
    clicks = np.zeros(RATE_HZ // 2)
    clicks[::4000] = 0.9
    long = np.arange(23 * 22050) / 22050
    sweep = 0.3 * np.sin(2 * np.pi * (100 + 60 * long) * long)
    return [
        write(folder / "clicks.wav", clicks),
        write(folder / "tone.wav", 0.5 * np.sin(2 * np.pi * 440 * t) * np.hanning(len(t))),
        write(folder / "noise.wav", rng.normal(scale=0.1, size=10 * RATE_HZ)),
        write(folder / "sweep.wav", np.stack([sweep, 0.5 * sweep], axis=1), 22050),
    ]


@pytest.fixture(scope="session")
def captions() -> list[str]:
    return ["a dog barks", "rain", "the sound of a bell", "the sound of a bell twice"]


@pytest.fixture(scope="session")
def checkpoint(tmp_path_factory) -> Path:
    return save_checkpoint(tmp_path_factory.mktemp("checkpoint"))


@pytest.fixture(scope="session")
def fused_checkpoint(tmp_path_factory) -> Path:
    return save_checkpoint(tmp_path_factory.mktemp("fused"), fusion=True)


@pytest.fixture(scope="session")
def full_checkpoint(tmp_path_factory) -> Path:
    return save_checkpoint(tmp_path_factory.mktemp("full"), full_size=True)
