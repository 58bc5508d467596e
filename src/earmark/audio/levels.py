"""Decodes samples and measures their levels, a block at a time.

Blocks are (frames, channels) float32, full scale 1.0. Memory stays at one block whatever the
length. The only thing judged here is that every sample is a finite number.
"""

import os
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from earmark.audio.riff import Layout
from earmark.errors import AudioError

Block = NDArray[np.float32]

# Small next to the 64 MiB a clip may have, large next to the cost of a system call.
BLOCK_BYTES = 1 << 16


@dataclass(frozen=True, slots=True)
class Levels:
    """Levels of a whole clip, full scale 1.0.

    `peak` and `rms` are over all samples; `dc_offset` is that of the channel furthest off; `swing`
    is the largest distance of a sample from the mean of its channel.
    """

    peak: float
    rms: float
    dc_offset: float
    swing: float
    clipped_fraction: float


def read_blocks(descriptor: int, layout: Layout, *, label: str) -> Iterator[Block]:
    """The samples in order, block by block. Raises AudioError: unreadable, non_finite."""
    step = max(1, BLOCK_BYTES // layout.frame_bytes)
    for first in range(0, layout.frames, step):
        count = min(step, layout.frames - first)
        raw = os.pread(
            descriptor, count * layout.frame_bytes, layout.offset + first * layout.frame_bytes
        )
        if len(raw) != count * layout.frame_bytes:
            raise AudioError(
                "unreadable",
                f"{label}: became shorter while it was read; let no process write to it",
            )
        block = decode(raw, layout).reshape(count, layout.channels)
        _require_finite(block, layout, first, label)
        yield block


def decode(raw: bytes, layout: Layout) -> Block:
    """Interleaved samples as float32, full scale 1.0; a float64 beyond float32 becomes infinite."""
    if layout.encoding == "float":
        with np.errstate(over="ignore", invalid="ignore"):
            return np.frombuffer(raw, f"<f{layout.bits // 8}").astype(np.float32)
    if layout.bits == 8:
        return (np.frombuffer(raw, np.uint8).astype(np.float32) - 128.0) / np.float32(128.0)
    if layout.bits == 24:
        wide = np.zeros((len(raw) // 3, 4), np.uint8)
        wide[:, 1:] = np.frombuffer(raw, np.uint8).reshape(-1, 3)
        return wide.view("<i4")[:, 0].astype(np.float32) / np.float32(2**31)
    return np.frombuffer(raw, f"<i{layout.bits // 8}").astype(np.float32) / np.float32(
        2 ** (layout.bits - 1)
    )


def _require_finite(block: Block, layout: Layout, first: int, label: str) -> None:
    bad = np.flatnonzero(~np.isfinite(block).all(axis=1))
    if bad.size:
        frame = first + int(bad[0])
        seconds = frame / layout.rate_hz
        raise AudioError(
            "non_finite",
            f"{label}: every sample must be a finite number, got NaN or infinity at frame {frame} "
            f"({seconds:.3f} s); remove it before writing",
        )


def measure_levels(descriptor: int, layout: Layout, *, label: str) -> Levels:
    """Levels of a whole file that has at least one frame, in one pass.

    Raises:
        AudioError: unreadable, non_finite.
    """
    full = np.float32(1.0 if layout.encoding == "float" else 1.0 - 2.0 ** -(layout.bits - 1))
    total, square = np.zeros(layout.channels), np.zeros(layout.channels)
    low, high, clipped = np.full(layout.channels, np.inf), np.full(layout.channels, -np.inf), 0
    for block in read_blocks(descriptor, layout, label=label):
        total += block.sum(axis=0, dtype=np.float64)
        square += np.square(block, dtype=np.float64).sum(axis=0)
        low, high = np.minimum(low, block.min(axis=0)), np.maximum(high, block.max(axis=0))
        clipped += int(np.count_nonzero(np.abs(block) >= full))
    mean, count = total / layout.frames, layout.frames * layout.channels
    return Levels(
        peak=float(np.maximum(-low, high).max()),
        rms=float(np.sqrt(square.sum() / count)),
        dc_offset=float(mean[np.abs(mean).argmax()]),
        swing=float(np.maximum(mean - low, high - mean).max()),
        clipped_fraction=clipped / count,
    )
