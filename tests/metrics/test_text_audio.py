"""The text-audio score and retrieval: contract, averaging, and what cannot be scored."""

from dataclasses import replace
from typing import Any

import pytest

from earmark.embedders.none import NoEmbedder
from earmark.errors import ConfigError
from earmark.metrics.retrieval import NAMES, Retrieval
from earmark.metrics.text_audio import TextAudio
from earmark.records import Task
from earmark.testing.metrics import ClipMetricContract

from .conftest import tone


class TestTextAudio(ClipMetricContract):
    @pytest.fixture
    def metric(self, embedder, tmp_path):
        return TextAudio(embedder, cache=str(tmp_path))

    @pytest.fixture
    def names(self):
        return ("bands",)

    def test_it_is_the_mean_of_its_templates(self, metric, clip, task):
        values = metric.score(clip, task).values
        parts = [value for name, value in values.items() if name.startswith("bands_template_")]
        assert len(parts) == 3
        assert values["bands"] == pytest.approx(sum(parts) / 3)


class TestRetrieval(ClipMetricContract):
    @pytest.fixture
    def metric(self, embedder, task, tmp_path):
        others = [replace(task, id=word, caption=f"a {word} tone") for word in ("middle", "high")]
        return Retrieval(embedder, tasks=[task, *others], cache=str(tmp_path))

    @pytest.fixture
    def names(self):
        return NAMES

    def test_the_right_caption_comes_first_and_a_wrong_one_does_not(self, metric, clip, task):
        right, wrong = (
            metric.score(clip, task).values,
            metric.score(clip, replace(task, caption="a high tone")).values,
        )
        assert right["retrieval_hit"] == 1
        assert right["retrieval_margin"] > 0
        assert wrong["retrieval_hit"] == 0
        assert wrong["retrieval_reciprocal_rank"] <= 0.5
        assert wrong["retrieval_margin"] < 0

    def test_ties_count_against_the_clip(self, embedder, clip, task, tmp_path):
        twin = replace(task, caption="A LOW tone, again".lower())
        assert (
            Retrieval(embedder, tasks=[task, twin], cache=str(tmp_path))
            .score(clip, task)
            .values["retrieval_hit"]
            == 0
        )

    def test_one_caption_is_a_reason(self, embedder, clip, task, tmp_path):
        scores = Retrieval(embedder, tasks=[task], cache=str(tmp_path)).score(clip, task)
        assert (
            scores.unscored["retrieval_hit"]
            == "retrieval needs another caption in the tier, there is none"
        )


def test_the_null_embedder_leaves_everything_unscored(clip, task, tmp_path):
    metric = TextAudio(NoEmbedder(), cache=str(tmp_path))
    assert "embeds nothing" in metric.score(clip, task).unscored["none"]


def test_a_matching_caption_scores_higher(embedder, tmp_path):
    metric = TextAudio(embedder, cache=str(tmp_path))
    low = tone(tmp_path / "low.wav", 300)
    tasks = [
        Task(id="x", tier="x", caption=caption, prompt="", seconds=1.0)
        for caption in ("a low tone", "a high tone")
    ]
    right, wrong = (metric.score(low, task).values["bands"] for task in tasks)
    assert right > 0.5 > wrong


def test_a_template_without_a_caption_is_refused(embedder):
    with pytest.raises(ConfigError, match="'a sound': must contain"):
        TextAudio(embedder, templates=["a sound"])
    with pytest.raises(ConfigError, match="must hold at least one"):
        TextAudio(embedder, templates=[])


def test_an_embedder_without_text_is_refused():
    sets: Any = type("Sets", (), {"name": "sets", "id": "sets", "standin": False})()
    with pytest.raises(ConfigError, match="sets: must embed captions, but it embeds audio only"):
        TextAudio(sets)


def test_other_templates_have_another_id(embedder, tmp_path):
    assert (
        TextAudio(embedder, cache=str(tmp_path)).id
        != TextAudio(embedder, templates=["{caption}"], cache=str(tmp_path)).id
    )
