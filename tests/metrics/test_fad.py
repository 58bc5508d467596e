"""FAD of a run: its contract, its floors, and the reasons where it cannot be given."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import kstest

from earmark.errors import ConfigError, MetricUnavailable
from earmark.metrics.embedding import embed_set
from earmark.metrics.fad import NAMES, Fad, distances, sizes
from earmark.metrics.frechet import Pool
from earmark.references import ReferenceSet
from earmark.references.none import NoReference
from earmark.testing.metrics import SetMetricContract, require_complete

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
    def metric(self, embedder, tones, tmp_path):
        return Fad(embedder, tones, rounds=39, cache=str(tmp_path))

    @pytest.fixture
    def names(self):
        return NAMES


def test_eleven_clips_are_too_few(embedder, tones, pairs, tmp_path):
    scores = Fad(embedder, tones, cache=str(tmp_path)).score(pairs[:11])
    assert scores.unscored["fad"] == "fad needs at least 12 clips, got 11"
    assert not scores.values


def test_no_reference_is_a_reason_for_every_name(embedder, pairs, tmp_path):
    scores = Fad(embedder, NoReference(), cache=str(tmp_path)).score(pairs)
    assert set(scores.unscored) == set(NAMES)
    assert "set reference=auto" in scores.unscored["fad"]


def test_a_dead_embedder_is_not_a_score(tones, pairs, tmp_path):
    class Dead:
        name, id, standin = "dead", "dead", False

        def embed_features(self, clips):
            raise MetricUnavailable("the weights are gone")

    with pytest.raises(MetricUnavailable, match="weights are gone"):
        Fad(Dead(), tones, cache=str(tmp_path)).score(pairs)


def test_clips_that_are_gone_are_left_out_and_enough_must_remain(embedder, tones, pairs, tmp_path):
    from dataclasses import replace

    gone = [
        (replace(clip, path=clip.path + ".gone", sha256=f"{k:064d}"), task)
        for k, (clip, task) in enumerate(pairs[:7])
    ]
    scores = Fad(embedder, tones, rounds=39, cache=str(tmp_path)).score([*gone, *pairs[7:]])
    assert scores.unscored["fad"].startswith(
        "fad needs at least 12 clips, 11 could be embedded; the first failure: "
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
    assert near["fad_ratio"] == pytest.approx(1, abs=0.1)
    assert near["fad_p"] > 0.05
    assert far["fad_ratio"] > 2
    assert far["fad_p"] == pytest.approx(0.01)
    assert near["kad_low"] < 0 < near["kad_high"]
    assert far["kad_low"] > near["kad_high"]
    assert near["fad"] < near["fad_null_high"] < far["fad"] < near["fad_noise"]
    assert near["kad"] < near["kad_null_high"] < far["kad"]


def test_rank_is_marked_from_the_smaller_set():
    rng = np.random.default_rng(0)
    reference, none = rng.normal(size=(50, 10)), np.zeros((0, 10))
    ten, eleven = (
        distances(rng.normal(size=(n, 10)), reference, noise=none, clusters=["a"] * n, rounds=19)
        for n in (10, 11)
    )
    assert ten.values["fad_rank_deficient"] == 1.0
    assert eleven.values["fad_rank_deficient"] == 0.0
    assert ten.unscored["fad_noise"] == "all 10 clips of white noise must be embedded, 0 could be"


def test_too_few_tasks_are_a_reason():
    rng = np.random.default_rng(0)
    scores = distances(
        rng.normal(size=(10, 4)),
        rng.normal(size=(25, 4)),
        noise=np.zeros((0, 4)),
        clusters=["a"] * 10,
        rounds=19,
    )
    require_complete(scores, NAMES)
    assert scores.unscored["fad_low"] == "an interval needs at least 5 tasks, got 1"
    assert scores.unscored["fad_p"] == "fad_p takes one clip of each of at least 8 tasks, got 1"


@pytest.mark.parametrize(
    ("clips", "recordings", "expected"),
    [(12, 120, (12, 108)), (69, 97, (48, 49)), (153, 120, (60, 60)), (12, 24, (12, 12))],
)
def test_every_set_of_clips_has_a_null_at_its_own_size(clips, recordings, expected):
    assert sizes(clips, recordings) == expected


@settings(max_examples=25, deadline=None)
@given(st.integers(12, 40), st.integers(24, 100), st.integers(0, 9))
def test_distance_null_and_far_end_share_n_and_m(clips, recordings, seed):
    """Clips that are the white noise itself lie exactly at the far end."""
    n, m = sizes(clips, recordings)
    rng = np.random.default_rng(seed)
    rows, reference = rng.normal(size=(n, 8)) + 1, rng.normal(size=(recordings, 8))
    values = distances(
        rows, reference, noise=rows, clusters=[str(k) for k in range(n)], rounds=19, seed=seed
    ).values
    assert (values["fad_n"], values["fad_n_reference"]) == (n, m)
    assert values["fad"] == pytest.approx(values["fad_noise"], rel=1e-6)
    orders = [rng.permutation(recordings) for _ in range(60)]
    alike = [Pool.of(reference[at[:n]], reference[at[n:]]).distance() for at in orders]
    assert values["fad_null"] == pytest.approx(np.mean(alike), rel=0.25)


def ratio(seed: int, clips: int, recordings: int = 97, width: int = 24) -> float:
    rng = np.random.default_rng(seed)
    values = distances(
        rng.normal(size=(clips, width)),
        rng.normal(size=(recordings, width)),
        noise=rng.normal(size=(sizes(clips, recordings)[0], width)) + 1,
        clusters=[str(k) for k in range(clips)],
        rounds=19,
        seed=seed,
    ).values
    assert (values["fad_n"], values["fad_n_reference"]) == sizes(clips, recordings)
    return values["fad_ratio"]


@pytest.mark.parametrize("clips", [12, 24, 48, 69, 150])
def test_a_perfect_set_has_a_ratio_of_one_at_every_size(clips):
    ratios = [ratio(seed, clips) for seed in range(24)]
    error = np.std(ratios) / np.sqrt(len(ratios))
    assert np.mean(ratios) == pytest.approx(1, abs=max(0.02, 3 * error))


def test_runs_of_any_number_of_clips_are_compared_at_one_size():
    """A run with twice as many valid clips of the same kind has the same FAD at 12 and 24."""
    apart: dict[int, list[float]] = {12: [], 24: []}
    for seed in range(12):
        rng = np.random.default_rng(seed)
        reference, clips = rng.normal(size=(97, 16)), rng.normal(size=(48, 16)) + 0.5
        few, many = (
            distances(
                clips[:n],
                reference,
                noise=clips[:0],
                clusters=[str(k) for k in range(n)],
                rounds=39,
                seed=seed,
            ).values
            for n in (26, 48)
        )
        assert many["fad"] < few["fad"]
        assert "fad_n48" not in few
        assert many["fad_n48"] == pytest.approx(many["fad"], rel=0.02)
        for n, differences in apart.items():
            differences.append(few[f"fad_n{n}"] / many[f"fad_n{n}"] - 1)
            assert few[f"fad_null_n{n}"] == pytest.approx(many[f"fad_null_n{n}"], rel=0.06)
    for differences in apart.values():
        assert abs(np.mean(differences)) < 3 * np.std(differences) / np.sqrt(12) + 0.01


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
    require_complete(scores, NAMES)
    assert "must differ" in scores.unscored["kad"]


def test_the_tasks_are_those_that_come_with_the_clips(embedder, tones, pairs, tmp_path):
    from dataclasses import replace

    metric = Fad(embedder, tones, rounds=39, cache=str(tmp_path))
    assert "fad_low" in metric.score(pairs).values
    one_task = [(clip, replace(task, id="same")) for clip, task in pairs]
    assert metric.score(one_task).unscored["fad_low"] == "an interval needs at least 5 tasks, got 1"


def test_a_set_of_two_tiers_is_refused(embedder, tones, pairs, tmp_path):
    from dataclasses import replace

    clip, task = pairs[0]
    mixed = [*pairs, (clip, replace(task, tier="speech"))]
    with pytest.raises(ConfigError, match="must be of one tier, got notes, speech"):
        Fad(embedder, tones, cache=str(tmp_path)).score(mixed)


def test_a_row_that_is_not_finite_is_a_reason(clips):
    embedded = embed_set(lambda batch: np.full((len(batch), 3), np.nan, np.float32), clips[:2])
    assert not embedded.kept
    assert "must be finite" in embedded.failures[0]
