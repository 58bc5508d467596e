"""The margin of clean over spoiled, on an embedder whose space is known."""

from pathlib import Path

import pytest

from earmark.config.build import build
from earmark.config.compose import compose
from earmark.errors import ConfigError
from earmark.metrics.quality_margin import NAME, SPOILED, QualityMargin
from earmark.records import Clip, Task
from earmark.testing.metrics import ClipMetricContract
from tests.metrics.conftest import Bands, tone

NAMES = (NAME, *(f"{NAME}_{kind}" for kind in SPOILED))


class Known(Bands):
    """Bands that are no stand-in: the word "low" points at low frequencies."""

    standin = False


class TestContract(ClipMetricContract):
    @pytest.fixture
    def metric(self, tmp_path: Path) -> QualityMargin:
        return QualityMargin(Known(), cache=str(tmp_path / "cache"))

    @pytest.fixture
    def names(self) -> tuple[str, ...]:
        return NAMES


def test_the_nearest_spoiled_wording_decides(tmp_path: Path, task: Task) -> None:
    metric = QualityMargin(
        Known(),
        clean="{caption}",
        spoiled={"far": "high {caption}", "near": "{caption} , low low"},
        cache=str(tmp_path / "cache"),
    )
    low = Task("t", "notes", "low", "", 0.4)
    scores = metric.score(tone(tmp_path / "a.wav", 300), low).values
    assert scores["quality_margin"] == min(
        scores["quality_margin_far"], scores["quality_margin_near"]
    )
    assert scores["quality_margin_far"] > 0.1 > abs(scores["quality_margin_near"])


def test_a_stand_in_gives_no_margin(clip: Clip, task: Task, tmp_path: Path) -> None:
    scores = QualityMargin(Bands(), cache=str(tmp_path)).score(clip, task)
    assert not scores.values
    assert "a stand-in knows kinds of sound" in scores.unscored[NAME]


def test_other_wordings_are_another_pipeline(tmp_path: Path) -> None:
    one = QualityMargin(Known(), cache=str(tmp_path))
    other = QualityMargin(Known(), clean="a fine {caption}", cache=str(tmp_path))
    assert one.id != other.id


def test_without_a_spoiled_wording_it_is_refused() -> None:
    with pytest.raises(ConfigError, match="must name at least one wording, got none"):
        QualityMargin(Known(), spoiled={})


def test_the_configuration_adds_it_to_the_default() -> None:
    clip = compose(["metric=quality_margin"]).metric.clip
    assert {"text_audio", "checks", NAME} <= clip.keys()
    assert isinstance(build(clip[NAME], embedder=Known()), QualityMargin)
