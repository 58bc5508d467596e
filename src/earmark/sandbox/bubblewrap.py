"""Isolation `namespaces`: bubblewrap, a tmpfs with a quota, Landlock, seccomp, limits.

Programs see the interpreter, the system's libraries and the listed packages, read-only, their
scratch folder, and nothing else: no /proc, no /tmp, no network, no other process.
"""

import os
import re
import shutil
import subprocess
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from earmark import paths
from earmark.errors import SandboxUnavailable
from earmark.records import Isolation
from earmark.sandbox import interpreter
from earmark.sandbox.folder import SandboxFolder
from earmark.sandbox.pool import FIRST_UID, WorkerPool
from earmark.sandbox.worker import CONTROL, WorkerSpec

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
    """The version that a bubblewrap program prints."""
    printed = subprocess.run(
        [program, "--version"], capture_output=True, text=True, check=False, timeout=10
    ).stdout
    return tuple(int(part) for part in re.findall(r"\d+", printed))


class Namespaces(WorkerPool):
    """Namespaces of every kind, made by bubblewrap; as root, under a user of its own."""

    isolation: Isolation = "namespaces"

    def view(self, folder: SandboxFolder) -> dict[str, Any]:
        """All that workers see, in one folder that bubblewrap binds as the root.

        As root, also what lies behind folders that are closed to others.
        """
        packages = interpreter.package_paths(self.limits.packages)
        needed = [
            find(),
            str(folder.path),
            *interpreter.readable_paths(),
            *packages.values(),
        ]
        closed = interpreter.closed_to_others(needed) if os.geteuid() == 0 else {}
        root = str(folder.subfolder("root"))
        seen = self._seen(folder, packages)
        shown = {f"{root}{path}": source for path, source in seen.items()}
        linked = [path for path in interpreter.LIBRARIES if os.path.islink(path)]
        return {
            "show": interpreter.show_in_place(closed) | {root: shown},
            "links": {f"{root}{path}": os.readlink(path) for path in linked},
        }

    def _seen(self, folder: SandboxFolder, packages: Mapping[str, str]) -> dict[str, str]:
        """Path in the sandbox -> what of the host is seen there."""
        seen = {path: path for path in interpreter.readable_paths()}
        for library in interpreter.standard_library():
            if os.path.isdir(path := f"{library}/site-packages"):
                seen[path] = str(folder.empty)  # the project's own environment is hidden
        seen |= {f"{SITE}/{name}": path for name, path in packages.items()}
        seen |= {INSIDE: str(folder.inside), WORK: str(folder.empty)}
        # Files for bubblewrap to bind the devices over.
        return seen | dict.fromkeys(DEVICES, "/dev/null")

    def worker_spec(self, folder: SandboxFolder, slot: int) -> WorkerSpec:
        """One bubblewrap per worker, on a scratch mount of its own."""
        uid = FIRST_UID + os.getpid() % 900 + slot if os.geteuid() == 0 else None
        scratch = folder.subfolder(f"scratch-{slot}", uid=uid)
        mount = {
            "scratch": str(scratch),
            "uid": uid,
            "bytes": self.limits.scratch_bytes,
            "inodes": self.limits.scratch_inodes,
        }
        read = [*interpreter.readable_paths(), SITE, "/dev/urandom"]
        return WorkerSpec(
            argv=[*_command(find(), folder, scratch), *interpreter.command(descriptor=CONTROL)],
            env=interpreter.environment(home=WORK, inside=INSIDE),
            settings=self.settings(scratch=WORK, site=SITE, inside=INSIDE, read=read),
            scratch=scratch,
            scratch_mount=mount,
            uid=uid,
            binds_itself=True,
        )


def _command(program: str, folder: SandboxFolder, scratch: Path) -> list[str]:
    options = "--unshare-all --unshare-user --die-with-parent --new-session --cap-drop ALL"
    words = [program, *options.split(), "--hostname", "sandbox"]
    if version(program) >= (0, 8):
        words.append("--disable-userns")
    words += ["--ro-bind", str(folder.path / "root"), "/"]
    for device in DEVICES:
        words += ["--dev-bind", device, device]
    return [*words, "--bind", str(scratch), WORK, "--chdir", WORK, "--"]
