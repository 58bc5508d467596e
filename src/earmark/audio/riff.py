"""Opens a WAV file that a stranger may have written, and reads its header.

No sample is decoded here, and of the limits only the size of the file is known. The walk ends at
the first `data` chunk; what follows it is never looked at. The size in the RIFF header is not
used, because the file itself says where it ends.

Source: Microsoft and IBM, Multimedia Programming Interface and Data Specifications 1.0 (RIFF,
WAVE_FORMAT_PCM); Microsoft, WAVEFORMATEXTENSIBLE.
"""

import errno
import os
import stat
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from earmark.errors import AudioError

Encoding = Literal["pcm", "float"]
PCM, FLOAT, EXTENSIBLE = 0x0001, 0x0003, 0xFFFE
BITS: dict[Encoding, tuple[int, ...]] = {"pcm": (8, 16, 24, 32), "float": (32, 64)}
SUBFORMAT_TAIL = bytes.fromhex("000000001000800000aa00389b71")
KNOWN = {
    0x0002: "Microsoft ADPCM",
    0x0006: "A-law",
    0x0007: "mu-law",
    0x0011: "IMA ADPCM",
    0x0031: "GSM",
    0x0055: "MP3",
}

# Real files hold a handful of chunks before the samples; a bomb holds a million, each a system
# call.
MAX_CHUNKS = 64
# Headers, titles and cue points are small; what is larger is not sound, and would be kept with
# each clip.
MAX_OTHER_BYTES = 1 << 20
HINT = "write PCM of 8, 16, 24 or 32 bits, or float of 32 or 64 bits"


@dataclass(frozen=True, slots=True)
class Layout:
    """How the samples lie in the file: `frames` of `channels` samples from byte `offset` on,
    little-endian and interleaved.
    """

    encoding: Encoding
    bits: int
    channels: int
    rate_hz: int
    offset: int
    frames: int

    @property
    def frame_bytes(self) -> int:
        """Bytes of one sample of every channel."""
        return self.channels * self.bits // 8

    @property
    def seconds(self) -> float:
        """Length in seconds."""
        return self.frames / self.rate_hz


@contextmanager
def open_wav(path: Path, *, label: str, max_bytes: int) -> Iterator[tuple[int, int]]:
    """A descriptor of a regular file, and its size in bytes.

    No link at the end of the path is followed, and no writer is waited for.

    Raises:
        AudioError: no_file, not_a_wav (not a regular file), unreadable (no permission), or
            out_of_limits (over `max_bytes`).
    """
    descriptor = _open(path, label)
    try:
        yield descriptor, _size(descriptor, label, max_bytes)
    finally:
        os.close(descriptor)


def _open(path: Path, label: str) -> int:
    try:
        return os.open(
            path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC
        )
    except FileNotFoundError:
        raise AudioError(
            "no_file", f"{label}: no such file; name a WAV file that is there"
        ) from None
    except OSError as error:
        if error.errno in (errno.ELOOP, errno.ENXIO, errno.ENODEV):
            raise AudioError(
                "not_a_wav",
                f"{label}: must be a regular file, got a link, a socket or a device; write a file",
            ) from None
        raise AudioError(
            "unreadable",
            f"{label}: cannot be opened ({error.strerror}); make it a file that may be read",
        ) from None


def _size(descriptor: int, label: str, max_bytes: int) -> int:
    status = os.fstat(descriptor)
    if not stat.S_ISREG(status.st_mode):
        raise AudioError(
            "not_a_wav",
            f"{label}: must be a regular file, got {stat.filemode(status.st_mode)}; write a file",
        )
    if status.st_size > max_bytes:
        raise AudioError(
            "out_of_limits",
            f"{label}: must be at most {max_bytes} bytes, got {status.st_size}; "
            "write a shorter clip",
        )
    return status.st_size


