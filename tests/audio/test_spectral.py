"""Onsets, mel bands and rates equal librosa's, to the last bit: an independent implementation."""

from collections.abc import Iterator
from dataclasses import replace

import librosa
import numpy as np
import pytest
from librosa.onset import onset_detect, onset_strength
from scipy.signal import get_window

from earmark.audio import onsets
from earmark.audio.mel import hann, mel_levels_db
from earmark.audio.resampling import resampled

pytestmark = pytest.mark.xdist_group("librosa")  # compiled once

RATES_HZ = (8000, 16000, 22050, 44100, 48000)


def sounds(count: int) -> Iterator[tuple[int, np.ndarray]]:
    """Sounds of random lengths at several rates, and their rates."""
    rng = np.random.default_rng(0)
    for k in range(count):
        rate_hz = RATES_HZ[k % len(RATES_HZ)]
        t = np.arange(int(rng.integers(2048, 5 * rate_hz))) / rate_hz
        yield rate_hz, sound(k, t, rng)


def sound(k: int, t: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Noise, plucked tones, clicks, or noise between silences."""
    noise = rng.normal(scale=0.1, size=len(t))
    kinds = (
        noise,
        np.sin(2 * np.pi * rng.uniform(50, 3000) * t) * np.exp(-((3 * t) % 1) * 8),
        np.where(rng.random(len(t)) < 3 / 16000, 1.0, 0.0),
        np.where((t > t[-1] / 3) & (t < t[-1] / 2), noise, 0.0),
    )
    return kinds[k % len(kinds)]


COUNTS = [pytest.param(20), pytest.param(400, marks=pytest.mark.long)]


@pytest.mark.parametrize("count", COUNTS)
def test_onsets_are_those_of_librosa(count):
    found = 0
    for rate_hz, mono in sounds(count):
        single = mono.astype(np.float32)
        frames = onsets.onset_frames(single, rate_hz)
        np.testing.assert_array_equal(frames, onset_detect(y=single, sr=rate_hz))
        found += len(frames)
    assert found > count  # otherwise nothing would equal nothing


@pytest.mark.parametrize("kind", [np.float32, np.float64])
@pytest.mark.parametrize("count", COUNTS)
def test_strengths_and_peaks_by_the_rules_of_the_checks_are_those_of_librosa(count, kind):
    for rate_hz, mono in sounds(count):
        ours = onsets.onset_strength(
            mono.astype(kind), rate_hz, size=1024, hop=160, lag=2, widest=3
        )
        theirs = onset_strength(
            y=mono.astype(kind), sr=rate_hz, hop_length=160, n_fft=1024, lag=2, max_size=3
        )
        np.testing.assert_array_equal(ours, theirs)
        assert ours.dtype == theirs.dtype
        curve = ours / max(float(ours.max()), 1e-9)
        rule = replace(
            onsets.peak_rule(rate_hz, 160, delta=0.12), max_before=4, max_after=4, wait=6
        )
        peaks = onset_detect(
            onset_envelope=curve,
            sr=rate_hz,
            hop_length=160,
            normalize=False,
            delta=0.12,
            wait=6,
            pre_max=4,
            post_max=4,
        )
        np.testing.assert_array_equal(onsets.peaks(curve, rule), peaks)


@pytest.mark.parametrize("sound", [np.zeros(4096, np.float32), np.full(4096, np.nan, np.float32)])
def test_what_does_not_rise_has_no_onset(sound):
    with np.errstate(invalid="ignore"):
        assert len(onsets.onset_frames(sound, 16000)) == 0


@pytest.mark.filterwarnings("ignore:Empty filters")
@pytest.mark.parametrize(("size", "hop", "bands"), [(321, 160, 120), (1024, 480, 64)])
def test_mel_levels_are_those_of_librosa(size, hop, bands):
    for rate_hz, mono in sounds(10):
        power = librosa.feature.melspectrogram(
            y=mono, sr=rate_hz, n_fft=size, hop_length=hop, n_mels=bands
        )
        np.testing.assert_array_equal(
            mel_levels_db(mono, rate_hz, size=size, hop=hop, bands=bands),
            librosa.power_to_db(power, top_db=None),
        )


def test_another_rate_is_that_of_librosa():
    for rate_hz, mono in [*sounds(10), (12345, np.sin(np.arange(4321.0)))]:
        theirs = librosa.resample(mono, orig_sr=rate_hz, target_sr=16000, res_type="soxr_hq")
        np.testing.assert_array_equal(resampled(mono, rate_hz, 16000), theirs)


def test_the_window_is_that_of_scipy():
    for size in (2, 3, *range(100, 140), 1024, 2048, 4096):
        assert np.array_equal(hann(size), get_window("hann", size)), size
