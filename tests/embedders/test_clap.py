"""CLAP with random weights: loading, windows, determinism, equality with the stock path, errors."""

import threading
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from transformers import AutoTokenizer, ClapFeatureExtractor, ClapModel

from earmark.audio import samples
from earmark.embedders import clap_torch
from earmark.embedders.checkpoints import unreachable
from earmark.embedders.clap import Clap, fit
from earmark.embedders.clap_torch import TorchNetworks
from earmark.errors import MetricUnavailable
from earmark.records import Clip
from earmark.testing.embedders import EmbedderContract

pytestmark = pytest.mark.xdist_group("checkpoints")  # its fixtures are made once

GPU_TOLERANCE = 1e-3  # a GPU may multiply in TF32; the canary permits as much


@pytest.fixture(scope="module", autouse=True)
def own_cache(tmp_path_factory):
    """Graphs of random weights, a gigabyte at full size, do not belong into the user's cache."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("EARMARK_CACHE", str(tmp_path_factory.mktemp("cache")))
        yield


@pytest.fixture(scope="module", autouse=True)
def one_thread():
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def stock(checkpoint: Path, clip: Clip, **rules: str) -> Any:
    """transformers' own extractor and model on one clip of 48 kHz mono."""
    sound, rate_hz = samples(clip)
    extractor = ClapFeatureExtractor.from_pretrained(checkpoint)
    with torch.inference_mode():
        inputs = extractor(sound[:, 0], sampling_rate=rate_hz, return_tensors="pt", **rules)
        return (
            ClapModel.from_pretrained(checkpoint)
            .eval()
            .get_audio_features(**inputs)
            .pooler_output.numpy()
        )


class TestSmall(EmbedderContract):
    @pytest.fixture
    def embedder(self, checkpoint):
        return Clap(checkpoint=str(checkpoint))


class TestFused(EmbedderContract):
    @pytest.fixture
    def embedder(self, fused_checkpoint):
        return Clap(checkpoint=str(fused_checkpoint))


class TestByTorch(EmbedderContract):
    """What runs on a GPU and where there is no graph, with its batches."""

    @pytest.fixture
    def embedder(self, checkpoint, monkeypatch):
        read = clap_torch.read(str(checkpoint), device="cpu")
        networks = TorchNetworks(read.model, "cpu", clap_torch.GPU_BATCH)
        weights = replace(read.weights, networks=networks)
        monkeypatch.setattr(Clap, "load", lambda _: weights)
        return Clap(checkpoint=str(checkpoint))


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a GPU that torch can use")
class TestOnGpu(EmbedderContract):
    @pytest.fixture
    def embedder(self, full_checkpoint):
        return Clap(checkpoint=str(full_checkpoint), device="cuda")

    def test_its_rows_are_those_of_a_cpu(self, embedder, full_checkpoint, clips, captions):
        cpu = Clap(checkpoint=str(full_checkpoint))
        assert (embedder.load().runtime, embedder.id) == ("torch", cpu.id)
        np.testing.assert_allclose(
            embedder.embed_audio(clips), cpu.embed_audio(clips), atol=GPU_TOLERANCE
        )
        np.testing.assert_allclose(
            embedder.embed_text(captions), cpu.embed_text(captions), atol=GPU_TOLERANCE
        )


@pytest.mark.long
class TestFullSize(EmbedderContract):
    @pytest.fixture
    def embedder(self, full_checkpoint):
        return Clap(checkpoint=str(full_checkpoint))


@pytest.mark.parametrize("kind", ["checkpoint", "fused_checkpoint"])
def test_it_equals_the_stock_path_up_to_ten_seconds(kind, request, clips):
    folder = request.getfixturevalue(kind)
    ours = Clap(checkpoint=str(folder)).embed_audio(clips[:3])
    for row, clip in zip(ours, clips, strict=False):
        np.testing.assert_allclose(row[None], stock(folder, clip), atol=1e-5)
    assert np.abs(ours[0] - ours[1]).max() > 1e-3  # otherwise anything would equal anything


def test_the_front_end_equals_the_stock_one_to_the_last_bit_but_one(checkpoint, clips):
    extractor = ClapFeatureExtractor.from_pretrained(checkpoint)
    sound, rate_hz = samples(clips[2])
    stock_mel = extractor(sound[:, 0], sampling_rate=rate_hz, return_tensors="np")
    ours = Clap(checkpoint=str(checkpoint)).load().mel.of(sound[:, 0])
    np.testing.assert_allclose(ours, stock_mel["input_features"][0, 0], rtol=1e-6, atol=1e-5)


def test_full_size_equals_the_stock_path_and_itself(full_checkpoint, clips):
    embedder = Clap(checkpoint=str(full_checkpoint))
    together = embedder.embed_audio([clips[0], clips[1]])
    np.testing.assert_allclose(embedder.embed_audio([clips[1]])[0], together[1], atol=1e-6)
    np.testing.assert_allclose(together[1:], stock(full_checkpoint, clips[1]), atol=1e-4)


def test_padding_rule_equals_the_stock_padding_rule_and_differs_from_tiling(checkpoint, clips):
    padded = Clap(checkpoint=str(checkpoint), short_clips="pad").embed_audio(clips[:1])
    np.testing.assert_allclose(padded, stock(checkpoint, clips[0], padding="pad"), atol=1e-5)
    assert np.abs(padded - Clap(checkpoint=str(checkpoint)).embed_audio(clips[:1])).max() > 1e-3