def read_layout(descriptor: int, size: int, *, label: str) -> Layout:
    """Where the samples of an open file of `size` bytes lie.

    Raises:
        AudioError: not_a_wav, unreadable.
    """
    head = os.pread(descriptor, 12, 0)
    if head[:4] != b"RIFF" or head[8:12] != b"WAVE":
        raise AudioError(
            "not_a_wav",
            f"{label}: must begin with RIFF....WAVE, got {head[:12]!r}; write a WAV file",
        )
    fmt: bytes | None = None
    for name, offset, length in _chunks(descriptor, size, label):
        if name == b"fmt ":
            if fmt is not None:
                raise _unreadable(label, "holds two fmt chunks", "write one")
            fmt = os.pread(descriptor, min(length, 40), offset)
        elif name == b"data":
            if fmt is None:
                raise _unreadable(
                    label, "has its data chunk before its fmt chunk", "write fmt first"
                )
            return _layout(fmt, offset, length, label)
    raise _unreadable(label, "ends without a data chunk", "close the file after writing it")


def other_bytes(descriptor: int, size: int) -> int:
    """How many bytes of a file are not samples; 0 when its header cannot be read."""
    try:
        layout = read_layout(descriptor, size, label="")
    except AudioError:
        return 0
    return size - layout.frames * layout.frame_bytes


def _chunks(descriptor: int, size: int, label: str) -> Iterator[tuple[bytes, int, int]]:
    offset = 12
    for _ in range(MAX_CHUNKS):
        if size - offset < 8:
            return
        name, length = struct.unpack("<4sI", os.pread(descriptor, 8, offset).ljust(8, b"\0"))
        if length > size - offset - 8:
            left = size - offset - 8
            claim = f"says that its chunk {name!r} has {length} bytes where {left} are left"
            raise _unreadable(label, claim, "close the file after writing it")
        yield name, offset + 8, length
        offset += 8 + length + length % 2
    raise _unreadable(
        label, f"has more than {MAX_CHUNKS} chunks before its samples", "write fmt and data alone"
    )


def _layout(fmt: bytes, offset: int, length: int, label: str) -> Layout:
    if len(fmt) < 16:
        raise _unreadable(
            label, f"has an fmt chunk of {len(fmt)} bytes, must have at least 16", HINT
        )
    tag, channels, rate_hz, _, frame_bytes, bits = struct.unpack_from("<HHIIHH", fmt)
    encoding = _encoding(_subformat(fmt, label) if tag == EXTENSIBLE else tag, bits, label)
    if channels == 0 or rate_hz == 0:
        raise _unreadable(
            label,
            f"says {channels} channels at {rate_hz} Hz",
            "write at least one channel and a true rate",
        )
    if frame_bytes != channels * bits // 8:
        claim = f"says {frame_bytes} bytes per frame for {channels} channels of {bits} bits"
        raise _unreadable(label, claim, f"write {channels * bits // 8}")
    if length % frame_bytes:
        raise _unreadable(
            label,
            f"has {length} bytes of samples, not a whole number of frames of {frame_bytes} bytes",
            "write whole frames",
        )
    return Layout(encoding, bits, channels, rate_hz, offset, length // frame_bytes)


def _subformat(fmt: bytes, label: str) -> int:
    if len(fmt) < 40 or fmt[26:40] != SUBFORMAT_TAIL:
        raise _unreadable(label, "has an extensible fmt chunk without a known subformat", HINT)
    return int.from_bytes(fmt[24:26], "little")


def _encoding(tag: int, bits: int, label: str) -> Encoding:
    encoding: Encoding | None = {PCM: "pcm", FLOAT: "float"}.get(tag)  # type: ignore[assignment]  # a dict of literals widens to str
    if encoding is None:
        raise _unreadable(label, f"is coded as {KNOWN.get(tag, f'format 0x{tag:04x}')}", HINT)
    if bits not in BITS[encoding]:
        raise _unreadable(label, f"has {encoding} samples of {bits} bits", HINT)
    return encoding


def _unreadable(label: str, claim: str, hint: str) -> AudioError:
    return AudioError("unreadable", f"{label}: {claim}; {hint}")
