"""The pitch at five moments, on sounds whose pitch is known at each."""

from pathlib import Path

import numpy as np
import pytest
import soundfile

from earmark.audio import read_clip
from earmark.metrics.pitch_track import MOMENTS, PitchTrack
from earmark.records import Task

NAMES = tuple(f"f0_at_{moment}_hz" for moment in MOMENTS)


def test_a_glide_then_noise_is_tracked(tmp_path: Path, task: Task) -> None:
    seconds = np.arange(int(44100 * 1.2)) / 44100
    glide = np.sin(2 * np.pi * np.cumsum(220 * 2 ** (seconds / 1.2)) / 44100)
    noise = 0.3 * np.random.default_rng(0).standard_normal(len(glide))
    soundfile.write(
        tmp_path / "a.wav", 0.5 * np.concatenate([glide, noise]), 44100, subtype="FLOAT"
    )
    result = PitchTrack().score(read_clip(tmp_path / "a.wav"), task)
    assert {**result.values, **result.unscored}.keys() == set(NAMES)
    assert result.values["f0_at_10_hz"] == pytest.approx(220 * 2**0.2, rel=0.03)
    assert result.values["f0_at_30_hz"] == pytest.approx(220 * 2**0.6, rel=0.03)
    assert result.unscored["f0_at_90_hz"] == "no pitch at 90 % of the clip's length"


def test_a_sound_beyond_what_the_checks_measure_has_a_reason_and_stops_nothing(
    tmp_path: Path, task: Task
) -> None:
    seconds = np.arange(44100) / 44100
    whistle = np.sin(2 * np.pi * 15000 * seconds) * np.hanning(
        44100
    )  # nothing of it is left at 16 kHz
    soundfile.write(tmp_path / "a.wav", 0.5 * whistle, 44100, subtype="FLOAT")
    result = PitchTrack().score(read_clip(tmp_path / "a.wav"), task)
    assert result.unscored == dict.fromkeys(NAMES, "the clip must not be silent, got silence")
    assert not result.values
