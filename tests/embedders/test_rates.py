"""Equal sound gets an equal score whatever its sample rate: 16, 44.1 or 48 kHz.

The sounds have nothing above 7.2 kHz, so that they are the same sound at every rate.
"""

from pathlib import Path

import numpy as np
import pytest
import soundfile
from numpy.typing import NDArray
from scipy import signal

from earmark.audio import read_clip
from earmark.embedders.yamnet_minilm import YamnetMinilm
from earmark.metrics.text_audio import TextAudio

pytestmark = pytest.mark.parts
RATES_HZ = (16000, 44100, 48000)
MADE_HZ = 48000
CAPTIONS = ("a dog barking", "rain falling", "a church bell ringing", "someone speaking")
TIME = np.arange(3 * MADE_HZ) / MADE_HZ
NOISE = np.random.default_rng(0).standard_normal(len(TIME))
Sound = NDArray[np.float64]


def low(sound: Sound) -> Sound:
    stages = signal.butter(12, 7000, fs=MADE_HZ, output="sos")
    filtered = signal.sosfiltfilt(stages, sound) * np.minimum(1, 50 * np.minimum(TIME, TIME[::-1]))
    same: Sound = 0.5 * filtered / np.abs(filtered).max()
    return same


def bell() -> Sound:
    partials = [np.sin(2 * np.pi * hz * TIME) * np.exp(-2 * TIME) for hz in (440, 880, 1310, 2110)]
    return low(np.sum(partials, axis=0))


def voice() -> Sound:
    pulses = signal.sawtooth(2 * np.pi * 130 * TIME) * (1 + np.sin(2 * np.pi * 4 * TIME))
    return low(pulses)


SOUNDS = {
    "rain": low(NOISE),
    "bell": bell(),
    "voice": voice(),
    "knocks": low(NOISE * np.exp(-30 * (TIME % 0.5))),
}


@pytest.mark.parametrize("name", SOUNDS)
def test_equal_sound_has_an_equal_score_at_every_rate(name: str, tmp_path: Path) -> None:
    metric = TextAudio(YamnetMinilm(), cache=str(tmp_path / "cache"))
    scores = []
    for rate_hz in RATES_HZ:
        path = tmp_path / f"{rate_hz}.wav"
        sound = signal.resample(SOUNDS[name], len(TIME) * rate_hz // MADE_HZ)
        soundfile.write(path, sound, rate_hz, subtype="FLOAT")
        scores.append(metric.cosines(read_clip(path), CAPTIONS).mean(axis=1))
    for other in scores[1:]:
        np.testing.assert_allclose(other, scores[0], atol=0.01)


def test_another_sound_would_be_seen(tmp_path: Path) -> None:
    metric = TextAudio(YamnetMinilm(), cache=str(tmp_path / "cache"))
    scores = []
    for name in ("rain", "bell"):
        path = tmp_path / f"{name}.wav"
        soundfile.write(path, SOUNDS[name], MADE_HZ, subtype="FLOAT")
        scores.append(metric.cosines(read_clip(path), CAPTIONS).mean(axis=1))
    assert np.abs(scores[0] - scores[1]).max() > 0.1
