"""The networks of the checks: tags, words of synthetic speech, and no words without a voice."""

import os
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
from numpy.typing import NDArray

from earmark import paths
from earmark.checks import SpecChecks, check
from earmark.checks.detectors import Detectors
from earmark.checks.sound import Sound, sound
from earmark.checks.words import transcript
from earmark.embedders.pocketsphinx import Pocketsphinx
from earmark.embedders.voice_activity import VoiceActivity
from earmark.embedders.whisper import Whisper
from earmark.embedders.whisper_base import packaged
from earmark.embedders.yamnet_tags import YamnetTags
from earmark.errors import ConfigError, MetricUnavailable
from earmark.references.debian import unpacked
from earmark.references.packages import Packages

pytestmark = pytest.mark.xdist_group("recognisers")  # its fixtures are made once

RATE_HZ = 16000
DETECTORS = Detectors(tagger=YamnetTags(), voice=VoiceActivity(), recogniser=packaged())
NOTHING = "no fact of the spec can be judged here; see the facts' own reasons"
SINE = 0.5 * np.sin(2 * np.pi * 1000 * np.arange(2 * RATE_HZ) / RATE_HZ)[:, None]
# Written before any was transcribed. No setting of a recogniser was chosen on them; the threshold
# of the voice detector was chosen on these and others.
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
    right, wrong = (
        check(SINE, RATE_HZ, {"tags": [name]}, DETECTORS).values for name in ("Sine wave", "Dog")
    )
    assert (right["check_tags_ok"], wrong["check_tags_ok"]) == (1, 0)
    assert right["check_tag_rank_yamnet_standin"] < 10 < wrong["check_tag_rank_yamnet_standin"]


def test_a_class_that_there_is_not_is_refused() -> None:
    with pytest.raises(
        ConfigError, match=r"spec.tags must be a list of AudioSet class names.*\['Dogg'\]"
    ):
        check(SINE, RATE_HZ, {"tags": ["Dogg"]}, DETECTORS)


class Missing:
    """A tagger and voice detector that is not installed."""

    def tag(self, mono: Any) -> Any:
        raise MetricUnavailable("it is not installed")

    detect = tag


def test_without_a_tagger_a_tag_is_not_judged() -> None:
    assert "none is set" in check(SINE, RATE_HZ, {"tags": ["Dog"]}).unscored["check_tags_ok"]
    assert (
        check(SINE, RATE_HZ, {"tags": ["Dog"]}, Detectors(tagger=Missing())).unscored[
            "check_tags_ok"
        ]
        == "it is not installed"
    )


def test_without_a_recogniser_words_are_not_judged() -> None:
    assert "one is not set" in check(SINE, RATE_HZ, {"words": "hello"}).unscored["check_words_ok"]
    said = check(
        SINE, RATE_HZ, {"words": "hello"}, Detectors(voice=Missing(), recogniser=Parrot("hello"))
    )
    assert said.unscored == dict.fromkeys(
        ("check_words_ok", "check_wer_parrot"), "it is not installed"
    ) | {"check_ok": NOTHING}


class Voice:
    """A voice detector with one answer."""

    def __init__(self, answer: bool) -> None:
        self.answer = answer

    def detect(self, mono: Any) -> bool:
        return self.answer


class Parrot:
    """A recogniser that returns the same words for everything."""

    name = "parrot"

    def __init__(self, text: str) -> None:
        self.text = text

    def transcribe(self, mono: Any) -> str:
        return self.text


def test_words_are_transcribed_only_where_there_is_a_voice() -> None:
    parrot = Parrot("hello")
    silent, speaking = (
        Detectors(voice=Voice(False), recogniser=parrot),
        Detectors(voice=Voice(True), recogniser=parrot),
    )
    assert (
        transcript(sound(SINE, RATE_HZ, silent)),
        transcript(sound(SINE, RATE_HZ, speaking)),
    ) == ("", "hello")


class Measure(Parrot):
    """A recogniser that remembers how long the clips were."""

    def transcribe(self, mono: Any) -> str:
        self.text = f"{len(mono) / RATE_HZ:.2f}"
        return ""


def test_a_recogniser_is_spared_the_silence_around_what_is_said() -> None:
    measure = Measure("")
    said = np.concatenate([np.zeros((25 * RATE_HZ, 1)), SINE, np.zeros((20 * RATE_HZ, 1))])
    transcript(sound(said, RATE_HZ, Detectors(voice=Voice(True), recogniser=measure)))
    assert float(measure.text) == pytest.approx(2.6, abs=0.03)


