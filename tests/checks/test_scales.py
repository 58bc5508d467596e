"""The numbers of checks hold at every rate of a clip, at every pitch, and on a held note."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.signal import resample

from earmark.checks import SpecChecks, check
from earmark.checks.sound import sound
from earmark.records import Scores

RATE_HZ = 44100
MASTER_HZ = 96000
Floats = NDArray[np.float64]


def clock(seconds: float, rate_hz: int = RATE_HZ) -> Floats:
    return np.arange(round(seconds * rate_hz)) / rate_hz


def tone(hz: float, seconds: float, partials: int = 5) -> Floats:
    t = clock(seconds)
    return np.asarray(sum(np.sin(2 * np.pi * k * hz * t) / k for k in range(1, partials + 1)))


def measured(samples: Floats, spec: dict[str, object], rate_hz: int = RATE_HZ) -> Scores:
    return check((0.2 * samples)[:, None].astype(np.float32), rate_hz, spec)


SHAPES: dict[str, Callable[[Floats], Any]] = {
    "steady": lambda t: 1.0,
    "fading": lambda t: np.exp(-1.2 * t),
    "late": lambda t: (t > 0.4) * (t < 2.6),
}


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("rate_hz", [1.5, 3.0, 6.5, 12.0, 25.0])
def test_a_tremolo_has_the_rate_at_which_it_was_made(rate_hz: float, shape: str) -> None:
    t = clock(3.0)
    swing = 1 + 0.3 * np.sin(2 * np.pi * rate_hz * t)
    scores = measured(tone(220, 3.0) * swing * SHAPES[shape](t), {"tremolo_hz": [1, 40]})
    assert scores.values["check_tremolo_hz"] == pytest.approx(rate_hz, abs=0.3)


@pytest.mark.parametrize(
    "envelope",
    [lambda t: np.ones(len(t)), lambda t: np.exp(-2 * t), lambda t: t / t[-1]],
    ids=["steady", "fading", "rising"],
)
def test_a_level_that_only_rises_or_falls_has_no_tremolo(envelope) -> None:
    scores = measured(tone(220, 3.0) * envelope(clock(3.0)), {"tremolo_hz": [0, 40]})
    assert scores.values["check_tremolo_ok"] == 0
    assert "must swing by at least 1 dB" in scores.unscored["check_tremolo_hz"]


def noise(slope: float) -> Floats:
    """Two seconds of noise whose power falls as 1 / f**slope, with nothing above 7.95 kHz."""
    spectrum = np.fft.rfft(np.random.default_rng(1).normal(size=2 * MASTER_HZ))
    hz = np.fft.rfftfreq(2 * MASTER_HZ, 1 / MASTER_HZ)
    spectrum *= (hz < 7950) / np.maximum(hz, 20) ** (slope / 2)
    return np.fft.irfft(spectrum, 2 * MASTER_HZ)


@pytest.mark.parametrize("slope", [0.0, 1.0, -1.0], ids=["white", "pink", "blue"])
def test_spectral_facts_are_equal_at_every_rate(slope: float) -> None:
    facts: dict[str, object] = {
        "flatness": [0, 1],
        "centroid_hz": [0, 8000],
        "bandwidth_hz": [0, 8000],
    }
    spec = {**facts, "low_share": [0, 1]}
    master = noise(slope)
    by_rate = [
        measured(resample(master, 2 * rate_hz) / np.abs(master).max(), spec, rate_hz).values
        for rate_hz in (16000, 44100, 48000)
    ]
    for name in ("flatness", "centroid_hz", "bandwidth_hz", "low_share"):
        numbers = [values[f"check_{name}"] for values in by_rate]
        assert max(numbers) == pytest.approx(min(numbers), rel=0.01), name


def test_white_noise_is_flat_at_every_rate() -> None:
    for rate_hz in (16000, 22050, 44100, 96000):
        white = np.random.default_rng(0).normal(size=2 * rate_hz)
        assert measured(white, {"flatness": [0.95, 1]}, rate_hz).values["check_flatness_ok"] == 1


@pytest.mark.parametrize("partials", [1, 8])
@pytest.mark.parametrize("hz", [27.6, 32.703, 41.2, 4186.0, 5000.0, 7000.0])
def test_very_low_and_very_high_notes_have_their_pitch(hz: float, partials: int) -> None:
    partials = min(partials, int(RATE_HZ / 2 / hz))
    scores = measured(tone(hz, 2.0, partials), {"f0_hz": hz, "harmonics": [1, 200]})
    assert scores.values["check_f0_cents"] < 3
    assert scores.values["check_harmonics_ok"] == 1


@pytest.mark.parametrize(
    ("spec", "fact"),
    [
        ({"f0_hz": 8000}, "f0"),
        ({"f0_hz": 20}, "f0"),
        ({"midi": 127}, "midi"),
        ({"chord": [20, 60]}, "chord"),
        ({"melody": [10, 60]}, "melody"),
        ({"glide_hz": [300, 6000]}, "glide"),
        ({"voice_f0_hz": [700, 900]}, "voice_f0"),
    ],
)
def test_a_fact_beyond_what_a_check_can_measure_is_not_judged(spec, fact: str) -> None:
    scores = measured(tone(440, 1.0), {**spec, "trend_db": [-2, 2]})
    assert f"check_{fact}_ok" not in scores.values
    assert "measured within" in scores.unscored[f"check_{fact}_ok"]
    assert scores.values["check_ok"] == 1


def test_a_steady_tone_is_one_event_at_every_rate() -> None:
    for rate_hz in (16000, 44100):
        steady = np.sin(2 * np.pi * 440 * clock(2.0, rate_hz))
        assert measured(steady, {"event_count": [1, 1]}, rate_hz).values["check_event_count"] == 1


def test_a_slow_attack_is_one_onset_and_two_near_notes_are_two() -> None:
    t = clock(1.5)
    breath = np.random.default_rng(0).normal(size=len(t)) * np.minimum(1, t / 0.03) * 0.05
    slow = breath + tone(392, 1.5) * np.clip((t - 0.07) / 0.05, 0, 1)
    assert measured(slow, {"onset_count": [1, 1]}).values["check_onset_count"] == 1
    near = tone(880, 1.5) * (np.exp(-60 * t) + np.exp(-60 * (t - 0.11)) * (t >= 0.11))
    assert measured(near, {"onset_count": [2, 2]}).values["check_onset_count"] == 2


def test_a_vibrato_has_no_onset_but_its_first() -> None:
    t = clock(3.0)
    phase = 2 * np.pi * np.cumsum(523 * 2 ** (0.03 * np.sin(2 * np.pi * 5 * t))) / RATE_HZ
    held = np.sin(phase) * (1 + 0.1 * np.sin(2 * np.pi * 5 * t)) * np.minimum(1, t / 0.05)
    assert measured(held, {"onset_count": [1, 1]}).values["check_onset_count"] == 1


def test_a_legato_line_has_its_notes() -> None:
    hz = np.repeat([261.63, 329.63, 392.0, 329.63], round(0.4 * RATE_HZ))
    phase = 2 * np.pi * np.cumsum(hz) / RATE_HZ
    line = sum(np.sin(k * phase) / k for k in range(1, 5))
    assert measured(np.asarray(line), {"melody": [60, 64, 67, 64]}).values["check_melody_ok"] == 1


def test_the_id_tells_these_numbers_from_earlier_ones() -> None:
    assert SpecChecks().id.startswith("checks 5 ")
    assert sound(tone(440, 0.5), RATE_HZ).seconds == pytest.approx(0.5)
