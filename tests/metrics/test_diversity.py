"""Diversity: bounds that theory gives, and what is said where there is nothing to compare."""

import numpy as np
import pytest

from earmark.embedders.none import NoEmbedder
from earmark.errors import ConfigError
from earmark.metrics.diversity import NAMES, Diversity, mean_distance, vendi
from earmark.testing.metrics import SetMetricContract


class TestContract(SetMetricContract):
    @pytest.fixture
    def metric(self, embedder, tmp_path):
        return Diversity(embedder, cache=str(tmp_path))

    @pytest.fixture
    def names(self):
        return NAMES


def test_copies_count_once_and_strangers_count_each():
    assert vendi(np.ones((5, 3))) == pytest.approx(1)
    assert mean_distance(np.ones((5, 3))) == pytest.approx(0)
    assert vendi(np.eye(5)) == pytest.approx(5)
    assert mean_distance(np.eye(5)) == pytest.approx(1)


def test_two_pairs_of_twins_are_two():
    assert vendi(np.repeat(np.eye(2), 2, axis=0)) == pytest.approx(2)


def test_loudness_is_no_diversity():
    rows = np.random.default_rng(0).normal(size=(6, 9))
    assert vendi(rows * np.arange(1, 7)[:, None]) == pytest.approx(vendi(rows))


def test_only_samples_of_one_task_are_compared(embedder, pairs, tmp_path):
    scores = Diversity(embedder, cache=str(tmp_path)).score(pairs[:6])
    assert (
        scores.unscored["vendi"]
        == "at least one task must have two embedded samples, none has; set samples=2"
    )


def test_a_failure_to_embed_is_the_reason(pairs, tmp_path):
    assert (
        "embeds nothing"
        in Diversity(NoEmbedder(), cache=str(tmp_path)).score(pairs).unscored["diversity"]
    )


@pytest.mark.parametrize(
    "rows", [np.ones((1, 3)), np.zeros((4, 3)), np.full((4, 3), np.nan)], ids=["one", "zero", "nan"]
)
def test_rows_without_a_direction_are_refused(rows):
    with pytest.raises(ConfigError, match="at least 2 rows that are finite and not zero"):
        vendi(rows)
