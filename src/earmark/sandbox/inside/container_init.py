"""The first process of a container: stands between the harness, reached by two pipes alone, and a worker beside it.

In: on standard input, framed messages (see frames.py): settings, then one program each. Out: on standard output, "ready", then one outcome
each with the bytes of its result. It supervises as the harness does elsewhere, and ends when its input does or its worker is lost.
"""

from __future__ import annotations

import os
import sys
from typing import Any

from earmark.sandbox.inside import confine, filter, frames, scratch, wire
from earmark.sandbox.inside.supervise import Outcome, Supervised

SERVE = "from earmark.sandbox.inside import confine, worker; confine.hide(); worker.main(3)"


def main() -> None:
    """Serve until the input ends."""
    confine.hide()
    settings, _ = frames.receive(0)
    told = settings | {
        "filter": filter.template(os.uname().machine, landlock=confine.landlock_abi()),
        "read": [*settings["read"], sys.base_prefix],
    }
    os.mkdir(settings["scratch"], 0o700)  # the mount itself is root's
    ours, theirs = wire.pair()
    if os.fork() == 0:
        _become(theirs.fileno(), settings["env"])
    theirs.close()
    wire.send_order(ours, told)
    frames.send(1, wire.receive_report(ours)[0])
    try:
        while True:
            order, source = frames.receive(0)
            watched = Supervised(
                ours,
                output_bytes=settings["limits"]["output_bytes"],
                over_quota=lambda: _crowded(settings),
            )
            _tell(
                watched.run(
                    source,
                    wall_seconds=settings["limits"]["wall_seconds"],
                    processes=order["processes"],
                )
            )
    except frames.Ended:
        return


def _crowded(settings: dict[str, Any]) -> bool:
    """The engines have no word for how many files a tmpfs may hold; how many bytes, it knows itself."""
    most = int(settings["limits"]["scratch_inodes"])
    return scratch.taken(settings["scratch"], max_entries=most)[1] > most


def _become(control: int, env: dict[str, str]) -> None:
    """In the child: turn into the worker, without the pipes to the harness. Does not return."""
    try:
        confine.die_with_parent()
        nothing = os.open("/dev/null", os.O_RDWR)
        for number in (0, 1):
            os.dup2(nothing, number)
        os.dup2(control, 10)
        os.dup2(10, 3)
        os.closerange(4, os.sysconf("SC_OPEN_MAX"))
        os.execve(
            sys.executable, [sys.executable, "-S", "-s", "-P", "-B", "-X", "utf8", "-c", SERVE], env
        )  # the same interpreter
    finally:
        os._exit(71)


def _tell(outcome: Outcome) -> None:
    held = b""
    if outcome.result is not None:
        with os.fdopen(outcome.result, "rb") as stream:
            held = stream.read()
    facts: dict[str, Any] = {
        "status": outcome.status,
        "cut": outcome.cut,
        "streams": outcome.streams,
        "found": outcome.found,
    }
    frames.send(
        1,
        facts
        | {
            "seconds": outcome.seconds,
            "cpu_seconds": outcome.cpu_seconds,
            "peak_bytes": outcome.peak_bytes,
        },
        held,
    )
