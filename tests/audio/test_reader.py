"""What the strict reader takes, bit for bit, and what it says about it."""

import hashlib
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import soundfile

from earmark.audio import read_clip, read_result, samples, with_file_before_failure
from earmark.errors import AudioError
from earmark.records import Execution, Limits, ResultKind
from earmark.testing.audio import chunk, form, riff, tone, wav16, wav_float

CODINGS = ["PCM_U8", "PCM_16", "PCM_24", "PCM_32", "FLOAT", "DOUBLE"]


def written(folder: Path, content: bytes, name: str = "out.wav") -> Path:
    path = folder / name
    path.write_bytes(content)
    return path


@pytest.mark.parametrize("coding", CODINGS)
@pytest.mark.parametrize("header", ["WAV", "WAVEX"])
@pytest.mark.parametrize("channels", [1, 2])
def test_every_permitted_coding_gives_the_frames_libsndfile_gives(
    tmp_path, coding, header, channels
):
    path = tmp_path / "out.wav"
    frames = np.random.default_rng(0).uniform(-0.9, 0.9, (30011, channels))
    soundfile.write(path, frames, 44100, subtype=coding, format=header)
    ours, rate_hz = samples(path)
    theirs, _ = soundfile.read(path, dtype="float32", always_2d=True)
    assert ours.dtype == np.float32
    assert np.array_equal(ours, theirs)
    clip = read_clip(path, limits=Limits(), asked_seconds=0.7)
    assert (clip.sample_rate, clip.channels, clip.frames, rate_hz) == (
        44100,
        channels,
        30011,
        44100,
    )
    assert clip.seconds == pytest.approx(30011 / 44100)


def test_a_clip_carries_its_levels(tmp_path):
    frames = tone(seconds=1.0, level=0.5, channels=2) + np.array([0.1, -0.2])
    clip = read_clip(written(tmp_path, wav_float(frames)))
    assert clip.peak == pytest.approx(0.7, abs=1e-3)
    assert clip.rms == pytest.approx(np.sqrt((frames**2).mean()), rel=1e-6)
    assert clip.dc_offset == pytest.approx(-0.2, abs=1e-6)
    assert clip.clipped_fraction == 0
    assert clip.sha256 == hashlib.sha256((tmp_path / "out.wav").read_bytes()).hexdigest()


def test_clipping_is_a_fact_and_not_a_failure(tmp_path):
    loud = 2.0 * tone(seconds=1.0, level=1.0)
    clip = read_clip(written(tmp_path, wav16(loud)), limits=Limits())
    assert clip.clipped_fraction == pytest.approx(2 / 3, abs=0.02)
    over = read_clip(written(tmp_path, wav_float(loud)), limits=Limits())
    assert over.peak == pytest.approx(2.0, abs=1e-3)
    assert over.clipped_fraction == pytest.approx(2 / 3, abs=0.02)


def test_levels_do_not_depend_on_where_blocks_end(tmp_path):
    frames = np.random.default_rng(1).normal(0, 0.1, (99991, 2))
    clip = read_clip(written(tmp_path, wav_float(frames, bits=64)))
    ours, _ = samples(clip)
    assert np.array_equal(ours, frames.astype(np.float32))
    assert clip.rms == pytest.approx(float(np.sqrt((frames**2).mean())), rel=1e-6)


def test_chunks_before_the_samples_are_passed_over_and_after_them_never_read(tmp_path):
    body = wav16(tone())[44:]
    odd = riff(
        chunk(b"LIST", b"odd"),
        form(),
        chunk(b"fact", b"\0" * 4),
        chunk(b"data", body),
        b"junk that is no chunk",
    )
    frames, _ = samples(written(tmp_path, odd))
    assert np.array_equal(frames, samples(written(tmp_path, wav16(tone())))[0])


def test_a_tick_in_ten_seconds_is_sound_and_a_constant_is_silent(tmp_path):
    frames = np.zeros((160000, 1))
    frames[80000:80032] = 0.01
    assert read_clip(written(tmp_path, wav16(frames)), limits=Limits()).peak == pytest.approx(
        0.01, abs=1e-4
    )
    with pytest.raises(AudioError, match="rise above -60 dBFS, got a constant"):
        read_clip(written(tmp_path, wav16(np.full((8000, 1), 0.5))))


