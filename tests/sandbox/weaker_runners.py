"""Weaker ways to run a program, to show that each hostile program bites.

Run as `python -m tests.sandbox.weaker_runners RUNNER NAME...`.

Prints one JSON object: program -> the oracles that fired. To be run only inside the outer
containment of test_hostile_bites, since here programs get through.

    plain    subprocess.run as in any tutorial: the harness's environment and descriptors, no limits
    limits   a clean environment, closed descriptors, a timeout, rlimits
    bwrap    bubblewrap with its usual options, no filter, no limits but a timeout
"""

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from earmark.records import Execution, Limits
from earmark.sandbox.bubblewrap import find
from tests.sandbox.hostile_ground import ground, settle
from tests.sandbox.hostile_programs import FOLDER, Hostile, read
from tests.sandbox.hostile_watch import Watch

LIMITS = Limits(
    wall_seconds=3.0,
    cpu_seconds=2,
    memory_bytes=512 * 1024**2,
    scratch_bytes=16 * 1024**2,
    scratch_inodes=64,
)
Runner = Callable[[Path], "subprocess.CompletedProcess[bytes]"]


def plain(program: Path) -> "subprocess.CompletedProcess[bytes]":
    """No limits at all; what never ends is bounded by the program itself."""
    options = {
        "capture_output": True,
        "close_fds": False,
        "stdin": subprocess.DEVNULL,
        "cwd": program.parent,
    }
    return subprocess.run([sys.executable, program], check=False, **options)  # type: ignore[call-overload,no-any-return]  # one dict


def limits(program: Path) -> "subprocess.CompletedProcess[bytes]":
    """Resource limits before the program starts, and a timeout."""

    def bounded() -> None:
        for name, most in (
            (resource.RLIMIT_AS, LIMITS.memory_bytes),
            (resource.RLIMIT_CPU, LIMITS.cpu_seconds),
        ):
            resource.setrlimit(name, (most, most))
        resource.setrlimit(resource.RLIMIT_FSIZE, (LIMITS.file_bytes,) * 2)

    command = [sys.executable, str(program)]
    return _timed(command, cwd=program.parent, env={"PATH": "/usr/bin"}, preexec_fn=bounded)


def bwrap(program: Path) -> "subprocess.CompletedProcess[bytes]":
    """Namespaces of all but users, the host read-only.

    One of users, within the outer containment's, could not mount /proc.
    """
    ways = [
        "--ro-bind",
        "/",
        "/",
        "--dev",
        "/dev",
        "--proc",
        "/proc",
        "--tmpfs",
        "/tmp",
        "--unshare-pid",
        "--die-with-parent",
    ]
    ways += ["--unshare-ipc", "--unshare-net", "--unshare-uts"]
    ways += [
        "--ro-bind",
        prefix := os.path.realpath(sys.prefix),
        prefix,
    ]  # an environment may lie below /tmp
    ways += ["--bind", str(program.parent), str(program.parent), "--chdir", str(program.parent)]
    return _timed([find(), *ways, sys.executable, str(program)])


def _timed(command: list[str], **options: object) -> "subprocess.CompletedProcess[bytes]":
    options |= {"capture_output": True, "stdin": subprocess.DEVNULL, "timeout": LIMITS.wall_seconds}
    try:
        return subprocess.run(command, check=False, **options)  # type: ignore[call-overload,no-any-return]  # one dict of options
    except subprocess.TimeoutExpired as ended:
        return subprocess.CompletedProcess(command, -9, ended.stdout or b"", ended.stderr or b"")


RUNNERS: dict[str, Runner] = {"plain": plain, "limits": limits, "bwrap": bwrap}


def escapes(hostile: Hostile, runner: Runner) -> set[str]:
    """The oracles that fire when one program runs under a weaker runner."""
    folder = Path(tempfile.mkdtemp(dir="/tmp"))  # a tmpfs of the outer containment
    with ground(folder, LIMITS) as target, Watch(target.free_port) as watch:
        scratch = Path(tempfile.mkdtemp(dir="/tmp"))
        started = time.monotonic()
        runs = [
            _run(target.filled(text), scratch, runner)
            for text in (hostile.source, hostile.following)
            if text is not None
        ]
        seconds = time.monotonic() - started
        settle()
        fired = target.evidence(runs, seconds=seconds)
    # Files in memory are counted for the whole machine, so what others do in the meantime is not
    # held against a program of another aim.
    return fired | watch.fired(max_bytes=800 * 1024**2) & {hostile.oracle}


def _run(text: str, scratch: Path, runner: Runner) -> Execution:
    program = scratch / "program.py"
    program.write_text(text)
    done = runner(program)
    streams = (done.stdout.decode(errors="replace"), done.stderr.decode(errors="replace"))
    kept = scratch / "out.wav"
    found = kept.is_file() and not kept.is_symlink()
    return Execution(
        "exit",
        done.returncode,
        *streams,
        0.0,
        0.0,
        0,
        "none",
        "file" if found else "missing",
        str(kept) if found else None,
    )


def main(argv: list[str]) -> int:
    """Run the named programs and print what fired."""
    Path("/tmp/site").mkdir(exist_ok=True)
    os.environ["PYTHONPATH"] = ":".join(filter(None, [os.environ.get("PYTHONPATH"), "/tmp/site"]))
    runner, names = RUNNERS[argv[0]], argv[1:]
    print(
        json.dumps({name: sorted(escapes(read(FOLDER / f"{name}.py"), runner)) for name in names})
    )
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