@pytest.mark.parametrize("text", ["It's one, two... THREE!", "it's one two three"])
def test_case_and_punctuation_are_no_errors(text: str) -> None:
    detectors = Detectors(voice=Voice(True), recogniser=Parrot(text))
    assert (
        check(SINE, RATE_HZ, {"words": "It's one two, three."}, detectors).values[
            "check_wer_parrot"
        ]
        == 0
    )


def test_error_rates_of_two_recognisers_stand_in_no_table_together() -> None:
    assert SpecChecks(recogniser=Parrot("a")).id != SpecChecks(recogniser=Pocketsphinx()).id


Speaker = Callable[[str], Sound]


@pytest.fixture(scope="module")
def flite(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Speaker]:
    """Speak by flite, out of its package: voice -> text -> Sound."""
    try:
        found = [
            unpacked(name, paths.cache() / "packages", seconds_to_fetch=120).folder
            for name in ("flite", "libflite1")
        ]
    except MetricUnavailable as error:
        pytest.skip(str(error))
    libraries = {str(path.parent) for path in found[1].rglob("*.so*")}
    environment = {**os.environ, "LD_LIBRARY_PATH": ":".join(sorted(libraries))}
    out = tmp_path_factory.mktemp("spoken") / "out.wav"
    program = str(found[0] / "usr" / "bin" / "flite")
    return lambda voice: (
        lambda text: spoken(
            [program, "-voice", voice, "-t", text, "-o", str(out)], out, environment
        )
    )


@pytest.fixture(scope="module")
def espeak(tmp_path_factory: pytest.TempPathFactory) -> Speaker:
    """Speak by espeak-ng, whose formant voice is the least human one."""
    program = shutil.which("espeak-ng") or pytest.skip(
        "espeak-ng is not installed: apt-get install espeak-ng"
    )
    out = tmp_path_factory.mktemp("spoken") / "out.wav"
    return lambda text: spoken([program, "-w", str(out), text], out, dict(os.environ))


def spoken(command: list[str], out: Path, environment: dict[str, str]) -> Sound:
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        pytest.skip(f"{command[0]} does not run here: {done.stderr[-200:]}")
    samples, rate_hz = soundfile.read(out, always_2d=True)
    return sound(samples, rate_hz, DETECTORS)


def word_error_rate(speaker: Speaker, sentences: tuple[str, ...]) -> float:
    from jiwer import wer

    return float(wer(list(sentences), [transcript(speaker(text)) for text in sentences]))


@pytest.fixture(scope="module")
def whisper_base() -> None:
    if DETECTORS.recogniser is None or DETECTORS.recogniser.name != "whisper_base":
        pytest.skip("the packaged Whisper is not installed: requirements/offline.txt")


@pytest.mark.parts
def test_clean_synthetic_speech_is_recognised(flite: Any, whisper_base: None) -> None:
    assert word_error_rate(flite("rms"), SENTENCES[:3]) <= 0.15


@pytest.mark.parts
def test_a_formant_voice_is_recognised(espeak: Speaker, whisper_base: None) -> None:
    assert word_error_rate(espeak, SENTENCES[9:]) <= 0.15


@pytest.mark.parts
@pytest.mark.long
@pytest.mark.parametrize("voice", ["kal16", "slt", "rms", "awb"])
def test_clean_synthetic_speech_is_recognised_in_full(
    flite: Any, voice: str, whisper_base: None
) -> None:
    assert word_error_rate(flite(voice), SENTENCES) <= 0.15


@pytest.mark.parts
@pytest.mark.long
def test_a_formant_voice_is_recognised_in_full(espeak: Speaker, whisper_base: None) -> None:
    assert word_error_rate(espeak, SENTENCES) <= 0.15


@pytest.mark.parts
def test_pocketsphinx_recognises_a_voice_that_is_nearly_human(flite: Any) -> None:
    pytest.importorskip(
        "pocketsphinx", reason="pocketsphinx is not installed: requirements/offline.txt"
    )
    detectors, speak = replace(DETECTORS, recogniser=Pocketsphinx()), flite("rms")
    assert (
        word_error_rate(lambda text: replace(speak(text), detectors=detectors), SENTENCES[:3])
        <= 0.15
    )


