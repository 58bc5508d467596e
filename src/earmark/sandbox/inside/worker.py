"""A worker: imports what programs need once, then forks for each program, one at a time.

Its socket brings a set-up message, then one order per program with three descriptors (source,
stdout, stderr). It answers "started" with a pidfd of the program, then "done" with the program's
status, its use and a descriptor of its result. It never reads what a program wrote, holds nothing
worth stealing, and ends when the socket does.

Little is imported here and below, on purpose: a cold start pays for it, and a program finds it
already imported.
"""

from __future__ import annotations

import _socket
import gc
import os
import sys

from earmark.sandbox.inside import confine, program, scratch, sockets

TYPE_CHECKING = False  # `typing` costs a cold start as much as the rest of this package
if TYPE_CHECKING:
    from typing import Any

FAILED_TO_START = 70


def main(descriptor: int) -> None:
    """Serve until the socket closes."""
    control = _socket.socket(fileno=descriptor)
    settings, _ = sockets.receive_order(control)
    prepare(settings)
    sockets.send_report(control, landlock=confine.landlock_abi())
    try:
        while True:
            order, descriptors = sockets.receive_order(control)
            run_one(control, settings, order, descriptors)
    except sockets.Closed:
        return


def prepare(settings: dict[str, Any]) -> None:
    """Show the packages, hide earmark's own modules, and import what is preloaded."""
    visible = [path for path in sys.path if path != settings["inside"]]
    sys.path[:] = [*visible, settings["site"]]
    for name in settings["preload"]:
        _preload(name)
    if settings["preload"]:
        from earmark.sandbox.inside import warm_up  # a cold start does without

        warm_up.call_once(settings["preload"])
    for name in [name for name in sys.modules if name.split(".")[0] == "earmark"]:
        del sys.modules[name]
    for folder in settings["own"]:
        scratch.clear(folder)
    os.chdir(settings["own"][0])
    settings["rules"] = _file_rules(settings)
    if settings["preload"]:
        gc.collect()
        gc.freeze()  # the collector skips what is imported here, so that programs collect fast


def _preload(name: str) -> None:
    try:
        __import__(name)
    except ImportError:
        return  # the program that needs it will report that it is missing


def run_one(
    control: _socket.socket, settings: dict[str, Any], order: dict[str, Any], descriptors: list[int]
) -> None:
    """Run one program to its end, and report."""
    pid = os.fork()
    if pid == 0:
        become_program(settings, descriptors, processes=order["processes"])
    for descriptor in descriptors:
        os.close(descriptor)
    handle = os.pidfd_open(pid)
    sockets.send_report(control, [handle], started=pid)
    os.close(handle)
    _, status, usage = os.wait4(pid, 0)
    limits = settings["limits"]
    result, kept = scratch.take_result(
        settings["own"][0], limits["file_name"], max_bytes=limits["file_bytes"]
    )
    handed_over = [] if kept is None else [kept]
    sockets.send_report(
        control,
        handed_over,
        done=status,
        result=result,
        files=_file_names(settings["own"]) if kept is None else "",
        cpu_seconds=usage.ru_utime + usage.ru_stime,
        peak_bytes=usage.ru_maxrss * 1024,
    )
    for descriptor in handed_over:
        os.close(descriptor)
    for folder in settings["own"]:
        scratch.clear(folder)


def _file_names(folders: list[str]) -> str:
    """What the program wrote in place of its result, in hexadecimal: a name may hold any byte."""
    return b"\0".join(scratch.list_files(folders)).hex()


def become_program(settings: dict[str, Any], descriptors: list[int], *, processes: int) -> None:
    """In the child: turn into the program. Does not return."""
    code = FAILED_TO_START
    try:
        confine.die_with_parent()
        source = _read(descriptors[0])
        rules = _take_descriptors(descriptors, settings["rules"])
        confine.set_limits(settings["limits"], processes=processes)
        if settings["confine"]:
            _confine(rules, settings["filter"])
        program.seed()
        code = program.run(source)
    finally:
        program.exit_at_once(code)


def _file_rules(settings: dict[str, Any]) -> int | None:
    """What Landlock will permit; None where it is not offered and mounts hide the host's files."""
    optional = settings["landlock"] != "required" and not confine.landlock_abi()
    if not settings["confine"] or optional:
        return None
    return confine.file_rules(read=settings["read"], own=settings["own"], write=["/dev/null"])


def _confine(rules: int | None, filter_template: bytes) -> None:
    confine.give_up_privileges()
    if rules is not None:
        confine.restrict_files(rules)
    confine.filter_calls(filter_template)


def _read(descriptor: int) -> bytes:
    with os.fdopen(descriptor, "rb") as stream:
        stream.seek(0)
        return stream.read()


def _take_descriptors(descriptors: list[int], rules: int | None) -> int | None:
    """Put the streams on 0 to 2 and the rules on 3, where they are closed once they are entered;
    close everything else.
    """
    null = os.open("/dev/null", os.O_RDONLY)
    for source, target in ((null, 0), (descriptors[1], 1), (descriptors[2], 2)):
        os.dup2(source, target)
    if rules is not None and rules != 3:
        os.dup2(rules, 3)
    os.closerange(3 if rules is None else 4, os.sysconf("SC_OPEN_MAX"))
    return None if rules is None else 3


if __name__ == "__main__":
    main(int(sys.argv[1]))
