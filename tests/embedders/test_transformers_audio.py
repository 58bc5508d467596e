"""Any audio model of transformers: checkpoints of true architecture with random weights."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from earmark.embedders.transformers_audio import TransformersAudio
from earmark.errors import MetricUnavailable
from earmark.testing.embedders import AudioEmbedderContract

from .test_clap import half_precision

SMALL = {
    "hidden_size": 32,
    "num_hidden_layers": 2,
    "num_attention_heads": 2,
    "intermediate_size": 48,
}


def encodec() -> tuple[Any, Any]:
    from transformers import EncodecConfig, EncodecFeatureExtractor, EncodecModel

    return EncodecModel(
        EncodecConfig(num_filters=4, hidden_size=24, codebook_dim=24, codebook_size=32)
    ), EncodecFeatureExtractor()


def encodec_stereo() -> tuple[Any, Any]:
    from transformers import EncodecConfig, EncodecFeatureExtractor, EncodecModel

    config = EncodecConfig(
        num_filters=4,
        hidden_size=24,
        codebook_dim=24,
        codebook_size=32,
        audio_channels=2,
        sampling_rate=48000,
    )
    return EncodecModel(config), EncodecFeatureExtractor(feature_size=2, sampling_rate=48000)


def wav2vec2() -> tuple[Any, Any]:
    from transformers import Wav2Vec2Config, Wav2Vec2FeatureExtractor, Wav2Vec2Model

    config = Wav2Vec2Config(
        conv_dim=(16,) * 7, num_conv_pos_embeddings=16, num_conv_pos_embedding_groups=4, **SMALL
    )
    return Wav2Vec2Model(config), Wav2Vec2FeatureExtractor()


def whisper() -> tuple[Any, Any]:
    from transformers import WhisperConfig, WhisperFeatureExtractor, WhisperModel

    sizes = {
        "d_model": 32,
        "encoder_layers": 1,
        "decoder_layers": 1,
        "encoder_attention_heads": 2,
        "decoder_attention_heads": 2,
    }
    sizes |= {
        "encoder_ffn_dim": 48,
        "decoder_ffn_dim": 48,
        "vocab_size": 60,
        "pad_token_id": 0,
        "bos_token_id": 1,
        "eos_token_id": 2,
    }
    return WhisperModel(WhisperConfig(**sizes, decoder_start_token_id=1)), WhisperFeatureExtractor()


def ast() -> tuple[Any, Any]:
    from transformers import ASTConfig, ASTFeatureExtractor, ASTModel

    return ASTModel(ASTConfig(**SMALL)), ASTFeatureExtractor()


KINDS: list[Callable[[], tuple[Any, Any]]] = [encodec, encodec_stereo, wav2vec2, whisper, ast]


@pytest.fixture(scope="module", params=KINDS, ids=lambda kind: kind.__name__)
def folder(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    import torch

    torch.manual_seed(5)
    place = tmp_path_factory.mktemp(request.param.__name__)
    model, extractor = request.param()
    model.eval().save_pretrained(place)
    extractor.save_pretrained(place)
    return place


class TestEveryKind(AudioEmbedderContract):
    @pytest.fixture
    def embedder(self, folder: Path) -> TransformersAudio:
        return TransformersAudio(checkpoint=str(folder))


def test_a_checkpoint_in_half_precision_is_read_as_single(
    folder: Path, tmp_path: Path, clips: Any
) -> None:
    whole = TransformersAudio(checkpoint=str(folder)).embed_features(clips[:1])
    half = TransformersAudio(checkpoint=str(half_precision(folder, tmp_path / "half")))
    rows = half.embed_features(clips[:1])
    np.testing.assert_allclose(rows, whole, atol=0.02 * float(np.abs(whole).max()))


def test_it_is_the_mean_of_what_transformers_gives(tmp_path: Path, clips: Any) -> None:
    import torch
    from transformers import AutoFeatureExtractor, AutoModel

    from earmark.embedders.waveform import wave

    model, extractor = wav2vec2()
    model.eval().save_pretrained(tmp_path)
    extractor.save_pretrained(tmp_path)
    asked = AutoFeatureExtractor.from_pretrained(tmp_path)(
        wave(clips[1], rate_hz=16000), sampling_rate=16000, return_tensors="pt"
    )
    with torch.inference_mode():
        stock = (
            AutoModel.from_pretrained(tmp_path)
            .eval()(**asked)
            .last_hidden_state[0]
            .mean(dim=0)
            .numpy()
        )
    np.testing.assert_allclose(
        TransformersAudio(checkpoint=str(tmp_path)).embed_features(clips[1:2])[0], stock, atol=1e-5
    )


def test_what_cannot_be_loaded_is_said(
    checkpoint: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    (tmp_path / "empty").mkdir()
    for name, said in (
        ("", "needs a checkpoint, and none is set"),
        ("no-owner/nothing", "the hub is switched off"),
        (str(tmp_path / "missing"), r"cannot be loaded"),
        (str(tmp_path / "empty"), "cannot be loaded"),
        (str(checkpoint), "ClapModel; set embedder=clap"),
    ):
        with pytest.raises(MetricUnavailable, match=said):
            TransformersAudio(checkpoint=name).load()