@pytest.mark.parametrize(
    ("asked", "kind"), [(0.2, "too_long"), (1.1, "too_short"), (0.26, None), (0.99, None)]
)
def test_only_a_length_more_than_twice_off_is_a_failure(tmp_path, asked, kind):
    path = written(tmp_path, wav16(tone(seconds=0.5)))
    if kind is None:
        assert read_clip(path, limits=Limits(), asked_seconds=asked).seconds == 0.5
        return
    with pytest.raises(AudioError, match=rf"must be {asked:g} s long .*, is 0\.5 s") as caught:
        read_clip(path, limits=Limits(), asked_seconds=asked)
    assert caught.value.failure.kind == kind


def test_without_limits_the_users_own_file_may_have_any_rate_channels_and_length(tmp_path):
    clip = read_clip(
        written(tmp_path, wav16(tone(rate_hz=8000, channels=6, seconds=70.0), rate_hz=8000))
    )
    assert (clip.sample_rate, clip.channels, clip.seconds) == (8000, 6, 70.0)


def execution(result: ResultKind, wav: str | None) -> Execution:
    return Execution("exit", 0, "", "", 0.1, 0.1, 1, "namespaces", result, wav)


@pytest.mark.parametrize(
    ("result", "kind"),
    [
        ("missing", "no_file"),
        ("link", "not_a_wav"),
        ("folder", "not_a_wav"),
        ("fifo", "not_a_wav"),
        ("socket", "not_a_wav"),
        ("device", "not_a_wav"),
        ("too_large", "out_of_limits"),
        ("padded", "out_of_limits"),
    ],
)
def test_what_is_there_instead_of_a_file_has_its_kind(result, kind):
    with pytest.raises(AudioError, match=r"^out\.wav: (was|is|must) ") as caught:
        read_result(execution(result, None), limits=Limits())
    assert caught.value.failure.kind == kind


def test_the_clip_of_an_execution_names_the_file_of_the_limits_not_ours(tmp_path):
    path = written(tmp_path, b"no audio", name="kept.wav")
    with pytest.raises(AudioError, match=r"^out\.wav: must begin with RIFF") as caught:
        read_result(execution("file", str(path)), limits=Limits())
    assert str(tmp_path) not in caught.value.failure.message
    path.write_bytes(wav16(tone()))
    assert read_result(
        execution("file", str(path)), limits=Limits(), asked_seconds=0.5
    ).path == str(path)


def test_what_was_written_in_place_of_the_file_is_named():
    run = replace(execution("missing", None), other_files=("sounds/tone.wav", "a.mp3"))
    with pytest.raises(
        AudioError,
        match=r"program wrote sounds/tone\.wav, a\.mp3 instead\); write out\.wav in the current",
    ) as caught:
        read_result(run, limits=Limits())
    assert caught.value.failure.kind == "no_file"


def test_a_file_of_other_chunks_is_refused_within_limits_and_read_without(tmp_path):
    body = wav16(tone())[44:]
    for chunks in ([chunk(b"data", body), chunk(b"LIST", bytes(2_000_000))], []):
        more = chunks or [chunk(b"LIST", bytes(2_000_000)), chunk(b"data", body)]
        path = written(tmp_path, riff(form(), *more))
        assert read_clip(path).seconds == 0.5
        with pytest.raises(AudioError, match="at most 1048576 bytes besides its samples") as caught:
            read_clip(path, limits=Limits())
        assert caught.value.failure.kind == "out_of_limits"


@pytest.mark.parametrize(
    ("end", "code", "content", "noted"),
    [
        ("exit", 1, wav16(tone()), True),
        ("timeout", None, wav16(tone()), True),
        ("exit", 0, wav16(tone()), False),
        ("exit", 1, wav16(tone())[:-100], False),
        ("exit", 1, wav16(tone(seconds=5.0)), False),
    ],
)
def test_a_valid_file_of_a_program_that_failed_is_noted(tmp_path, end, code, content, noted):
    path = written(tmp_path, content)
    run = replace(execution("file", str(path)), end=end, exit_code=code)
    seen = with_file_before_failure(run, limits=Limits(), asked_seconds=0.5)
    assert seen == replace(run, file_before_failure=noted)
