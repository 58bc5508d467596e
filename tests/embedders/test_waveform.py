"""From files to windows."""

import numpy as np
import pytest
import soundfile

from earmark.audio import read_clip
from earmark.embedders import EmbeddingError
from earmark.embedders.waveform import resampled, wave, windows


def test_resampling_keeps_a_tone_where_it_is():
    tone = np.sin(2 * np.pi * 1000 * np.arange(44100) / 44100).astype(np.float32)
    spectrum = np.abs(np.fft.rfft(resampled(tone, 44100, 16000)))
    assert abs(int(spectrum.argmax()) - 1000) <= 1


def test_one_frame_survives_resampling():
    assert len(resampled(np.array([0.5], np.float32), 96000, 16000)) >= 1


@pytest.mark.parametrize(
    ("size", "expected"),
    [
        (3, [(0, 3)]),
        (10, [(0, 10)]),
        (20, [(0, 10), (10, 20)]),
        (23, [(0, 10), (10, 20), (13, 23)]),
    ],
)
def test_windows_cover_everything_and_only_a_lone_one_is_short(size, expected):
    line = np.arange(size, dtype=np.float32)
    assert [(int(part[0]), int(part[-1]) + 1) for part in windows(line, length=10)] == expected


def test_channels_are_averaged_and_the_level_is_left_alone(tmp_path):
    soundfile.write(
        tmp_path / "a.wav",
        np.stack([np.full(1600, 0.5), np.linspace(-0.5, 0.5, 1600)], axis=1),
        16000,
        subtype="FLOAT",
    )
    mono = wave(read_clip(tmp_path / "a.wav"), rate_hz=16000)
    np.testing.assert_allclose(mono, 0.5 * (0.5 + np.linspace(-0.5, 0.5, 1600)), atol=1e-6)


def test_an_hour_is_not_embedded_with_a_reason(tmp_path):
    tone = np.tile(np.sin(np.arange(800) / 9) / 2, 3600 * 10)
    soundfile.write(tmp_path / "hour.wav", tone, 8000, subtype="PCM_U8")
    with pytest.raises(
        EmbeddingError, match="must last at most 600 s to be embedded, lasts 3600 s"
    ):
        wave(read_clip(tmp_path / "hour.wav"), rate_hz=16000)
