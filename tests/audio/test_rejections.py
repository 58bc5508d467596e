"""What the strict reader refuses: each bad file has one kind and a message with a hint."""

import os
import socket
import struct

import numpy as np
import pytest

from earmark.audio import read_clip
from earmark.errors import AudioError
from earmark.records import Limits
from earmark.testing.audio import chunk, form, riff, tone, wav16, wav_float

GOOD = wav16(tone())
DATA = GOOD[44:]
EXTENSIBLE_UNKNOWN = form(
    tag=0xFFFE, more=struct.pack("<HHI", 22, 16, 0) + b"\x01\x00" + b"\xaa" * 14
)


def with_value(value: float, bits: int = 32) -> bytes:
    frames = tone()
    frames[1000, 0] = value
    return wav_float(frames, bits=bits)


BAD = {
    "empty file": (b"", "not_a_wav", "must begin with RIFF"),
    "text": (b"hello, sound", "not_a_wav", "must begin with RIFF"),
    "flac": (b"fLaC" + b"\0" * 100, "not_a_wav", "got b'fLaC"),
    "ogg": (b"OggS" + b"\0" * 100, "not_a_wav", "got b'OggS"),
    "big endian": (b"RIFX" + GOOD[4:], "not_a_wav", "got b'RIFX"),
    "riff of another kind": (
        b"RIFF" + GOOD[4:8] + b"AVI " + GOOD[12:],
        "not_a_wav",
        "must begin with RIFF....WAVE",
    ),
    "pickle": (b"\x80\x04\x95", "not_a_wav", "must begin with RIFF"),
    "header alone": (GOOD[:12], "unreadable", "ends without a data chunk"),
    "no fmt": (riff(chunk(b"data", DATA)), "unreadable", "data chunk before its fmt chunk"),
    "fmt after data": (
        riff(chunk(b"data", DATA), form()),
        "unreadable",
        "data chunk before its fmt chunk",
    ),
    "two fmt": (
        riff(form(), form(channels=2), chunk(b"data", DATA)),
        "unreadable",
        "two fmt chunks",
    ),
    "short fmt": (
        riff(chunk(b"fmt ", b"\1\0\1\0"), chunk(b"data", DATA)),
        "unreadable",
        "fmt chunk of 4 bytes",
    ),
    "data lies": (
        riff(form(), chunk(b"data", DATA, claimed=2**32 - 1)),
        "unreadable",
        r"b'data' has 4294967295 bytes where \d+ are left",
    ),
    "truncated": (GOOD[:-1000], "unreadable", "close the file after writing it"),
    "chunk lies": (
        riff(chunk(b"LIST", b"", claimed=2**31), form()),
        "unreadable",
        "b'LIST' has 2147483648 bytes",
    ),
    "chunk bomb": (
        riff(*[chunk(b"LIST", b"")] * 100000, form(), chunk(b"data", DATA)),
        "unreadable",
        "more than 64 chunks",
    ),
    "half frames": (
        riff(form(channels=2), chunk(b"data", DATA[:-2])),
        "unreadable",
        "not a whole number of frames of 4",
    ),
    "zero rate": (riff(form(rate_hz=0), chunk(b"data", DATA)), "unreadable", "1 channels at 0 Hz"),
    "no channels": (
        riff(form(channels=0, frame_bytes=2), chunk(b"data", DATA)),
        "unreadable",
        "0 channels at 16000 Hz",
    ),
    "frame width lies": (
        riff(form(frame_bytes=4), chunk(b"data", DATA)),
        "unreadable",
        "says 4 bytes per frame",
    ),
    "ADPCM": (
        riff(form(tag=2, bits=4, frame_bytes=256), chunk(b"data", DATA)),
        "unreadable",
        "coded as Microsoft ADPCM",
    ),
    "mu-law": (riff(form(tag=7, bits=8), chunk(b"data", DATA)), "unreadable", "coded as mu-law"),
    "unknown format": (riff(form(tag=0x1234), chunk(b"data", DATA)), "unreadable", "format 0x1234"),
    "12 bits": (
        riff(form(bits=12, frame_bytes=1), chunk(b"data", DATA)),
        "unreadable",
        "pcm samples of 12 bits",
    ),
    "half floats": (
        riff(form(tag=3), chunk(b"data", DATA)),
        "unreadable",
        "float samples of 16 bits",
    ),
    "extensible, short": (
        riff(form(tag=0xFFFE), chunk(b"data", DATA)),
        "unreadable",
        "without a known subformat",
    ),
    "extensible, unknown": (
        riff(EXTENSIBLE_UNKNOWN, chunk(b"data", DATA)),
        "unreadable",
        "without a known subformat",
    ),
    "NaN": (with_value(np.nan), "non_finite", r"frame 1000 \(0\.062 s\)"),
    "infinity": (with_value(-np.inf), "non_finite", "frame 1000"),
    "beyond float32": (with_value(1e300, bits=64), "non_finite", "frame 1000"),
    "eight channels": (wav16(tone(channels=8)), "out_of_limits", "at most 2 channels, got 8"),
    "8 kHz": (
        wav16(tone(), rate_hz=8000),
        "out_of_limits",
        r"within 16000\.\.96000 Hz, got 8000; write 44100",
    ),
    "192 kHz": (wav16(tone(), rate_hz=192000), "out_of_limits", "got 192000"),
    "no frames": (riff(form(), chunk(b"data", b"")), "too_short", "is 0 s"),
    "too short": (wav16(tone(seconds=0.05)), "too_short", r"at least 0\.1 s long, is 0\.05 s"),
    "too long": (wav16(tone(seconds=61.0)), "too_long", "at most 60 s long, is 61 s"),
    "zeros": (wav16(np.zeros((8000, 1))), "silent", "got a constant"),
    "whisper": (wav16(tone(level=0.0005)), "silent", "got -66 dBFS"),
    "constant": (wav16(np.full((8000, 1), 0.7)), "silent", "got a constant"),
}


