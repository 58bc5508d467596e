"""Makes WAV files of every kind, byte by byte.

Nothing is checked, because most of what is made here must be refused. No reader and no writer of
the project is used, so that a mistake of theirs cannot hide itself.
"""

import struct
from collections.abc import Iterator
from random import Random

import numpy as np
from numpy.typing import NDArray

RATE_HZ = 16000


def chunk(name: bytes, body: bytes, *, claimed: int | None = None) -> bytes:
    """One RIFF chunk, padded to even length.

    `claimed` is the length in its header, by default the true one.
    """
    return (
        name
        + struct.pack("<I", len(body) if claimed is None else claimed)
        + body
        + b"\0" * (len(body) % 2)
    )


def riff(*chunks: bytes, claimed: int | None = None) -> bytes:
    """A RIFF/WAVE file of these chunks."""
    body = b"WAVE" + b"".join(chunks)
    return (
        b"RIFF"
        + struct.pack("<I", min(len(body), 2**32 - 1) if claimed is None else claimed)
        + body
    )


def form(
    *,
    tag: int = 1,
    channels: int = 1,
    rate_hz: int = RATE_HZ,
    bits: int = 16,
    frame_bytes: int | None = None,
    more: bytes = b"",
) -> bytes:
    """An `fmt ` chunk."""
    width = (channels * bits // 8 if frame_bytes is None else frame_bytes) & 0xFFFF
    return chunk(
        b"fmt ",
        struct.pack("<HHIIHH", tag, channels, rate_hz, min(rate_hz * width, 2**32 - 1), width, bits)
        + more,
    )


def tone(
    *, seconds: float = 0.5, rate_hz: int = RATE_HZ, channels: int = 1, level: float = 0.5
) -> NDArray[np.float64]:
    """A 440 Hz sine of shape (frames, channels), peak `level`."""
    time = np.arange(round(seconds * rate_hz)) / rate_hz
    return np.repeat((level * np.sin(2 * np.pi * 440.0 * time))[:, None], channels, axis=1)


def wav16(frames: NDArray[np.float64], *, rate_hz: int = RATE_HZ) -> bytes:
    """A plain 16-bit PCM file of (frames, channels), full scale 1.0."""
    coded = np.clip(np.round(frames * 32767), -32768, 32767).astype("<i2").tobytes()
    return riff(form(channels=frames.shape[1], rate_hz=rate_hz), chunk(b"data", coded))


def wav_float(frames: NDArray[np.float64], *, rate_hz: int = RATE_HZ, bits: int = 32) -> bytes:
    """A float file of (frames, channels), of 32 or 64 bits."""
    coded = frames.astype(f"<f{bits // 8}").tobytes()
    return riff(
        form(tag=3, channels=frames.shape[1], rate_hz=rate_hz, bits=bits), chunk(b"data", coded)
    )


def mutated(original: bytes, *, seed: int, count: int) -> Iterator[bytes]:
    """`count` damaged copies: flipped bits, other numbers in the header, cut, grown or spliced.

    The same seed gives the same copies.
    """
    rng = Random(seed)
    ways = (_flipped, _renumbered, _cut, _spliced, _grown)
    for _ in range(count):
        damaged = bytearray(original)
        for _ in range(rng.randint(1, 4)):
            rng.choice(ways)(damaged, rng)
        yield bytes(damaged)


def _flipped(damaged: bytearray, rng: Random) -> None:
    for _ in range(rng.randint(1, 8)):
        if damaged:
            damaged[rng.randrange(min(len(damaged), 96))] ^= 1 << rng.randrange(8)


def _renumbered(damaged: bytearray, rng: Random) -> None:
    number = rng.choice(
        (
            0,
            1,
            2,
            7,
            8,
            0x7F,
            0xFF,
            0x7FFF,
            0x8000,
            0xFFFF,
            2**31 - 1,
            2**31,
            2**32 - 8,
            2**32 - 1,
            len(damaged),
        )
    )
    place = rng.randrange(0, 64)
    damaged[place : place + 4] = struct.pack("<I", number)


def _cut(damaged: bytearray, rng: Random) -> None:
    del damaged[rng.randrange(len(damaged) + 1) :]


def _spliced(damaged: bytearray, rng: Random) -> None:
    place, other = rng.randrange(len(damaged) + 1), rng.randrange(len(damaged) + 1)
    damaged[place:place] = damaged[other : other + rng.randrange(1, 200)]


def _grown(damaged: bytearray, rng: Random) -> None:
    damaged[12:12] = b"".join(
        chunk(b"LIST", b"\0" * rng.randrange(4)) for _ in range(rng.randrange(1, 300))
    )