def test_a_long_clip_is_the_mean_of_windows_that_cover_it(checkpoint, clips):
    embedder = Clap(checkpoint=str(checkpoint))
    long = clips[3]
    from earmark.embedders.waveform import wave

    mono = wave(long, rate_hz=48000)
    extractor, model = (
        ClapFeatureExtractor.from_pretrained(checkpoint),
        ClapModel.from_pretrained(checkpoint).eval(),
    )
    parts = [mono[:480000], mono[480000:960000], mono[-480000:]]
    with torch.inference_mode():
        rows = [
            model.get_audio_features(**extractor(part, sampling_rate=48000, return_tensors="pt"))
            .pooler_output[0]
            .numpy()
            for part in parts
        ]
    mean = np.mean(rows, axis=0)
    np.testing.assert_allclose(
        embedder.embed_audio([long])[0], mean / np.linalg.norm(mean), atol=1e-5
    )


def test_captions_equal_the_stock_tokenizer_path(checkpoint, captions):
    tokens = AutoTokenizer.from_pretrained(checkpoint)(captions, padding=True, return_tensors="pt")
    with torch.inference_mode():
        model = ClapModel.from_pretrained(checkpoint).eval()
        rows = model.get_text_features(
            tokens["input_ids"], attention_mask=tokens["attention_mask"]
        ).pooler_output.numpy()
    np.testing.assert_allclose(
        Clap(checkpoint=str(checkpoint)).embed_text(captions), rows, atol=1e-5
    )


def test_a_caption_longer_than_the_model_reads_is_cut(checkpoint):
    row = Clap(checkpoint=str(checkpoint)).embed_text([" ".join(["rain"] * 500)])
    assert np.isfinite(row).all()


def test_threads_share_one_model_and_one_answer(checkpoint, clips):
    embedder = Clap(checkpoint=str(checkpoint))
    rows: dict[int, np.ndarray] = {}
    threads = [
        threading.Thread(
            target=lambda k=k: rows.__setitem__(k, embedder.embed_audio([clips[k % 4]]))
        )
        for k in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all(np.array_equal(rows[k], rows[k % 4]) for k in range(8))
    assert Clap(checkpoint=str(checkpoint)).load() is embedder.load()


def test_other_weights_have_another_id(checkpoint, fused_checkpoint):
    ids = {Clap(checkpoint=str(checkpoint)).id, Clap(checkpoint=str(fused_checkpoint)).id}
    assert len(ids | {Clap(checkpoint=str(checkpoint), short_clips="pad").id}) == 3


def test_tiling_repeats_whole_copies_only():
    np.testing.assert_array_equal(
        fit(np.array([1, 2, 3], np.float32), 8, "tile"), [1, 2, 3, 1, 2, 3, 0, 0]
    )
    np.testing.assert_array_equal(
        fit(np.array([1, 2, 3], np.float32), 8, "pad"), [1, 2, 3, 0, 0, 0, 0, 0]
    )


def test_a_checkpoint_that_is_nowhere_is_said_within_the_probe(monkeypatch):
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    with pytest.raises(
        MetricUnavailable,
        match=r"'no-owner/no-clap'.*embedder\.checkpoint=FOLDER.*yamnet_minilm.*embedder=none",
    ):
        Clap(checkpoint="no-owner/no-clap").load()


def test_a_hub_that_never_answers_costs_only_the_probe(monkeypatch):
    monkeypatch.delenv("HF_HUB_OFFLINE", raising=False)
    monkeypatch.setattr("earmark.embedders.checkpoints._probe", lambda *_: time.sleep(30))
    start = time.monotonic()
    reason = unreachable("no-owner/no-clap", seconds=0.3)
    assert time.monotonic() - start < 5
    assert reason is not None
    assert "did not answer within 0.3 s" in reason


def test_a_folder_without_a_model_is_said(tmp_path):
    (tmp_path / "config.json").write_text('{"model_type": "bert"}')
    with pytest.raises(MetricUnavailable, match="holds a bert model"):
        Clap(checkpoint=str(tmp_path)).load()


def half_precision(folder: Path, target: Path) -> Path:
    """A copy of a checkpoint whose tensors are float16."""
    import shutil

    from safetensors.torch import load_file, save_file

    shutil.copytree(folder, target)
    weights = load_file(target / "model.safetensors")
    halves = {name: one.half() if one.is_floating_point() else one for name, one in weights.items()}
    save_file(halves, target / "model.safetensors", metadata={"format": "pt"})
    config = (target / "config.json").read_text().replace('"float32"', '"float16"')
    (target / "config.json").write_text(config)
    return target


def test_a_checkpoint_in_half_precision_is_read_as_single(checkpoint, tmp_path, clips, captions):
    half = Clap(checkpoint=str(half_precision(checkpoint, tmp_path / "half")))
    whole = Clap(checkpoint=str(checkpoint))
    model = clap_torch.read(half.checkpoint, device="cpu").model
    assert next(model.parameters()).dtype == torch.float32
    np.testing.assert_allclose(half.embed_audio(clips[:2]), whole.embed_audio(clips[:2]), atol=5e-3)
    np.testing.assert_allclose(half.embed_text(captions), whole.embed_text(captions), atol=5e-3)


def test_weights_that_are_not_all_there_are_refused(checkpoint, tmp_path):
    import shutil

    from safetensors.torch import load_file, save_file

    shutil.copytree(checkpoint, tmp_path / "torn")
    weights = load_file(tmp_path / "torn" / "model.safetensors")
    save_file(
        dict(list(weights.items())[5:]),
        tmp_path / "torn" / "model.safetensors",
        metadata={"format": "pt"},
    )
    with pytest.raises(MetricUnavailable, match="lack 5 tensors"):
        Clap(checkpoint=str(tmp_path / "torn")).load()
