"""DNSMOS: equal to its authors' own code, and worse for worse speech."""

from importlib.metadata import PackageNotFoundError
from pathlib import Path

import numpy as np
import pytest
import soundfile
from numpy.typing import NDArray

from earmark.audio import read_clip
from earmark.config.build import build
from earmark.config.compose import compose
from earmark.embedders import packaged
from earmark.embedders.packaged import packaged_version
from earmark.errors import MetricUnavailable
from earmark.metrics.dnsmos import NAMES, RATE_HZ, WINDOW, Dnsmos, windows
from earmark.records import Clip, Task
from earmark.testing.metrics import ClipMetricContract

TASK = Task(id="hello", tier="speech", caption="a man saying hello", prompt="", seconds=1.0)


@pytest.fixture(autouse=True)
def _networks() -> None:
    try:
        packaged_version("speechmos")
    except MetricUnavailable as error:
        pytest.skip(str(error))


def buzz(seconds: float) -> NDArray[np.float64]:
    """A voice-like buzz in syllables."""
    time = np.arange(round(seconds * RATE_HZ)) / RATE_HZ
    pulses = np.sum([np.sin(2 * np.pi * 120 * k * time) / k for k in range(1, 20)], axis=0)
    sound: NDArray[np.float64] = 0.1 * pulses * (0.55 + 0.45 * np.sin(2 * np.pi * 4 * time))
    return sound


def written(path: Path, samples: NDArray[np.float64]) -> Clip:
    soundfile.write(path, np.clip(samples, -1, 1), RATE_HZ, subtype="FLOAT")
    return read_clip(path)


class TestContract(ClipMetricContract):
    @pytest.fixture
    def metric(self) -> Dnsmos:
        return Dnsmos()

    @pytest.fixture
    def names(self) -> tuple[str, ...]:
        return NAMES

    @pytest.fixture
    def clip(self, tmp_path: Path) -> Clip:
        return written(tmp_path / "a.wav", buzz(1.0))

    @pytest.fixture
    def task(self) -> Task:
        return TASK


@pytest.mark.parametrize("seconds", [0.7, 9.5, 12.3])
def test_it_is_what_the_authors_own_code_gives(tmp_path: Path, seconds: float) -> None:
    from speechmos import dnsmos

    samples = buzz(seconds).astype(np.float32)
    theirs = dnsmos.run(samples, RATE_HZ)
    ours = Dnsmos().score(written(tmp_path / "a.wav", samples.astype(np.float64)), TASK).values
    order = ("ovrl_mos", "sig_mos", "bak_mos", "p808_mos")
    for mine, name in zip(NAMES, order, strict=True):
        assert ours[mine] == pytest.approx(theirs[name], abs=1e-4), name


def test_speech_in_noise_is_rated_lower(tmp_path: Path) -> None:
    noise = np.random.default_rng(0).standard_normal(len(buzz(3.0)))
    rated = [
        Dnsmos().score(written(tmp_path / f"{k}.wav", buzz(3.0) + level * noise), TASK).values
        for k, level in enumerate((0.0, 0.02, 0.1))
    ]
    background = [one["dnsmos_background"] for one in rated]
    assert background == sorted(background, reverse=True)


def test_other_tiers_are_not_rated(tmp_path: Path) -> None:
    clip = written(tmp_path / "a.wav", buzz(1.0))
    task = Task(id="a4", tier="notes", caption="a tone", prompt="", seconds=1.0)
    scores = Dnsmos().score(clip, task)
    assert not scores.values
    assert "rates speech, the tier is notes" in scores.unscored["dnsmos_overall"]


def test_without_the_package_there_is_a_reason(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def absent(name: str) -> None:
        raise PackageNotFoundError(name)

    monkeypatch.setattr(packaged, "distribution", absent)
    scores = Dnsmos().score(written(tmp_path / "a.wav", buzz(1.0)), TASK)
    assert not scores.values
    assert "speechmos is not installed; run `pip install" in scores.unscored["dnsmos_overall"]
    assert "speechmos=none" in Dnsmos().id


def test_the_configuration_adds_it_to_the_default() -> None:
    clip = compose(["metric=dnsmos"]).metric.clip
    assert {"text_audio", "checks", "dnsmos"} <= clip.keys()
    assert isinstance(build(clip["dnsmos"]), Dnsmos)


@pytest.mark.parametrize(
    ("frames", "count"), [(RATE_HZ, 7), (WINDOW, 1), (WINDOW + 2 * RATE_HZ, 2)]
)
def test_windows_fill_nine_seconds_and_overlap(frames: int, count: int) -> None:
    parts = windows(np.ones(frames, np.float32))
    assert len(parts) == count
    assert {len(part) for part in parts} == {WINDOW}
