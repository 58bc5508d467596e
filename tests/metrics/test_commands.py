"""`earmark score` on files: the shapes that others rely on."""

import json

import pytest

from earmark.commands import score
from earmark.embedders.none import NoEmbedder
from earmark.errors import ConfigError
from earmark.metrics.files import folder_fad, score_pairs

from .conftest import tone


def test_every_pair_is_scored_in_order(embedder, clips, tmp_path, monkeypatch):
    monkeypatch.setenv("EARMARK_CACHE", str(tmp_path))
    pairs = score_pairs(
        [clips[0].path, str(tmp_path / "gone.wav")],
        ["a low tone", "a high tone"],
        embedder=embedder,
    )
    assert [(pair["clip"], pair["text"]) for pair in pairs[:2]] == [
        (clips[0].path, "a low tone"),
        (clips[0].path, "a high tone"),
    ]
    assert pairs[0]["score"] > pairs[1]["score"]
    assert pairs[2]["score"] is None
    assert "gone.wav" in pairs[2]["unscored"]


def test_json_has_exactly_the_promised_keys_and_no_wav_is_an_error(
    clips, tmp_path, monkeypatch, capsys
):
    monkeypatch.setenv("EARMARK_CACHE", str(tmp_path))
    monkeypatch.setattr(score, "build_embedder", lambda *_: NoEmbedder())
    (tmp_path / "text.wav").write_text("no sound")
    assert score.main([clips[0].path, "--text", "rain", "--json"]) == 0
    pairs = json.loads(capsys.readouterr().out)
    assert [set(pair) for pair in pairs] == [{"clip", "text", "embedder", "score", "unscored"}]
    assert score.main([str(tmp_path / "text.wav"), "--text", "rain", "--json"]) == 1
    assert "RIFF" in json.loads(capsys.readouterr().out)[0]["unscored"]


def test_a_folder_against_another(embedder, tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("EARMARK_CACHE", str(tmp_path / "cache"))
    for k in range(13):
        tone(tmp_path / "a" / f"{k}.wav", 300 + 30 * k)
        tone(tmp_path / "b" / "deep" / f"{k}.wav", 900 + 30 * k)
    (tmp_path / "a" / "text.wav").write_text("no sound")
    near, far = (
        folder_fad(tmp_path / "a", tmp_path / other, embedder=embedder) for other in ("a", "b")
    )
    assert set(far) == {"fad", "n", "n_reference", "embedder", "unscored"}
    assert near["fad"] == pytest.approx(0, abs=1e-2)
    spread = folder_fad(tmp_path / "a", tmp_path / "b", embedder=embedder, resamples=200)
    assert spread["fad"] == far["fad"]
    assert 0 < spread["low"] < spread["high"]
    assert far["fad"] > 100 * near["fad"]
    assert (far["n"], far["n_reference"], far["unscored"]) == (13, 13, None)
    assert "left out" in capsys.readouterr().err


def test_few_clips_are_a_reason_and_an_empty_folder_is_refused(embedder, tmp_path, monkeypatch):
    monkeypatch.setenv("EARMARK_CACHE", str(tmp_path / "cache"))
    tone(tmp_path / "a" / "0.wav", 300)
    said = folder_fad(tmp_path / "a", tmp_path / "a", embedder=embedder)
    assert said["fad"] is None
    assert "needs at least 12" in said["unscored"]
    (tmp_path / "empty").mkdir()
    with pytest.raises(ConfigError, match="holds none"):
        folder_fad(tmp_path / "empty", tmp_path / "a", embedder=embedder)
    with pytest.raises(
        ConfigError,
        match=r"0\.wav: must be a folder that holds WAV files, is a file; `earmark score` takes",
    ):
        folder_fad(tmp_path / "a" / "0.wav", tmp_path / "a", embedder=embedder)


def test_a_folder_against_itself_names_what_is_left_out_once(
    embedder, tmp_path, monkeypatch, capsys
):
    monkeypatch.setenv("EARMARK_CACHE", str(tmp_path / "cache"))
    tone(tmp_path / "a" / "0.wav", 300)
    (tmp_path / "a" / "text.wav").write_text("no sound")
    folder_fad(tmp_path / "a", tmp_path / "a", embedder=embedder)
    assert capsys.readouterr().err.count("left out") == 1


def test_an_empty_reference_is_refused_before_anything_is_embedded(embedder, tmp_path, monkeypatch):
    monkeypatch.setenv("EARMARK_CACHE", str(tmp_path / "cache"))
    tone(tmp_path / "a" / "0.wav", 300)
    with pytest.raises(ConfigError, match="nowhere: must be a folder that holds WAV files"):
        folder_fad(tmp_path / "a", tmp_path / "nowhere", embedder=embedder)
    assert not (tmp_path / "cache").exists()


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--text", "rain", "--metric", "whisper"], "--metric: belongs to --spec"),
        (["--spec", "{}", "--resample", "9"], "--resample: belongs to --reference"),
        (["--spec", "{}", "--embedder", "clap"], "--embedder clap: --spec needs none"),
        (["--reference", "b", "--resample", "-1"], "--resample -1: must be 0 or more"),
        (["b", "--reference", "c"], "--reference compares one folder, got 2: a, b"),
    ],
)
def test_an_option_that_would_be_ignored_is_refused(words, message):
    with pytest.raises(ConfigError, match=message):
        score.main(["a", *words])
