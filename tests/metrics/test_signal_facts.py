"""Signal facts on signals whose facts are known, and on bad audio."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from earmark.audio import read_clip
from earmark.metrics.signal_facts import NAMES, Signal, silence_share, spectrum_facts
from earmark.records import Scores, Task
from earmark.testing.metrics import ClipMetricContract, require_complete


class TestContract(ClipMetricContract):
    @pytest.fixture
    def metric(self):
        return Signal()

    @pytest.fixture
    def names(self):
        return ("silence_share", *NAMES)


def facts(tmp_path: Path, task: Task, sound: Any, rate_hz: int = 44100) -> Scores:
    soundfile.write(tmp_path / "a.wav", sound, rate_hz, subtype="FLOAT")
    scores = Signal().score(read_clip(tmp_path / "a.wav"), task)
    require_complete(scores, NAMES)
    return scores


def test_a_tone_then_silence(tmp_path, task):
    t = np.arange(44100) / 44100
    values = facts(
        tmp_path, task, np.concatenate([0.5 * np.sin(2 * np.pi * 1000 * t), np.zeros(44100)])
    ).values
    assert values["silence_share"] == pytest.approx(0.5, abs=0.02)
    assert values["centroid_hz"] == pytest.approx(1000, rel=0.01)
    assert values["peak_dbfs"] == pytest.approx(-6.02, abs=0.01)
    assert values["level_dbfs"] == pytest.approx(-12.04, abs=0.05)


def test_five_clicks_are_five_onsets(tmp_path, task):
    sound = np.zeros(44100 * 3)
    for k in range(5):
        sound[11025 + 22050 * k : 11025 + 22050 * k + 400] = (
            0.8 * np.hanning(400) * np.sin(np.arange(400))
        )
    assert facts(tmp_path, task, sound).values["onset_count"] == 5


def test_noise_is_broad_and_a_tone_is_not():
    noise = np.random.default_rng(0).normal(size=44100)
    centroid, bandwidth = spectrum_facts(noise, 44100)
    assert centroid == pytest.approx(11025, rel=0.03)
    assert bandwidth == pytest.approx(22050 / np.sqrt(12), rel=0.03)
    assert spectrum_facts(np.sin(2 * np.pi * 500 * np.arange(44100) / 44100), 44100)[1] < 10


@pytest.mark.parametrize(
    "sound",
    [
        np.array([0.5, -0.5]),
        np.linspace(0.1, 0.9, 300),
        np.stack([np.sin(np.arange(900)), -np.sin(np.arange(900))], axis=1) / 2,
    ],
    ids=["two frames", "a ramp with DC", "channels that cancel"],
)
def test_bad_audio_gives_a_number_or_a_reason(tmp_path, task, sound):
    facts(tmp_path, task, sound, 8000)


def test_a_clip_without_movement_is_all_silence():
    assert silence_share(np.zeros(1000), 8000) == 1.0
