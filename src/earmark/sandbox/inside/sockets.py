"""One message and its descriptors over a socket that keeps records apart (AF_UNIX, SOCK_SEQPACKET).

In: a message and open descriptors. Out: the same at the other end, descriptors closed on exec. It keeps nothing and retries nothing.

Orders go in as marshal, which needs no import there. Reports come out as JSON, since whoever stands outside must be able to parse
whatever a broken worker may say; what they hold is numbers and plain words, so that writing them needs no import either.
"""

from __future__ import annotations

import _socket  # socket itself brings enum and selectors, which every cold start would pay for
import marshal
import struct

TYPE_CHECKING = False  # typing costs a cold start as much as the rest of this package
if TYPE_CHECKING:
    import socket
    from collections.abc import Sequence
    from typing import Any

MAX_BYTES = 128 * 1024
MAX_DESCRIPTORS = 8
MARSHAL_VERSION = 2  # read alike by every interpreter
RIGHTS = _socket.SCM_RIGHTS


class Closed(Exception):
    """The other end is gone."""


def pair() -> tuple[socket.socket, socket.socket]:
    """Two connected ends, closed on exec."""
    import socket

    return socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)


def send_order(end: _socket.socket, order: dict[str, Any], descriptors: Sequence[int] = ()) -> None:
    """Send one message inward; Closed when nobody is there to read it."""
    _send(end, marshal.dumps(order, MARSHAL_VERSION), descriptors)


def receive_order(end: _socket.socket) -> tuple[dict[str, Any], list[int]]:
    """Wait for one message from outside and its descriptors; Closed when there will be none."""
    data, descriptors = _receive(end)
    return marshal.loads(data), descriptors  # only the harness holds the other end


def send_report(end: _socket.socket, descriptors: Sequence[int] = (), **facts: float | str) -> None:
    """Send numbers and plain words outward; Closed when nobody is there to read them."""
    words = [
        f'"{name}": ' + (f'"{fact}"' if isinstance(fact, str) else repr(fact))
        for name, fact in facts.items()
    ]
    _send(end, f"{{{', '.join(words)}}}".encode(), descriptors)


def receive_report(end: _socket.socket) -> tuple[dict[str, Any], list[int]]:
    """Wait for one message from inside and its descriptors; Closed when there will be none."""
    import json

    data, descriptors = _receive(end)
    try:
        message: dict[str, Any] = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise Closed(f"not a message: {error}") from error
    return message, descriptors


def _send(end: _socket.socket, data: bytes, descriptors: Sequence[int]) -> None:
    rights = (
        [(_socket.SOL_SOCKET, RIGHTS, struct.pack(f"{len(descriptors)}i", *descriptors))]
        if descriptors
        else []
    )
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
    return data, [
        number
        for _, _, held in rights
        for number in struct.unpack(f"{len(held) // 4}i", held[: len(held) // 4 * 4])
    ]