def words_in_recordings(count: int) -> dict[str, str]:
    """What is recognised in that many sound effects that have words, by name."""
    try:
        clips = Packages().for_tier("environment").clips
    except MetricUnavailable as error:
        pytest.skip(str(error))
    loaded = {
        Path(clip.path).name: soundfile.read(clip.path, always_2d=True)
        for clip in clips[:: max(1, len(clips) // count)]
    }
    texts = {
        name: transcript(sound(samples, rate_hz, DETECTORS))
        for name, (samples, rate_hz) in loaded.items()
    }
    return {name: text for name, text in texts.items() if text}


@pytest.mark.parts
def test_recordings_without_a_voice_hold_no_words() -> None:
    assert words_in_recordings(8) == {}


@pytest.mark.parts
@pytest.mark.long
def test_recordings_without_a_voice_hold_no_words_in_full(whisper_base: None) -> None:
    # One effect of the package is a voice: a moon landing's radio.
    assert [
        text for text in words_in_recordings(120).values() if "one small step for man" not in text
    ] == []


@pytest.mark.parametrize("kind", ["sine", "noise", "clicks", "sweep", "chord"])
def test_made_sounds_hold_no_words(kind: str) -> None:
    assert transcript(sound(made(kind), RATE_HZ, DETECTORS)) == ""


def made(kind: str) -> NDArray[np.float64]:
    t = np.arange(3 * RATE_HZ) / RATE_HZ
    if kind == "noise":
        return 0.2 * np.random.default_rng(0).normal(size=(len(t), 1))
    if kind == "clicks":
        return (np.arange(len(t)) % 4000 < 8).astype(np.float64)[:, None]
    tones = {
        "sine": [220 * t],
        "sweep": [100 * t + 300 * t**2],
        "chord": [f * t for f in (220, 277.2, 329.6)],
    }[kind]
    mixed: NDArray[np.float64] = np.mean([np.sin(2 * np.pi * phase) for phase in tones], axis=0)
    return mixed[:, None]


@pytest.fixture(scope="session")
def tiny_whisper(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A checkpoint of the true architecture with random weights, in a folder."""
    import torch
    from tokenizers import Tokenizer, models, pre_tokenizers
    from transformers import (
        PreTrainedTokenizerFast,
        WhisperConfig,
        WhisperFeatureExtractor,
        WhisperForConditionalGeneration,
    )

    folder = tmp_path_factory.mktemp("whisper")
    torch.manual_seed(0)
    ends = {"bos_token_id": 0, "eos_token_id": 1, "pad_token_id": 1, "decoder_start_token_id": 0}
    sizes = {
        "d_model": 16,
        "encoder_layers": 1,
        "decoder_layers": 1,
        "encoder_attention_heads": 2,
        "decoder_attention_heads": 2,
    }
    config = WhisperConfig(
        vocab_size=12,
        encoder_ffn_dim=16,
        decoder_ffn_dim=16,
        max_target_positions=24,
        suppress_tokens=[],
        **sizes,
        **ends,
    )
    model = WhisperForConditionalGeneration(config)
    model.generation_config.suppress_tokens = model.generation_config.begin_suppress_tokens = None
    model.save_pretrained(folder)
    WhisperFeatureExtractor(feature_size=80).save_pretrained(folder)
    words = Tokenizer(
        models.WordLevel(
            {word: k for k, word in enumerate(["<s>", "</s>", *"abcdefghij"])}, unk_token="a"
        )
    )
    words.pre_tokenizer = pre_tokenizers.Whitespace()
    PreTrainedTokenizerFast(
        tokenizer_object=words, bos_token="<s>", eos_token="</s>", pad_token="</s>"
    ).save_pretrained(folder)
    return folder


def test_whisper_transcribes_a_clip_always_the_same(tiny_whisper: Path) -> None:
    whisper = Whisper(checkpoint=str(tiny_whisper))
    text = whisper.transcribe(SINE[:, 0])
    assert text == whisper.transcribe(SINE[:, 0]) == text.lower()
    assert text


def test_another_recogniser_stands_behind_the_gate_and_under_its_own_name(
    tiny_whisper: Path,
) -> None:
    detectors = Detectors(voice=VoiceActivity(), recogniser=Whisper(checkpoint=str(tiny_whisper)))
    said = check(SINE, RATE_HZ, {"words": "hello"}, detectors)
    assert said.values == {"check_wer_whisper": 1.0, "check_words_ok": 0.0, "check_ok": 0.0}


def test_a_folder_without_whisper_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="must be a Whisper checkpoint, cannot be loaded"):
        Whisper(checkpoint=str(tmp_path))
