"""The stage of listening for a clip: Execution -> Clip.

In: what a program left behind, or a path of the user's. Out: a Clip, or AudioError with one kind of records.FAILURES["audio"].
Strict, bounded and blind to links: nothing here blocks, follows, executes, or holds more than a block of the file. It does
not resample, repair or score. Clipping, DC offset and a length less than 2x off are facts on the clip, not failures.
"""

import hashlib
import math
import os
from collections.abc import Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from earmark.audio.levels import BLOCK_BYTES, Levels, blocks, measured
from earmark.audio.riff import Layout, layout, opened
from earmark.errors import AudioError
from earmark.records import Clip, Execution, FailureKind, Found, Limits

# No channel strays further than this from its mean: 33 steps of 16-bit audio, and under the noise of a quiet room when full
# scale plays at 94 dB SPL. Peak about the mean, not RMS, so that one tick in ten seconds is sound and a constant is none.
SILENCE_DBFS = -60.0

# A length off by more than this is another task than the one asked.
LENGTH_FACTOR = 2.0

# Without a contract the file is the user's own; the bound only keeps a sparse file from being read for an hour.
MAX_BYTES = 1 << 30

NO_FILE: Mapping[Found, tuple[FailureKind, str]] = {
    "missing": ("no_file", "was not written; write it in the current folder"),
    "link": ("not_a_wav", "is a link; write a regular file"),
    "folder": ("not_a_wav", "is a folder; write a regular file"),
    "fifo": ("not_a_wav", "is a FIFO; write a regular file"),
    "socket": ("not_a_wav", "is a socket; write a regular file"),
    "device": ("not_a_wav", "is a device; write a regular file"),
    "too_large": ("out_of_limits", "is larger than the contract permits; write a shorter clip"),
}


def clip_of(execution: Execution, *, limits: Limits, asked_seconds: float | None = None) -> Clip:
    """The clip that an execution left. Raises AudioError with any kind of records.FAILURES["audio"]."""
    name = limits.file_name
    if execution.found != "file":
        kind, said = NO_FILE[execution.found]
        raise AudioError(kind, f"{name}: {said}")
    if execution.wav is None:
        raise AudioError("no_file", f"{name}: was found but not kept; run the program again")
    return _clip(Path(execution.wav), name, limits, asked_seconds)


def read_clip(
    path: Path, *, limits: Limits | None = None, asked_seconds: float | None = None
) -> Clip:
    """The clip in a file; without a contract any rate, length and number of channels. Raises AudioError."""
    return _clip(path, str(path), limits, asked_seconds)


def samples(source: Clip | Path) -> tuple[NDArray[np.float32], int]:
    """All samples of a clip as (frames, channels) float32, full scale 1.0, and the rate in Hz. Raises AudioError."""
    path = Path(source.path) if isinstance(source, Clip) else source
    with opened(path, label=str(path), max_bytes=MAX_BYTES) as (descriptor, size):
        form = layout(descriptor, size, label=str(path))
        whole, filled = np.empty((form.frames, form.channels), np.float32), 0
        for block in blocks(descriptor, form, label=str(path)):
            whole[filled : filled + len(block)] = block
            filled += len(block)
    return whole, form.rate_hz


def same_frames(first: Clip, second: Clip) -> bool:
    """Whether two clips hold the same samples at the same rate; headers may differ. Raises AudioError."""
    (frames, rate_hz), (again, rate_again_hz) = samples(first), samples(second)
    return (
        rate_hz == rate_again_hz and frames.shape == again.shape and bool((frames == again).all())
    )


def _clip(path: Path, label: str, limits: Limits | None, asked_seconds: float | None) -> Clip:
    max_bytes = MAX_BYTES if limits is None else limits.file_bytes
    with opened(path, label=label, max_bytes=max_bytes) as (descriptor, size):
        form = layout(descriptor, size, label=label)
        if limits is not None:
            _require_limits(form, limits, label)
        _require_length(form, asked_seconds, label)
        levels = measured(descriptor, form, label=label)
        _require_sound(levels, label)
        return _filled(path, form, levels, _sha256(descriptor, size))


def _require_limits(form: Layout, limits: Limits, label: str) -> None:
    low_hz, high_hz = limits.min_rate_hz, limits.max_rate_hz
    if not low_hz <= form.rate_hz <= high_hz:
        hint = f"write {limits.sample_rate_hz} Hz"
        raise AudioError(
            "out_of_limits",
            f"{label}: the rate must be within {low_hz}..{high_hz} Hz, is {form.rate_hz}; {hint}",
        )
    if form.channels > limits.max_channels:
        rule = f"must have at most {limits.max_channels} channels"
        raise AudioError("out_of_limits", f"{label}: {rule}, has {form.channels}; mix them down")
    if form.seconds < limits.min_seconds:
        raise AudioError(
            "too_short",
            f"{label}: must last at least {limits.min_seconds:g} s, lasts {form.seconds:g} s; write more",
        )
    if form.seconds > limits.max_seconds:
        raise AudioError(
            "too_long",
            f"{label}: must last at most {limits.max_seconds:g} s, lasts {form.seconds:g} s; write less",
        )


def _require_length(form: Layout, asked_seconds: float | None, label: str) -> None:
    if form.frames == 0:
        raise AudioError(
            "too_short", f"{label}: holds no frames; write the samples before closing the file"
        )
    if asked_seconds is None:
        return
    said = f"{label}: lasts {form.seconds:g} s where {asked_seconds:g} s were asked"
    if form.seconds * LENGTH_FACTOR < asked_seconds:
        raise AudioError("too_short", f"{said}; less than half is too short")
    if form.seconds > asked_seconds * LENGTH_FACTOR:
        raise AudioError("too_long", f"{said}; more than twice is too long")


def _require_sound(levels: Levels, label: str) -> None:
    if levels.swing < 10 ** (SILENCE_DBFS / 20):
        level = (
            f"{20 * math.log10(levels.swing):.0f} dBFS"
            if levels.swing > 0
            else "no movement at all"
        )
        raise AudioError(
            "silent",
            f"{label}: must rise above {SILENCE_DBFS:g} dBFS, has {level}; write louder samples",
        )


def _sha256(descriptor: int, size: int) -> str:
    state = hashlib.sha256()
    for offset in range(0, size, BLOCK_BYTES):
        state.update(os.pread(descriptor, BLOCK_BYTES, offset))
    return state.hexdigest()


def _filled(path: Path, form: Layout, levels: Levels, sha256: str) -> Clip:
    return Clip(
        path=str(path),
        sample_rate=form.rate_hz,
        channels=form.channels,
        frames=form.frames,
        seconds=form.seconds,
        peak=levels.peak,
        rms=levels.rms,
        dc_offset=levels.dc_offset,
        clipped_fraction=levels.clipped_fraction,
        sha256=sha256,
    )
