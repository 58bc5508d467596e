"""The reader survives damaged files: a clip or one AudioError, no crash, no hang, little memory."""

import time
import tracemalloc
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from earmark.audio import read_clip, samples
from earmark.errors import AudioError
from earmark.records import FAILURES, Clip, Limits
from earmark.testing.audio import chunk, form, mutated, riff, tone, wav16, wav_float

ORIGINALS = {
    "pcm16": wav16(tone(seconds=0.2)),
    "stereo": wav16(tone(seconds=0.2, channels=2)),
    "float": wav_float(tone(seconds=0.2)),
    "double": wav_float(tone(seconds=0.2), bits=64),
    "extensible": riff(
        form(
            tag=0xFFFE,
            bits=24,
            more=bytes.fromhex("1600180000000000")
            + b"\x01\x00"
            + bytes.fromhex("000000001000800000aa00389b71"),
        ),
        chunk(b"data", bytes(range(256)) * 36),
    ),
}
# What Python objects, one block and its temporaries may take on top of twice the file.
SMALL_BYTES = 1 << 20
LONGEST_SECONDS = 2.0


def outcome(path: Path, limits: Limits | None) -> Clip | str:
    try:
        return read_clip(path, limits=limits)
    except AudioError as error:
        return error.failure.kind


def outcomes(path: Path, original: bytes, *, seed: int, count: int) -> set[str]:
    """Kinds seen (or "clip") over `count` damaged copies, each within its time and memory."""
    seen = set()
    for number, content in enumerate(mutated(original, seed=seed, count=count)):
        path.write_bytes(content)
        started = time.perf_counter()
        tracemalloc.reset_peak()
        before, _ = tracemalloc.get_traced_memory()
        result = outcome(path, Limits() if number % 2 else None)
        _, most = tracemalloc.get_traced_memory()
        assert time.perf_counter() - started < LONGEST_SECONDS
        assert most - before < 2 * len(content) + SMALL_BYTES
        seen.add("clip" if isinstance(result, Clip) else result)
    assert seen <= {"clip", *FAILURES["audio"]}
    return seen


def sweep(folder: Path, count: int) -> set[str]:
    seen: set[str] = set()
    tracemalloc.start()
    try:
        for seed, original in enumerate(ORIGINALS.values()):
            seen |= outcomes(folder / "out.wav", original, seed=seed, count=count // len(ORIGINALS))
    finally:
        tracemalloc.stop()
    return seen


def test_a_sample_of_damaged_files(tmp_path):
    assert {"clip", "not_a_wav", "unreadable", "out_of_limits", "too_short"} <= sweep(
        tmp_path, 2000
    )


@pytest.mark.long
@pytest.mark.timeout(3600)
def test_a_hundred_thousand_damaged_files(tmp_path):
    assert {"clip", "not_a_wav", "unreadable", "out_of_limits", "non_finite", "too_short"} <= sweep(
        tmp_path, 100_000
    )


def test_a_full_sized_clip_is_read_within_twice_its_bytes(tmp_path):
    path = tmp_path / "out.wav"
    path.write_bytes(wav_float(np.random.default_rng(0).normal(0, 0.1, (700_000, 2))))
    tracemalloc.start()
    try:
        read_clip(path, limits=Limits())
        _, reading = tracemalloc.get_traced_memory()
        tracemalloc.reset_peak()
        frames, _ = samples(path)
        _, holding = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert reading < 2 * SMALL_BYTES
    assert holding < frames.nbytes + 2 * SMALL_BYTES


def test_the_memory_check_can_fail(tmp_path):
    """A reader that holds the file three times over is seen by the same measure."""
    path = tmp_path / "out.wav"
    path.write_bytes(b"\0" * (4 * SMALL_BYTES))
    tracemalloc.start()
    try:
        held = [path.read_bytes() for _ in range(3)]
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert len(held) == 3
    assert most > 2 * path.stat().st_size + SMALL_BYTES


@pytest.fixture(scope="module")
def one_path(tmp_path_factory):
    return tmp_path_factory.mktemp("wav") / "out.wav"


headers = st.builds(
    form,
    tag=st.sampled_from([1, 3, 2, 0xFFFE]) | st.integers(0, 0xFFFF),
    channels=st.integers(0, 9) | st.integers(0, 0xFFFF),
    rate_hz=st.sampled_from([0, 16000, 44100]) | st.integers(0, 2**32 - 1),
    bits=st.sampled_from([8, 16, 24, 32, 64]) | st.integers(0, 0xFFFF),
    frame_bytes=st.none() | st.integers(0, 0xFFFF),
    more=st.binary(max_size=24),
).filter(lambda made: len(made) >= 24)
data = st.builds(
    lambda body, claimed: chunk(b"data", body, claimed=claimed),
    st.binary(max_size=600),
    st.none() | st.integers(0, 2**32 - 1),
)


@settings(max_examples=300, deadline=2000)
@given(
    parts=st.lists(
        headers
        | data
        | st.builds(chunk, st.binary(min_size=4, max_size=4), st.binary(max_size=40)),
        max_size=6,
    )
)
def test_any_arrangement_of_chunks_is_a_clip_or_one_kind(one_path, parts):
    path = one_path
    path.write_bytes(riff(*parts))
    result = outcome(path, None)
    if isinstance(result, Clip):
        frames, rate_hz = samples(result)
        assert (result.frames, result.channels, result.sample_rate) == (*frames.shape, rate_hz)
        assert np.isfinite(frames).all()
