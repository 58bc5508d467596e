"""The first process of a container: a supervisor between the harness and a worker next to it.

Only two pipes lead into a container, so what the harness does itself elsewhere is done here: a
worker is started, each program is supervised, and its outcome and the bytes of its result are sent
back. Standard input brings the settings and then one program per message (see pipes.py). The
process ends when its input does, or when its worker is lost.
"""

from __future__ import annotations

import os
import sys
from typing import Any

from earmark.sandbox.inside import confine, filter, pipes, scratch, sockets
from earmark.sandbox.inside.supervisor import Outcome, Supervisor

SERVE = (
    "from earmark.sandbox.inside import confine, worker; "
    "confine.give_up_privileges(); worker.main(3)"
)
PYTHON_FLAGS = ("-S", "-s", "-P", "-B", "-X", "utf8")


def main() -> None:
    """Serve until the input ends."""
    confine.give_up_privileges()
    settings, _ = pipes.receive(0)
    abi = confine.landlock_abi()
    worker_settings = settings | {
        "filter": filter.build(os.uname().machine, landlock=abi),
        "read": [*settings["read"], sys.base_prefix],
    }
    os.mkdir(settings["own"][0], 0o700)  # the mount point above it belongs to root
    control, theirs = sockets.pair()
    if os.fork() == 0:
        _become_worker(theirs.fileno(), settings["env"])
    theirs.close()
    sockets.send_order(control, worker_settings)
    pipes.send(1, sockets.receive_report(control)[0])
    limits = settings["limits"]
    try:
        while True:
            order, source = pipes.receive(0)
            supervisor = Supervisor(
                control,
                output_bytes=limits["output_bytes"],
                over_quota=lambda: _is_over_quota(settings["own"], limits),
            )
            outcome = supervisor.run(
                source, wall_seconds=limits["wall_seconds"], processes=order["processes"]
            )
            _send_outcome(outcome)
    except pipes.Ended:
        return


def _is_over_quota(folders: list[str], limits: dict[str, Any]) -> bool:
    """The engines bound the bytes of each tmpfs, not those of all, and not the number of files."""
    max_bytes, max_entries = int(limits["scratch_bytes"]), int(limits["scratch_inodes"])
    used = [scratch.usage(folder, max_entries=max_entries) for folder in folders]
    return sum(size for size, _ in used) > max_bytes or sum(n for _, n in used) > max_entries


def _become_worker(control: int, env: dict[str, str]) -> None:
    """In the child: turn into the worker, without the pipes to the harness. Does not return."""
    try:
        confine.die_with_parent()
        null = os.open("/dev/null", os.O_RDWR)
        for number in (0, 1):
            os.dup2(null, number)
        os.dup2(control, 10)
        os.dup2(10, 3)
        os.closerange(4, os.sysconf("SC_OPEN_MAX"))
        python = sys.executable
        os.execve(python, [python, *PYTHON_FLAGS, "-c", SERVE], env)  # noqa: S606  # the same interpreter
    finally:
        os._exit(71)


def _send_outcome(outcome: Outcome) -> None:
    content = b""
    if outcome.descriptor is not None:
        with os.fdopen(outcome.descriptor, "rb") as stream:
            content = stream.read()
    facts: dict[str, Any] = {
        "status": outcome.status,
        "cut": outcome.cut,
        "streams": outcome.streams,
        "seconds": outcome.seconds,
        "cpu_seconds": outcome.cpu_seconds,
        "peak_bytes": outcome.peak_bytes,
        "result": outcome.result,
        "files": outcome.files,
    }
    pipes.send(1, facts, content)
