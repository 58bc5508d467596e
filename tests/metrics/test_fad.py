"""FAD of a run: its contract, its floors, and the reasons where it cannot be given."""

from pathlib import Path

import numpy as np
import pytest
from scipy.stats import kstest

from earmark.errors import MetricUnavailable
from earmark.metrics.embedding import heard, task_of
from earmark.metrics.fad import NAMES, Fad, distances
from earmark.references import ReferenceSet
from earmark.references.none import NoReference
from earmark.testing.metrics import SetMetricContract, require_said

from .conftest import tone


class Tones:
    """A reference of tones."""

    name = "tones"

    def __init__(self, folder: Path, count: int = 30) -> None:
        self.clips = tuple(tone(folder / f"{k}.wav", 300 + 20 * k) for k in range(count))

    def for_tier(self, tier: str) -> ReferenceSet:
        return ReferenceSet(self.clips, {}, rendered=True, digest="tones")


@pytest.fixture(scope="session")
def tones(tmp_path_factory):
    return Tones(tmp_path_factory.mktemp("reference"))


class TestContract(SetMetricContract):
    @pytest.fixture
    def metric(self, ear, tones, tmp_path):
        return Fad(ear, tones, rounds=39, cache=str(tmp_path))

    @pytest.fixture
    def names(self):
        return NAMES


def test_seven_clips_are_too_few(ear, tones, clips, tmp_path):
    scores = Fad(ear, tones, cache=str(tmp_path)).score(clips[:7], "notes")
    assert scores.unscored["fad"] == "7 clips; needs at least 8"
    assert not scores.values


def test_no_reference_is_a_reason_for_every_name(ear, clips, tmp_path):
    scores = Fad(ear, NoReference(), cache=str(tmp_path)).score(clips, "notes")
    assert set(scores.unscored) == set(NAMES)
    assert "set reference=auto" in scores.unscored["fad"]


def test_a_dead_embedder_is_not_a_score(tones, clips, tmp_path):
    class Dead:
        name, id, standin = "dead", "dead", False

        def embed_features(self, clips):
            raise MetricUnavailable("the weights are gone")

    with pytest.raises(MetricUnavailable, match="weights are gone"):
        Fad(Dead(), tones, cache=str(tmp_path)).score(clips, "notes")


def test_clips_that_are_gone_are_left_out_and_enough_must_remain(ear, tones, clips, tmp_path):
    from dataclasses import replace

    gone = [
        replace(clip, path=clip.path + ".gone", sha256=f"{k:064d}")
        for k, clip in enumerate(clips[:6])
    ]
    scores = Fad(ear, tones, rounds=39, cache=str(tmp_path)).score([*gone, *clips[6:]], "notes")
    assert scores.unscored["fad"].startswith(
        "6 clips could be heard; needs at least 8; the first that was not:"
    )


def test_the_reference_against_itself_is_at_its_floor_and_noise_is_far_above():
    rng = np.random.default_rng(0)
    reference, far_rows = rng.normal(size=(80, 40)), rng.normal(size=(20, 40)) + 2
    near = distances(
        rng.normal(size=(20, 40)),
        reference,
        noise=far_rows,
        clusters=[str(k) for k in range(20)],
        rounds=99,
    ).values
    far = distances(
        rng.normal(size=(20, 40)) + 1,
        reference,
        noise=far_rows,
        clusters=[str(k) for k in range(20)],
        rounds=99,
    ).values
    assert near["fad_ratio"] == pytest.approx(1, abs=0.3)
    assert near["fad_p"] > 0.05
    assert far["fad_ratio"] > 2
    assert far["fad_p"] == pytest.approx(0.01)
    assert near["kad_low"] < 0 < near["kad_high"]
    assert far["kad_low"] > near["kad_high"]
    assert near["fad_real"] == pytest.approx(near["fad_null"], rel=0.2)
    assert near["fad_real"] < far["fad"] < near["fad_noise"]


def test_rank_is_marked_from_the_smaller_set():
    rng = np.random.default_rng(0)
    reference, deaf = rng.normal(size=(50, 10)), np.zeros((0, 10))
    said = [
        distances(rng.normal(size=(n, 10)), reference, noise=deaf, clusters=["a"] * n, rounds=19)
        for n in (10, 11)
    ]
    assert [scores.values["fad_rank_deficient"] for scores in said] == [1.0, 0.0]
    assert (
        said[0].unscored["fad_noise"]
        == "0 of 10 clips of white noise could be heard; an equal n needs all"
    )


def test_too_few_tasks_and_too_small_a_reference_are_reasons():
    rng = np.random.default_rng(0)
    scores = distances(
        rng.normal(size=(10, 4)),
        rng.normal(size=(15, 4)),
        noise=np.zeros((0, 4)),
        clusters=["a"] * 10,
        rounds=19,
    )
    require_said(scores, NAMES)
    assert scores.unscored["fad_null"] == "15 reference clips; a floor at n = 10 needs at least 20"
    assert (
        scores.unscored["fad_real"]
        == "15 reference clips; a half of them must hold at least n = 10"
    )
    assert scores.unscored["fad_low"] == "1 tasks; an interval needs at least 5"
    assert (
        scores.unscored["fad_p"] == "1 tasks; a p needs at least 8, of which it takes a clip each"
    )


def p_of_alike_samples(seed: int, rounds: int) -> float:
    """p of ten tasks with three samples that are nearly the same, drawn as the reference is."""
    rng = np.random.default_rng(seed)
    rows = np.repeat(rng.normal(size=(10, 8)), 3, axis=0) + 0.1 * rng.normal(size=(30, 8))
    tasks = [f"{k // 3}" for k in range(30)]
    return distances(
        rows,
        rng.normal(size=(60, 8)),
        noise=np.zeros((0, 8)),
        clusters=tasks,
        rounds=rounds,
        seed=seed,
    ).values["fad_p"]


def test_samples_of_one_task_that_are_alike_do_not_make_the_p_small():
    assert kstest([p_of_alike_samples(seed, 19) for seed in range(60)], "uniform").pvalue > 0.01


@pytest.mark.long
def test_samples_of_one_task_that_are_alike_do_not_make_the_p_small_in_full():
    assert kstest([p_of_alike_samples(seed, 99) for seed in range(600)], "uniform").pvalue > 0.01


def test_a_reference_of_equal_clips_leaves_the_kernel_distance_unscored():
    rng = np.random.default_rng(0)
    scores = distances(
        rng.normal(size=(10, 4)),
        np.ones((30, 4)),
        noise=np.zeros((0, 4)),
        clusters=["a"] * 10,
        rounds=19,
    )
    require_said(scores, NAMES)
    assert "must differ" in scores.unscored["kad"]


def test_the_task_of_a_clip_is_its_place_in_the_archive(clips, tmp_path):
    assert len({task_of(clip) for clip in clips}) == 6
    assert task_of(tone(tmp_path / "a.wav", 300)) == str(tmp_path / "a.wav")


def test_a_row_that_is_not_finite_is_a_reason(clips):
    found = heard(lambda batch: np.full((len(batch), 3), np.nan, np.float32), clips[:2])
    assert not found.clips
    assert "not finite" in found.deaf[0]
