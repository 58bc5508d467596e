"""The parent of all workers of one sandbox: a small process with one thread and no environment.

Workers are not started by the harness itself, because a worker is bound to die with the thread that
started it, and a thread of the harness may end at any time. The spawner ends when its socket does,
and its workers end with it.

It receives the view of the files that workers get, then one order per worker with the worker's
socket and its stderr, and answers each with a pidfd.
"""

import contextlib
import os
import signal
import socket
import sys
from typing import Any

from earmark.sandbox.inside import confine, mounts, sockets

FAILED_TO_START = 71
CONTROL = 3  # the number of a worker's socket in the worker


def main(descriptor: int) -> None:
    """Start workers until the socket closes."""
    os.umask(0o022)
    # Ctrl-C is for the harness, which closes the socket.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # Children are watched by pidfd, not waited for.
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    orders = socket.socket(fileno=descriptor)
    with contextlib.suppress(sockets.Closed):
        problem = _show_paths(sockets.receive_order(orders)[0])
        while True:
            order, descriptors = sockets.receive_order(orders)
            _start_worker(orders, order | {"problem": problem}, descriptors)


def _show_paths(view: dict[str, Any]) -> str:
    """Set up the mounts of all workers, if any; what went wrong, for each worker to report."""
    try:
        if view:
            mounts.show_paths(view)
    except OSError as error:
        return str(error)
    return ""


def _start_worker(orders: socket.socket, order: dict[str, Any], descriptors: list[int]) -> None:
    spawner = os.getpid()
    pid = os.fork()
    if pid == 0:
        if order["problem"]:
            os.write(descriptors[1], f"{order['problem']}\n".encode())
            os._exit(FAILED_TO_START)
        _become_worker(order, descriptors, spawner)
    try:
        handle = [os.pidfd_open(pid)]
    except ProcessLookupError:  # it has ended already; its stderr says why
        handle = []
    sockets.send_report(orders, handle, started=pid)
    for descriptor in [*descriptors, *handle]:
        os.close(descriptor)


def _become_worker(order: dict[str, Any], descriptors: list[int], spawner: int) -> None:
    """In the child: turn into a worker's first process. Does not return."""
    try:
        os.dup2(descriptors[1], 2)
        os.setsid()
        _reset_signals()
        mounts.mount_scratch(order["scratch_mount"])
        if order["uid"] is not None:
            _drop_root(order["uid"])
        if not order["binds_itself"]:
            confine.die_with_parent()  # after the change of user, which would undo it
        if os.getppid() == spawner:
            _execute(order, descriptors[0])
    except OSError as error:
        os.write(2, f"{error}\n".encode())
    finally:
        os._exit(FAILED_TO_START)


def _reset_signals() -> None:
    """Stop ignoring signals: what is ignored stays ignored across exec."""
    for number in signal.valid_signals() - {signal.SIGKILL, signal.SIGSTOP}:
        if signal.getsignal(number) == signal.SIG_IGN:
            signal.signal(number, signal.SIG_DFL)


def _drop_root(uid: int) -> None:
    os.setgroups([])
    os.setresgid(uid, uid, uid)
    os.setresuid(uid, uid, uid)


def _execute(order: dict[str, Any], control: int) -> None:
    null = os.open("/dev/null", os.O_RDWR)
    os.dup2(control, 10)  # out of the way of the numbers that are assigned next
    for number in (0, 1):
        os.dup2(null, number)
    os.dup2(10, CONTROL)
    os.closerange(CONTROL + 1, os.sysconf("SC_OPEN_MAX"))
    os.execve(order["argv"][0], order["argv"], order["env"])  # noqa: S606  # the harness chose the command


if __name__ == "__main__":
    main(int(sys.argv[1]))
