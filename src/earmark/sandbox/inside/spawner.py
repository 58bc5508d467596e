"""The parent of all workers of one sandbox: a small process on the host with an empty environment and one thread.

In: what workers are shown of the files, then orders on a socket, each with the worker's socket and its stderr. Out: a pidfd per worker.
It ends when its socket does, and a worker dies with it: that is why workers are not started by a thread of the harness, whose end would
take them along.
"""

import contextlib
import os
import signal
import socket
import sys
from typing import Any

from earmark.sandbox.inside import confine, stage, wire


def main(descriptor: int) -> None:
    """Start workers until the socket closes."""
    os.umask(0o022)
    signal.signal(
        signal.SIGINT, signal.SIG_IGN
    )  # Ctrl-C is for the harness, which closes the socket
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for them: a pidfd tells
    orders = socket.socket(fileno=descriptor)
    with contextlib.suppress(wire.Closed):
        problem = _lay(wire.receive_order(orders)[0])
        while True:
            order, descriptors = wire.receive_order(orders)
            _serve(orders, order | {"problem": problem}, descriptors)


def _lay(ground: dict[str, Any]) -> str:
    """Leave the host's mount table where that is asked for; what went wrong is for each worker to say."""
    try:
        if ground:
            stage.lay(ground)
    except OSError as error:
        return str(error)
    return ""


def _serve(orders: socket.socket, order: dict[str, Any], descriptors: list[int]) -> None:
    keeper = os.getpid()
    pid = os.fork()
    if pid == 0:
        _become(order, descriptors, keeper)
    try:
        handle = [os.pidfd_open(pid)]
    except ProcessLookupError:  # ended already; its stderr says why
        handle = []
    wire.send_report(orders, handle, started=pid)
    for held in [*descriptors, *handle]:
        os.close(held)


def _become(order: dict[str, Any], descriptors: list[int], keeper: int) -> None:
    """In the child: turn into a worker's first process. Does not return."""
    try:
        os.dup2(descriptors[1], 2)
        os.setsid()
        _forget_signals()
        stage.build(order["stage"], order["problem"])
        if order["uid"] is not None:
            _drop(order["uid"])
        if not order["binds_itself"]:
            confine.die_with_parent()  # after the change of user, which clears it
        if os.getppid() == keeper:
            _execute(order, descriptors[0])
    except OSError as error:
        os.write(2, f"{error}\n".encode())
    finally:
        os._exit(71)


def _forget_signals() -> None:
    """What was ignored stays ignored across exec; a worker starts as from a shell."""
    for number in signal.valid_signals() - {signal.SIGKILL, signal.SIGSTOP}:
        if signal.getsignal(number) == signal.SIG_IGN:
            signal.signal(number, signal.SIG_DFL)


def _drop(uid: int) -> None:
    os.setgroups([])
    os.setresgid(uid, uid, uid)
    os.setresuid(uid, uid, uid)


def _execute(order: dict[str, Any], control: int) -> None:
    nothing = os.open("/dev/null", os.O_RDWR)
    os.dup2(control, 10)  # beyond the numbers used here
    for number in (0, 1):
        os.dup2(nothing, number)
    os.dup2(10, 3)
    os.closerange(4, os.sysconf("SC_OPEN_MAX"))
    os.execve(order["argv"][0], order["argv"], order["env"])  # the harness itself chose the command


if __name__ == "__main__":
    main(int(sys.argv[1]))
