"""Messages with file descriptors over a socket that keeps records apart (AF_UNIX, SOCK_SEQPACKET).

Orders go in as marshal, which a worker can read without an import. Reports come out as JSON: the
harness must be able to parse whatever a broken worker sends, and marshal is not safe to load. A
report holds numbers and plain words only, so that writing one needs no import either.
Descriptors that arrive are closed on exec.
"""

from __future__ import annotations

import _socket  # `socket` brings enum and selectors, which every cold start would pay for
import marshal
import struct

TYPE_CHECKING = False  # `typing` costs a cold start as much as the rest of this package
if TYPE_CHECKING:
    import socket
    from collections.abc import Sequence
    from typing import Any

MAX_BYTES = 128 * 1024
MAX_DESCRIPTORS = 8
MARSHAL_VERSION = 2  # every interpreter reads it alike
RIGHTS = _socket.SCM_RIGHTS


class Closed(Exception):
    """The other end is gone."""


def pair() -> tuple[socket.socket, socket.socket]:
    """Two connected ends, closed on exec."""
    import socket

    return socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)


def send_order(end: _socket.socket, order: dict[str, Any], descriptors: Sequence[int] = ()) -> None:
    """Send one message inward. Raises Closed when no process reads the other end."""
    _send(end, marshal.dumps(order, MARSHAL_VERSION), descriptors)


def receive_order(end: _socket.socket) -> tuple[dict[str, Any], list[int]]:
    """Wait for one message from outside and its descriptors. Raises Closed when none will come."""
    data, descriptors = _receive(end)
    return marshal.loads(data), descriptors  # noqa: S302  # only the harness holds the other end


def send_report(end: _socket.socket, descriptors: Sequence[int] = (), **facts: float | str) -> None:
    """Send numbers and plain words outward. Raises Closed when no process reads the other end."""
    fields = [
        f'"{name}": ' + (f'"{fact}"' if isinstance(fact, str) else repr(fact))
        for name, fact in facts.items()
    ]
    _send(end, f"{{{', '.join(fields)}}}".encode(), descriptors)


def receive_report(end: _socket.socket) -> tuple[dict[str, Any], list[int]]:
    """Wait for one message from inside and its descriptors. Raises Closed when none will come."""
    import json

    data, descriptors = _receive(end)
    try:
        message: dict[str, Any] = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise Closed(f"not a message: {error}") from error
    return message, descriptors


def _send(end: _socket.socket, data: bytes, descriptors: Sequence[int]) -> None:
    rights = []
    if descriptors:
        packed = struct.pack(f"{len(descriptors)}i", *descriptors)
        rights = [(_socket.SOL_SOCKET, RIGHTS, packed)]
    try:
        end.sendmsg([data], rights)
    except OSError as error:
        raise Closed(str(error)) from error


def _receive(end: _socket.socket) -> tuple[bytes, list[int]]:
    room = _socket.CMSG_SPACE(MAX_DESCRIPTORS * struct.calcsize("i"))
    try:
        data, rights, _, _ = end.recvmsg(MAX_BYTES, room, _socket.MSG_CMSG_CLOEXEC)
    except TimeoutError:
        raise
    except OSError as error:
        raise Closed(str(error)) from error
    if not data:
        raise Closed("end of messages")
    descriptors: list[int] = []
    for _, _, packed in rights:
        count = len(packed) // 4
        descriptors += struct.unpack(f"{count}i", packed[: count * 4])
    return data, descriptors