@pytest.mark.parametrize("case", BAD)
def test_a_bad_file_has_its_kind_and_a_hint(tmp_path, case):
    content, kind, message = BAD[case]
    path = tmp_path / "out.wav"
    path.write_bytes(content)
    with pytest.raises(AudioError, match=message) as caught:
        read_clip(path, limits=Limits())
    assert caught.value.failure.kind == kind
    assert caught.value.failure.message.startswith(f"{path}: ")
    assert "; " in caught.value.failure.message


def test_a_wav_without_frames_is_too_short_without_limits_too(tmp_path):
    path = tmp_path / "out.wav"
    path.write_bytes(riff(form(), chunk(b"data", b"")))
    with pytest.raises(AudioError, match="holds no frames"):
        read_clip(path)


def test_a_file_beyond_the_cap_is_refused_by_its_size_alone(tmp_path):
    path = tmp_path / "out.wav"
    path.write_bytes(GOOD)
    os.truncate(path, 40 * 1024**3)
    with pytest.raises(AudioError, match="must be at most 67108864 bytes") as caught:
        read_clip(path, limits=Limits())
    assert caught.value.failure.kind == "out_of_limits"
    with pytest.raises(AudioError, match="must be at most 1073741824 bytes"):
        read_clip(path)


def test_what_is_not_a_regular_file_is_refused_without_waiting(tmp_path):
    (tmp_path / "good.wav").write_bytes(GOOD)
    os.mkfifo(tmp_path / "fifo")
    (tmp_path / "folder").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "good.wav")
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(tmp_path / "socket"))
        for name in ("fifo", "folder", "link", "socket"):
            with pytest.raises(AudioError, match="must be a regular file") as caught:
                read_clip(tmp_path / name)
            assert caught.value.failure.kind == "not_a_wav"
    with pytest.raises(AudioError, match="must be a regular file"):
        read_clip(tmp_path.__class__("/dev/zero"))


def test_a_missing_file_is_no_file(tmp_path):
    with pytest.raises(AudioError, match="no such file; name a WAV file") as caught:
        read_clip(tmp_path / "out.wav")
    assert caught.value.failure.kind == "no_file"
