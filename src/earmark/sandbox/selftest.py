"""A program that tries to escape sixteen ways and then computes something, run before any other.

No escape may work, and the computation must. This proves that the layers are switched on, not that
they have no hole; that is what tests/hostile is for. What an escape would touch is a canary.
"""

import os
import socket
from pathlib import Path

from earmark.errors import SandboxUnavailable
from earmark.records import Isolation
from earmark.sandbox.inside.supervisor import WorkerLost
from earmark.sandbox.worker import Worker

PROGRAM = r"""
import ctypes, os, resource, signal, socket
libc = ctypes.CDLL(None, use_errno=True)
canary, port, harness = {canary!r}, {port}, {harness}

def connects():
    with socket.socket() as end:
        end.settimeout(0.2)
        end.connect(("127.0.0.1", port))

def forks():
    if os.fork() == 0:
        os._exit(0)

def allocates():
    bytearray(resource.getrlimit(resource.RLIMIT_AS)[0] + 1)

def changes_mode():
    os.chmod(canary, 0o777)  # which the filter ignores
    if os.stat(canary).st_mode & 0o777 != 0o777:
        raise PermissionError("nothing changed")

def executes():
    program = "/bin/true" if os.access("/bin/true", os.X_OK) else "nothing"
    os.execv(program, [program])

def require_refusal(answer):
    if answer < 0:
        raise OSError(ctypes.get_errno(), "refused")

ways = {{
    "read a file of the host": lambda: open(canary).read(),
    "write a file of the host": lambda: open(canary, "a").write("escaped"),
    "cut a file of the host": lambda: os.close(os.open(canary, os.O_RDONLY | os.O_TRUNC)),
    "change the mode of a file of the host": changes_mode,
    "read the list of users": lambda: open("/etc/passwd").read(),
    "read a process of the host": lambda: open("/proc/%d/environ" % harness, "rb").read(),
    "connect to the host": connects,
    "start a process": forks,
    "signal a process of the host": lambda: os.kill(harness, 0),
    "trace a process": lambda: require_refusal(libc.ptrace(0x4206, harness, 0, 0)),
    "make a namespace": lambda: require_refusal(libc.unshare(0x10000000)),
    "become root": lambda: os.setuid(0),
    "raise a limit": lambda: resource.setrlimit(resource.RLIMIT_CPU, (resource.RLIM_INFINITY,) * 2),
    "take more memory": allocates,
    "leave a link": lambda: os.symlink("/", "link"),
    "execute a program": executes,
}}
for name, way in ways.items():
    try:
        way()
    except (OSError, ValueError, MemoryError):
        continue
    print("escaped:", name, flush=True)
with open({result!r}, "wb") as stream:
    stream.write(b"works")
print("benign:", sum(number * number for number in range(10)))
"""
ESCAPES = PROGRAM.count('    "')


def run_self_test(worker: Worker, isolation: Isolation, folder: Path) -> None:
    """Run the self-test on a worker that has imported nothing.

    Raises:
        SandboxUnavailable: something escaped, or nothing works.
    """
    canary = folder / f"canary-{os.urandom(4).hex()}"
    canary.write_text("calm")
    canary.chmod(0o666)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        program = PROGRAM.format(
            canary=str(canary),
            port=listener.getsockname()[1],
            harness=os.getpid(),
            result=worker.limits.file_name,
        )
        printed = _run(worker, program)
    escaped = [line.removeprefix("escaped: ") for line in printed if line.startswith("escaped: ")]
    changes = {
        "write a file of the host": canary.read_text() != "calm",
        "change the mode of a file of the host": canary.stat().st_mode & 0o777 != 0o666,
    }
    escaped += [name for name, seen in changes.items() if seen and name not in escaped]
    canary.unlink()
    if escaped:
        raise SandboxUnavailable(
            f"isolation {isolation!r} must confine a program, but one could {', '.join(escaped)}; "
            "choose another isolation"
        )
    if "benign: 285" not in printed:
        raise SandboxUnavailable(
            f"isolation {isolation!r} must run a harmless program, but it printed "
            f"{' / '.join(printed[-3:]) or 'nothing'}; choose another isolation"
        )


def _run(worker: Worker, program: str) -> list[str]:
    """The lines that the program printed; without the benign one where it left no result."""
    try:
        outcome = worker.run(program.encode())
    except WorkerLost as error:
        return [f"the worker was lost: {error}"]
    if outcome.descriptor is not None:
        written = os.read(outcome.descriptor, 100)
        os.close(outcome.descriptor)
        if written == b"works":
            return outcome.streams[0].splitlines()
    return [line for line in "".join(outcome.streams).splitlines() if line != "benign: 285"]
