"""Isolation `namespaces`: bubblewrap, a tmpfs with a quota, Landlock, seccomp, limits.

In: Programs. Out: Executions. Programs see the interpreter, the system's libraries and the listed packages, read-only, their scratch
folder, and nothing else: no /proc, no /tmp, no network, no other process. Nothing is decided here about what a program meant.
"""

import os
import re
import shutil
import subprocess
from functools import cache
from typing import Any

from earmark import paths
from earmark.errors import SandboxUnavailable
from earmark.records import Isolation
from earmark.sandbox import interpreter
from earmark.sandbox.runtime import Runtime
from earmark.sandbox.worker import CONTROL, Arrangement
from earmark.sandbox.workers import FIRST_UID, Workers

WORK, SITE, INSIDE = "/work", "/site", "/inside"
DEVICES = ("/dev/null", "/dev/urandom")


def find() -> str:
    """The bubblewrap program: the system's, else the one fetched into the cache."""
    fetched = paths.cache() / "bubblewrap" / "usr" / "bin" / "bwrap"
    if found := shutil.which("bwrap") or (str(fetched) if fetched.is_file() else None):
        return os.path.realpath(found)
    raise SandboxUnavailable(
        "bubblewrap is missing: install the package bubblewrap, or fetch it with `python -m earmark.sandbox.fetch`"
    )


@cache
def version(program: str) -> tuple[int, ...]:
    """The version a bubblewrap program tells."""
    said = subprocess.run(
        [program, "--version"], capture_output=True, text=True, check=False, timeout=10
    ).stdout
    return tuple(int(part) for part in re.findall(r"\d+", said))


class Namespaces(Workers):
    """Namespaces of everything, made by bubblewrap; as root under a user of its own."""

    isolation: Isolation = "namespaces"

    def ground(self, runtime: Runtime) -> dict[str, Any]:
        """All that workers see, in one folder that bubblewrap binds at once; as root, too, what lies behind folders closed to others."""
        packages, root = interpreter.visible(self.limits.packages), str(runtime.folder("root"))
        needed = [find(), str(runtime.path), *interpreter.readable(), *packages.values()]
        closed = interpreter.closed_to_others(needed) if os.geteuid() == 0 else {}
        seen = {path: path for path in interpreter.readable()}
        seen |= {
            path: str(runtime.empty)
            for folder in interpreter.standard_library()
            if os.path.isdir(path := f"{folder}/site-packages")
        }
        seen |= {f"{SITE}/{name}": path for name, path in packages.items()} | {
            INSIDE: str(runtime.inside),
            WORK: str(runtime.empty),
        }
        seen |= {
            device: "/dev/null" for device in DEVICES
        }  # places for bubblewrap to bind the devices over
        links = {
            f"{root}{path}": os.readlink(path)
            for path in interpreter.LIBRARIES
            if os.path.islink(path)
        }
        return {
            "show": interpreter.shown(closed)
            | {root: {f"{root}{path}": source for path, source in seen.items()}},
            "links": links,
        }

    def arrange(self, runtime: Runtime, slot: int) -> Arrangement:
        """One bubblewrap per worker, on a stage of its own."""
        program = find()
        uid = FIRST_UID + os.getpid() % 900 + slot if os.geteuid() == 0 else None
        scratch = runtime.folder(f"scratch-{slot}", uid=uid)
        stage = {
            "scratch": str(scratch),
            "uid": uid,
            "bytes": self.limits.scratch_bytes,
            "inodes": self.limits.scratch_inodes,
        }
        return Arrangement(
            argv=[
                *_wrapped(program, runtime, str(scratch)),
                *interpreter.command(descriptor=CONTROL),
            ],
            env=interpreter.environment(home=WORK, inside=INSIDE),
            settings=self.settings(
                scratch=WORK,
                site=SITE,
                inside=INSIDE,
                read=[*interpreter.readable(), SITE, "/dev/urandom"],
            ),
            scratch=scratch,
            stage=stage,
            uid=uid,
            binds_itself=True,
        )


def _wrapped(program: str, runtime: Runtime, scratch: str) -> list[str]:
    words = [
        program,
        "--unshare-all",
        "--unshare-user",
        "--die-with-parent",
        "--new-session",
        "--cap-drop",
        "ALL",
        "--hostname",
        "sandbox",
    ]
    if version(program) >= (0, 8):
        words.append("--disable-userns")
    words += ["--ro-bind", str(runtime.path / "root"), "/"]
    for device in DEVICES:
        words += ["--dev-bind", device, device]
    return [*words, "--bind", scratch, WORK, "--chdir", WORK, "--"]
