"""Messages over a pair of pipes, for a container, to which no file descriptor can be handed.

A message is a JSON object and raw bytes, behind their two lengths. Nothing larger than the receiver
permits is read, and nothing is waited for without a clock where `seconds` is given.
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
    """No message will come: the other end is gone, is late, or sends what is not a message."""


def send(
    descriptor: int, message: dict[str, Any], payload: bytes = b"", *, seconds: float | None = None
) -> None:
    """Send one message. Raises Ended when it is not taken in time."""
    text = json.dumps(message).encode()
    left = memoryview(LENGTHS.pack(len(text), len(payload)) + text + payload)
    deadline = _deadline(seconds)
    try:
        while left:
            _wait([], [descriptor], deadline)
            # A pipe that is ready takes PIPE_BUF bytes without blocking; more might block.
            left = left[os.write(descriptor, left[: select.PIPE_BUF]) :]
    except OSError as error:
        raise Ended(str(error)) from error


def receive(
    descriptor: int, *, max_bytes: int = MAX_BYTES, seconds: float | None = None
) -> tuple[dict[str, Any], bytes]:
    """Wait for one message. Raises Ended when none comes in time, or one that is too large."""
    deadline = _deadline(seconds)
    json_bytes, payload_bytes = LENGTHS.unpack(_read(descriptor, LENGTHS.size, deadline))
    if json_bytes > MAX_JSON_BYTES or payload_bytes > max_bytes:
        raise Ended(f"a message of {json_bytes} and {payload_bytes} bytes is too large")
    text = _read(descriptor, json_bytes, deadline)
    payload = _read(descriptor, payload_bytes, deadline)
    try:
        message = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise Ended(f"not a message: {error}") from error
    if not isinstance(message, dict):
        raise Ended("not a message")
    return message, payload


def _deadline(seconds: float | None) -> float:
    return float("inf") if seconds is None else time.monotonic() + seconds


def _wait(reading: list[int], writing: list[int], deadline: float) -> None:
    timeout = None if deadline == float("inf") else max(0.0, deadline - time.monotonic())
    if not any(select.select(reading, writing, [], timeout)):
        raise Ended("nothing in time")


def _read(descriptor: int, count: int, deadline: float) -> bytes:
    content = bytearray()
    while len(content) < count:
        _wait([descriptor], [], deadline)
        try:
            data = os.read(descriptor, min(count - len(content), 1024 * 1024))
        except OSError as error:
            raise Ended(str(error)) from error
        if not data:
            raise Ended("end of messages")
        content += data
    return bytes(content)
