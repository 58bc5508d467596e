"""Equal sound gets an equal score whatever its sample rate: 16, 44.1 or 48 kHz.

The sounds have nothing above 7.2 kHz, so that they are the same sound at every rate.
"""

from pathlib import Path

import numpy as np
import pytest
import soundfile
from hypothesis import given, settings
from hypothesis import strategies as st
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


def require_equal_at_every_rate(sound: Sound, folder: Path) -> None:
    metric = TextAudio(YamnetMinilm(), cache=str(folder / "cache"))
    scores = []
    for rate_hz in RATES_HZ:
        path = folder / f"{rate_hz}.wav"
        samples = signal.resample(sound, len(TIME) * rate_hz // MADE_HZ)
        soundfile.write(path, samples, rate_hz, subtype="FLOAT")
        scores.append(metric.cosines(read_clip(path), CAPTIONS).mean(axis=1))
    for other in scores[1:]:
        np.testing.assert_allclose(other, scores[0], atol=0.01)


@pytest.mark.parametrize("name", SOUNDS)
def test_equal_sound_has_an_equal_score_at_every_rate(name: str, tmp_path: Path) -> None:
    require_equal_at_every_rate(SOUNDS[name], tmp_path)


PARTIALS = st.tuples(st.floats(60, 6500), st.floats(0, 20), st.floats(0.05, 1))
STROKES_HZ = st.floats(0.5, 8)


@settings(max_examples=10, deadline=None)
@given(st.lists(PARTIALS, min_size=1, max_size=8), STROKES_HZ, st.floats(0, 1))
def test_any_sound_of_partials_and_noise_has_an_equal_score_at_every_rate(
    tmp_path_factory: pytest.TempPathFactory,
    partials: list[tuple[float, float, float]],
    strokes_hz: float,
    noise: float,
) -> None:
    """Partials of a frequency, a decay and a level, struck again and again."""
    since = TIME % (1 / strokes_hz)
    rings = [
        level * np.sin(2 * np.pi * hz * since) * np.exp(-decay * since)
        for hz, decay, level in partials
    ]
    sound = low(np.sum(rings, axis=0) + noise * NOISE * np.exp(-30 * since))
    require_equal_at_every_rate(sound, tmp_path_factory.mktemp("rates"))


def test_another_sound_would_be_seen(tmp_path: Path) -> None:
    metric = TextAudio(YamnetMinilm(), cache=str(tmp_path / "cache"))
    scores = []
    for name in ("rain", "bell"):
        path = tmp_path / f"{name}.wav"
        soundfile.write(path, SOUNDS[name], MADE_HZ, subtype="FLOAT")
        scores.append(metric.cosines(read_clip(path), CAPTIONS).mean(axis=1))
    assert np.abs(scores[0] - scores[1]).max() > 0.1
