"""Messages over a pair of pipes, for where no descriptor can be handed over: a JSON object and bytes behind two lengths.

In: a message, bytes, a descriptor. Out: the same at the other end. Ended says that the other end is gone, is late, or sends what is no
message. Nothing larger than the receiver permits is read.
"""

from __future__ import annotations

import json
import os
import select
import struct
import time
from typing import Any

LENGTHS = struct.Struct(">II")
MAX_JSON_BYTES = 4 * 1024**2
MAX_BYTES = 2**32 - 1


class Ended(Exception):
    """There will be no message."""


def send(
    descriptor: int, message: dict[str, Any], held: bytes = b"", *, seconds: float | None = None
) -> None:
    """Send one message; Ended when it is not taken in time."""
    text = json.dumps(message).encode()
    left, end = memoryview(LENGTHS.pack(len(text), len(held)) + text + held), _end(seconds)
    try:
        while left:
            _wait([], [descriptor], end)
            left = left[
                os.write(descriptor, left[: select.PIPE_BUF]) :
            ]  # so much is taken without waiting once it is ready
    except OSError as error:
        raise Ended(str(error)) from error


def receive(
    descriptor: int, *, max_bytes: int = MAX_BYTES, seconds: float | None = None
) -> tuple[dict[str, Any], bytes]:
    """Wait for one message; Ended when none comes in time, or one that is too large."""
    end = _end(seconds)
    json_bytes, held_bytes = LENGTHS.unpack(_read(descriptor, LENGTHS.size, end))
    if json_bytes > MAX_JSON_BYTES or held_bytes > max_bytes:
        raise Ended(f"a message of {json_bytes} and {held_bytes} bytes is too large")
    text, held = _read(descriptor, json_bytes, end), _read(descriptor, held_bytes, end)
    try:
        message = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise Ended(f"not a message: {error}") from error
    if not isinstance(message, dict):
        raise Ended("not a message")
    return message, held


def _end(seconds: float | None) -> float:
    return float("inf") if seconds is None else time.monotonic() + seconds


def _wait(reading: list[int], writing: list[int], end: float) -> None:
    left = end - time.monotonic()
    if not any(
        select.select(reading, writing, [], None if left == float("inf") else max(0.0, left))
    ):
        raise Ended("nothing in time")


def _read(descriptor: int, count: int, end: float) -> bytes:
    held = bytearray()
    while len(held) < count:
        _wait([descriptor], [], end)
        try:
            data = os.read(descriptor, min(count - len(held), 1024 * 1024))
        except OSError as error:
            raise Ended(str(error)) from error
        if not data:
            raise Ended("end of messages")
        held += data
    return bytes(held)
