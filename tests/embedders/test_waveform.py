"""From files to windows."""

from pathlib import Path

import numpy as np
import pytest
import soundfile
from numpy.typing import NDArray

from earmark.audio import read_clip
from earmark.embedders import EmbeddingError
from earmark.embedders.waveform import Preparation, resampled, wave, windows
from earmark.errors import ConfigError
from earmark.records import Clip


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


def written(path: Path, samples: NDArray[np.float64], rate_hz: int = 16000) -> Clip:
    soundfile.write(path, samples, rate_hz, subtype="FLOAT")
    return read_clip(path)


TONE = np.sin(2 * np.pi * 440 * np.arange(16000) / 16000)


def test_channels_that_cancel_are_the_loudest_channel(tmp_path):
    both = written(tmp_path / "both.wav", np.stack([0.5 * TONE, -0.5 * TONE], axis=1))
    np.testing.assert_allclose(wave(both, rate_hz=16000), 0.5 * TONE, atol=1e-6)


def test_samples_beyond_full_scale_are_clipped_and_marked(tmp_path):
    over = written(tmp_path / "over.wav", 3 * TONE)
    np.testing.assert_allclose(wave(over, rate_hz=16000), np.clip(3 * TONE, -1, 1), atol=1e-6)
    assert over.clipped_fraction > 0.5


def test_a_peak_level_makes_a_quiet_clip_equal_to_a_loud_one(tmp_path):
    loud, quiet = (
        wave(
            written(tmp_path / f"{gain}.wav", gain * TONE),
            rate_hz=16000,
            preparation=Preparation(level="peak"),
        )
        for gain in (0.8, 0.05)
    )
    np.testing.assert_allclose(loud, quiet, atol=1e-5)
    assert np.abs(loud).max() == pytest.approx(1, abs=1e-3)


def test_trimming_cuts_silence_at_both_ends_and_no_pause_within(tmp_path):
    pause = np.concatenate([TONE, np.zeros(8000), TONE])
    clip = written(
        tmp_path / "a.wav", np.concatenate([np.zeros(8000), 0.5 * pause, np.zeros(16000)])
    )
    mono = wave(clip, rate_hz=16000, preparation=Preparation(trim="silence"))
    assert len(mono) == pytest.approx(len(pause), abs=8)
    silent = np.zeros(100, np.float32)
    assert len(Preparation(trim="silence", level="peak").apply(silent)) == 100


def test_each_rule_is_part_of_the_id_and_an_unknown_one_is_refused():
    ids = {
        Preparation(level, trim).id for level in ("asis", "peak") for trim in ("none", "silence")
    }
    assert len(ids) == 4
    with pytest.raises(ConfigError, match="unknown rule 'loud'; choose from asis, peak"):
        Preparation(level="loud")  # type: ignore[arg-type]  # what a YAML may hold
