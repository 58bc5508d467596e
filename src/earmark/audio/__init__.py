"""Reads the WAV file that a program left, or one of the user's: Execution or path -> Clip.

The reader is strict: it does not block, follow links, execute, or hold more than a block of the
file, and it does not resample, repair or score. Full scale is 1.0. Clipping, a DC offset, and a
length less than a factor of two off are facts on the clip, not failures.
"""

import hashlib
import math
import os
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from earmark.audio.levels import BLOCK_BYTES, Levels, measure_levels, read_blocks
from earmark.audio.riff import MAX_OTHER_BYTES, Layout, open_wav, read_layout
from earmark.errors import AudioError
from earmark.records import Clip, Execution, FailureKind, Limits, ResultKind

# A clip is silent when no channel strays further than this from its mean: 33 steps of 16-bit
# audio, and under the noise of a quiet room when full scale plays at 94 dB SPL. Peak about the
# mean and not RMS, so that one tick in ten seconds is sound and a constant is not.
SILENCE_DBFS = -60.0

# A clip whose length is off by more than this factor answers another task than the one set.
LENGTH_FACTOR = 2.0

# Without limits the file is the user's own; this only keeps a sparse file from being read for an
# hour.
MAX_BYTES = 1 << 30

NO_FILE: Mapping[ResultKind, tuple[FailureKind, str]] = {
    "missing": ("no_file", "was not written; write it in the current working directory"),
    "link": ("not_a_wav", "is a link; write a regular file"),
    "folder": ("not_a_wav", "is a folder; write a regular file"),
    "fifo": ("not_a_wav", "is a FIFO; write a regular file"),
    "socket": ("not_a_wav", "is a socket; write a regular file"),
    "device": ("not_a_wav", "is a device; write a regular file"),
    "too_large": ("out_of_limits", "is larger than the limit; write a shorter clip"),
    "padded": (
        "out_of_limits",
        f"must hold at most {MAX_OTHER_BYTES} bytes besides its samples, got more; "
        "write fmt and data only",
    ),
}


def read_result(
    execution: Execution, *, limits: Limits, asked_seconds: float | None = None
) -> Clip:
    """The clip that an execution left.

    Args:
        execution: a program's run.
        limits: what the clip must keep to.
        asked_seconds: the length that the task asks for, if any.

    Raises:
        AudioError: there is no clip; the kind is one of records.FAILURES["audio"].
    """
    name = limits.file_name
    if execution.result != "file":
        kind, problem = NO_FILE[execution.result]
        if execution.result == "missing" and execution.other_files:
            others = ", ".join(execution.other_files)
            problem = (
                f"was not written (the program wrote {others} instead); "
                f"write {name} in the current working directory"
            )
        raise AudioError(kind, f"{name}: {problem}")
    if execution.wav is None:
        raise AudioError("no_file", f"{name}: was not kept; run the program again")
    return _read(Path(execution.wav), name, limits, asked_seconds)


def with_file_before_failure(
    execution: Execution, *, limits: Limits, asked_seconds: float | None = None
) -> Execution:
    """The execution, with `file_before_failure` set when it failed after it left a whole clip."""
    if execution.end == "exit" and execution.exit_code == 0:
        return execution
    try:
        read_result(execution, limits=limits, asked_seconds=asked_seconds)
    except AudioError:
        return execution
    return replace(execution, file_before_failure=True)


def read_clip(
    path: Path, *, limits: Limits | None = None, asked_seconds: float | None = None
) -> Clip:
    """The clip in a file; without limits, of any rate, length and number of channels.

    Raises:
        AudioError: the file is not a clip, or is outside the limits.
    """
    return _read(path, str(path), limits, asked_seconds)


def samples(source: Clip | Path) -> tuple[NDArray[np.float32], int]:
    """All samples of a clip, (frames, channels) float32, and its rate in Hz. Raises AudioError."""
    path = Path(source.path) if isinstance(source, Clip) else source
    with open_wav(path, label=str(path), max_bytes=MAX_BYTES) as (descriptor, size):
        layout = read_layout(descriptor, size, label=str(path))
        frames = np.empty((layout.frames, layout.channels), np.float32)
        filled = 0
        for block in read_blocks(descriptor, layout, label=str(path)):
            frames[filled : filled + len(block)] = block
            filled += len(block)
    return frames, layout.rate_hz


