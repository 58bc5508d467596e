"""A worker: imports what programs need once, then forks per program, one at a time.

In: on the socket given by number, a set-up message; then one message per program with three descriptors (source, stdout, stderr). Out:
"started" with a pidfd of the program, "done" with its status, its use and a descriptor of its result. It never reads what a program
wrote, holds nothing worth stealing, and ends when the socket does.

What is imported here and below is little and cheap on purpose: a cold start pays for it, and a program finds it imported.
"""

from __future__ import annotations

import _socket
import gc
import os
import sys

from earmark.sandbox.inside import confine, program, scratch, wire

TYPE_CHECKING = False  # typing costs a cold start as much as the rest of this package
if TYPE_CHECKING:
    from typing import Any


def main(descriptor: int) -> None:
    """Serve until the socket closes."""
    control = _socket.socket(fileno=descriptor)
    settings, _ = wire.receive_order(control)
    prepare(settings)
    wire.send_report(control, preflight=os.getpid(), landlock=confine.landlock_abi())
    try:
        while True:
            order, descriptors = wire.receive_order(control)
            serve(control, settings, order, descriptors)
    except wire.Closed:
        return


def prepare(settings: dict[str, Any]) -> None:
    """Show the packages, hide our own modules, import what is to be warm."""
    sys.path[:] = [path for path in sys.path if path != settings["inside"]] + [settings["site"]]
    for name in settings["preload"]:
        _preload(name)
    for name in [name for name in sys.modules if name.split(".")[0] == "earmark"]:
        del sys.modules[name]
    scratch.empty(settings["scratch"])
    os.chdir(settings["scratch"])
    settings["rules"] = _rules(settings)
    if settings["preload"]:
        gc.collect()
        gc.freeze()  # what is here already is not looked at again: a program's own rubbish is found fast


def _preload(name: str) -> None:
    try:
        __import__(name)
    except ImportError:
        return  # the program that needs it will say that it is missing


def serve(
    control: _socket.socket, settings: dict[str, Any], order: dict[str, Any], descriptors: list[int]
) -> None:
    """Run one program to its end and tell."""
    pid = os.fork()
    if pid == 0:
        become(settings, descriptors, processes=order["processes"])
    for descriptor in descriptors:
        os.close(descriptor)
    handle = os.pidfd_open(pid)
    wire.send_report(control, [handle], started=pid)
    os.close(handle)
    _, status, usage = os.wait4(pid, 0)
    limits = settings["limits"]
    found, result = scratch.result(
        settings["scratch"], limits["file_name"], max_bytes=limits["file_bytes"]
    )
    kept = [] if result is None else [result]
    cpu_seconds, peak_bytes = usage.ru_utime + usage.ru_stime, usage.ru_maxrss * 1024
    wire.send_report(
        control, kept, done=status, found=found, cpu_seconds=cpu_seconds, peak_bytes=peak_bytes
    )
    for descriptor in kept:
        os.close(descriptor)
    scratch.empty(settings["scratch"])


def become(settings: dict[str, Any], descriptors: list[int], *, processes: int) -> None:
    """In the child: turn into the program. Does not return."""
    code = 70
    try:
        confine.die_with_parent()
        source = _read(descriptors[0])
        rules = _take_descriptors(descriptors, settings["rules"])
        confine.bound(settings["limits"], processes=processes)
        if settings["confine"]:
            _confine(rules, settings["filter"])
        program.seed()
        code = program.run(source)
    finally:
        program.leave_at_once(code)


def _rules(settings: dict[str, Any]) -> int | None:
    """What Landlock will permit; None where it is not offered and something else stands before the files of the host."""
    if not settings["confine"] or (
        settings["landlock"] != "required" and not confine.landlock_abi()
    ):
        return None
    return confine.file_rules(read=settings["read"], own=settings["scratch"], write=["/dev/null"])


def _confine(rules: int | None, held: bytes) -> None:
    confine.hide()
    if rules is not None:
        confine.restrict_files(rules)
    confine.filter_calls(held)


def _read(descriptor: int) -> bytes:
    with os.fdopen(descriptor, "rb") as stream:
        stream.seek(0)
        return stream.read()


def _take_descriptors(descriptors: list[int], rules: int | None) -> int | None:
    """Streams on 0 to 2, the rules, which are closed when they are entered, on 3; nothing else stays open."""
    nothing = os.open("/dev/null", os.O_RDONLY)
    for ours, theirs in ((nothing, 0), (descriptors[1], 1), (descriptors[2], 2)):
        os.dup2(ours, theirs)
    if rules is not None and rules != 3:
        os.dup2(rules, 3)
    os.closerange(3 if rules is None else 4, os.sysconf("SC_OPEN_MAX"))
    return None if rules is None else 3


if __name__ == "__main__":
    main(int(sys.argv[1]))
