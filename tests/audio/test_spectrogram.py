import time
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from earmark.audio import spectrogram
from earmark.errors import AudioError
from earmark.testing.audio import tone, wav16


def test_a_tone_is_a_line_at_its_frequency() -> None:
    heights_hz = np.geomspace(8000, 40, 192)
    mono = tone(seconds=1.0)[:, 0].astype(np.float32)
    levels = spectrogram.levels_db(mono, 16000, columns=100, heights_hz=heights_hz)
    mean = levels[:, 20:80].mean(axis=1)
    line_hz = heights_hz[mean > mean.max() - 0.1]  # as thick as a bin
    assert 440 / 1.08 < line_hz.min() < 440 < line_hz.max() < 440 * 1.08
    assert levels.max() == pytest.approx(0.0)
    assert levels.min() == pytest.approx(-spectrogram.RANGE_DB)


@pytest.mark.parametrize(
    ("seconds", "rate_hz"), [(0.1, 16000), (0.5, 8000), (3.0, 44100), (10.0, 96000)]
)
def test_every_clip_gives_the_same_picture_twice(
    tmp_path: Path, seconds: float, rate_hz: int
) -> None:
    (tmp_path / "a.wav").write_bytes(
        wav16(tone(seconds=seconds, rate_hz=rate_hz, channels=2), rate_hz=rate_hz)
    )
    drawn = spectrogram.png(tmp_path / "a.wav")
    assert spectrogram.png(tmp_path / "a.wav") == drawn
    with Image.open(BytesIO(drawn)) as picture:
        assert picture.size == (480, 220)


def test_what_is_no_clip_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.wav").write_bytes(b"not a wav")
    with pytest.raises(AudioError, match=r"a\.wav"):
        spectrogram.png(tmp_path / "a.wav")


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [
        (1.0, [0.0, 0.2, 0.4, 0.6, 0.8]),
        (10.0, [0.0, 2.0, 4.0, 6.0, 8.0]),
        (0.1, [0.0, 0.02, 0.04, 0.06, 0.08]),
    ],
)
def test_ticks_are_round(seconds: float, expected: list[float]) -> None:
    assert spectrogram.ticks_seconds(seconds) == expected


@pytest.mark.long
def test_it_is_fast(tmp_path: Path) -> None:
    (tmp_path / "a.wav").write_bytes(wav16(tone(seconds=5.0, rate_hz=44100), rate_hz=44100))
    spectrogram.png(tmp_path / "a.wav")
    times = []
    for _ in range(10):
        started = time.perf_counter()
        spectrogram.png(tmp_path / "a.wav")
        times.append(time.perf_counter() - started)
    assert min(times) < 0.06