def same_frames(first: Clip, second: Clip) -> bool:
    """Whether two clips hold the same samples at the same rate; headers may differ.

    Raises:
        AudioError: one of them can no longer be read.
    """
    (a, a_rate_hz), (b, b_rate_hz) = samples(first), samples(second)
    return a_rate_hz == b_rate_hz and np.array_equal(a, b)


def _read(path: Path, label: str, limits: Limits | None, asked_seconds: float | None) -> Clip:
    max_bytes = MAX_BYTES if limits is None else limits.file_bytes
    with open_wav(path, label=label, max_bytes=max_bytes) as (descriptor, size):
        layout = read_layout(descriptor, size, label=label)
        if limits is not None:
            _require_limits(layout, limits, label)
            _require_no_padding(layout, size, label)
        _require_length(layout, asked_seconds, label)
        levels = measure_levels(descriptor, layout, label=label)
        _require_sound(levels, label)
        return _clip(path, layout, levels, _sha256(descriptor, size))


def _require_limits(layout: Layout, limits: Limits, label: str) -> None:
    low_hz, high_hz = limits.min_rate_hz, limits.max_rate_hz
    if not low_hz <= layout.rate_hz <= high_hz:
        raise AudioError(
            "out_of_limits",
            f"{label}: the rate must be within {low_hz}..{high_hz} Hz, got {layout.rate_hz}; "
            f"write {limits.sample_rate_hz} Hz",
        )
    if layout.channels > limits.max_channels:
        raise AudioError(
            "out_of_limits",
            f"{label}: must have at most {limits.max_channels} channels, got {layout.channels}; "
            "mix them down",
        )
    if layout.seconds < limits.min_seconds:
        raise AudioError(
            "too_short",
            f"{label}: must be at least {limits.min_seconds:g} s long, is {layout.seconds:g} s; "
            "make it longer",
        )
    if layout.seconds > limits.max_seconds:
        raise AudioError(
            "too_long",
            f"{label}: must be at most {limits.max_seconds:g} s long, is {layout.seconds:g} s; "
            "make it shorter",
        )


def _require_no_padding(layout: Layout, size: int, label: str) -> None:
    other_bytes = size - layout.frames * layout.frame_bytes
    if other_bytes > MAX_OTHER_BYTES:
        raise AudioError(
            "out_of_limits",
            f"{label}: must hold at most {MAX_OTHER_BYTES} bytes besides its samples, "
            f"got {other_bytes}; write fmt and data only",
        )


def _require_length(layout: Layout, asked_seconds: float | None, label: str) -> None:
    if layout.frames == 0:
        raise AudioError(
            "too_short", f"{label}: holds no frames; write the samples before closing the file"
        )
    if asked_seconds is None:
        return
    rule = f"{label}: must be {asked_seconds:g} s long (at least half and at most twice that)"
    if layout.seconds * LENGTH_FACTOR < asked_seconds:
        raise AudioError("too_short", f"{rule}, is {layout.seconds:g} s; make it longer")
    if layout.seconds > asked_seconds * LENGTH_FACTOR:
        raise AudioError("too_long", f"{rule}, is {layout.seconds:g} s; make it shorter")


def _require_sound(levels: Levels, label: str) -> None:
    if levels.swing >= 10 ** (SILENCE_DBFS / 20):
        return
    level = f"{20 * math.log10(levels.swing):.0f} dBFS" if levels.swing > 0 else "a constant"
    raise AudioError(
        "silent",
        f"{label}: must rise above {SILENCE_DBFS:g} dBFS, got {level}; write louder samples",
    )


def _sha256(descriptor: int, size: int) -> str:
    state = hashlib.sha256()
    for offset in range(0, size, BLOCK_BYTES):
        state.update(os.pread(descriptor, BLOCK_BYTES, offset))
    return state.hexdigest()


def _clip(path: Path, layout: Layout, levels: Levels, sha256: str) -> Clip:
    return Clip(
        path=str(path),
        sample_rate=layout.rate_hz,
        channels=layout.channels,
        frames=layout.frames,
        seconds=layout.seconds,
        peak=levels.peak,
        rms=levels.rms,
        dc_offset=levels.dc_offset,
        clipped_fraction=levels.clipped_fraction,
        sha256=sha256,
    )
