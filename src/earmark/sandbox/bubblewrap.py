"""Isolation `namespaces`: bubblewrap, a tmpfs with a quota, Landlock, seccomp, limits.

Programs see the interpreter, the system's libraries and the listed packages, read-only, a scratch
folder and a /tmp of their own, and nothing else: no /proc, no network, no other process.
"""

import os
import re
import shutil
import subprocess
import sys
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
from earmark.sandbox.worker import CONTROL, WorkerSpec, scratch_mount

WORK, SITE, INSIDE = "/work", "/site", "/inside"
TEMP = "/tmp"  # noqa: S108  # private: a folder of the scratch mount
SHARED_MEMORY = "/dev/shm"  # noqa: S108  # of the sandbox
# Fetched by earmark.sandbox.fetch, below the folder of the environment.
FETCHED = "bubblewrap/usr/bin/bwrap"
INSTALL = f"install the package bubblewrap, or run `{sys.executable} -m earmark.sandbox.fetch`"
DEVICES = ("/dev/null", "/dev/urandom")


def find() -> str:
    """The bubblewrap program: the system's, else the one that set-up fetched.

    Set-up fetches it into the environment, or into the cache where it may not write there.
    """
    places = [folder / FETCHED for folder in (paths.environment(), paths.cache())]
    if found := shutil.which("bwrap") or next(filter(os.path.isfile, places), None):
        return os.path.realpath(found)
    raise SandboxUnavailable(f"bubblewrap is missing: {INSTALL}")


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
        if os.geteuid() == 0:
            interpreter.check_readable_by_others(packages)
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
        # Folders for bubblewrap to bind the scratch folders over.
        seen |= {INSIDE: str(folder.inside), WORK: str(folder.empty), TEMP: str(folder.empty)}
        # Empty and closed, so that multiprocessing finds a refusal and not a missing folder.
        seen[SHARED_MEMORY] = str(folder.empty)
        # Files for bubblewrap to bind the devices over.
        return seen | dict.fromkeys(DEVICES, "/dev/null")

    def worker_spec(self, folder: SandboxFolder, slot: int) -> WorkerSpec:
        """One bubblewrap per worker, on a scratch mount of its own."""
        uid = FIRST_UID + os.getpid() % 900 + slot if os.geteuid() == 0 else None
        scratch = folder.subfolder(f"scratch-{slot}", uid=uid)
        mount = scratch_mount(scratch, uid=uid, limits=self.limits, subfolders=("work", "tmp"))
        read = [*interpreter.readable_paths(), SITE, "/dev/urandom"]
        return WorkerSpec(
            argv=[*_command(find(), folder, scratch), *interpreter.command(descriptor=CONTROL)],
            env=interpreter.environment(home=WORK, temp=TEMP, inside=INSIDE),
            settings=self.settings(own=[WORK, TEMP], site=SITE, inside=INSIDE, read=read),
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
    words += ["--bind", str(scratch / "work"), WORK, "--bind", str(scratch / "tmp"), TEMP]
    return [*words, "--chdir", WORK, "--"]
