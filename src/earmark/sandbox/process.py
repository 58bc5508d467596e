"""Isolation `process`: Landlock, seccomp and limits, where namespaces cannot be had.

Files, network, other processes, memory and time are held as under `namespaces`. Two things are held
less well: a program can ask for names and sizes of the host's files, since Landlock does not govern
stat; and the quota on the scratch folder is polled, so it cuts late.

As root, a worker becomes a user of its own. An interpreter that this user may not reach (below a
home closed to others) is shown to it by a private mount where root may mount; elsewhere the
isolation is refused.
"""

import os
from pathlib import Path
from typing import Any

from earmark.errors import SandboxUnavailable
from earmark.records import Isolation
from earmark.sandbox import interpreter
from earmark.sandbox.folder import SandboxFolder
from earmark.sandbox.inside import scratch
from earmark.sandbox.pool import FIRST_UID, WorkerPool
from earmark.sandbox.worker import CONTROL, WorkerSpec

CAP_SYS_ADMIN = 21
TASKS = 64


class Process(WorkerPool):
    """Confined processes on the host's own file system."""

    isolation: Isolation = "process"
    landlock = "required"

    def view(self, folder: SandboxFolder) -> dict[str, Any] | None:
        """As root, what lies behind folders that are closed to others."""
        if os.geteuid() != 0:
            return None
        needed = [
            str(folder.path),
            *interpreter.readable_paths(),
            *interpreter.package_paths(self.limits.packages).values(),
        ]
        closed = interpreter.closed_to_others(needed)
        if _may_mount():
            return {"show": interpreter.show_in_place(closed), "links": {}}
        if closed:
            raise SandboxUnavailable(
                f"{sorted(closed)[0]} must be open to other users: the interpreter is below it, "
                "and as root earmark runs programs as another user; set chmod o+x, or start "
                "earmark as a user who is not root"
            )
        return None

    def worker_spec(self, folder: SandboxFolder, slot: int) -> WorkerSpec:
        """One confined interpreter per worker."""
        packages = interpreter.package_paths(self.limits.packages)
        uid = FIRST_UID + os.getpid() % 900 + slot if os.geteuid() == 0 else None
        own = folder.subfolder(f"scratch-{slot}", uid=uid)
        site = folder.site(packages)
        max_bytes, max_entries = self.limits.scratch_bytes, self.limits.scratch_inodes
        mount = None
        if uid is not None and _may_mount():
            mount = {"scratch": str(own), "uid": uid, "bytes": max_bytes, "inodes": max_entries}
        read = [*interpreter.readable_paths(), *packages.values(), str(site), "/dev/urandom"]
        return WorkerSpec(
            argv=interpreter.command(descriptor=CONTROL),
            env=interpreter.environment(home=str(own), inside=str(folder.inside)),
            settings=self.settings(
                scratch=str(own), site=str(site), inside=str(folder.inside), read=read
            ),
            scratch=own,
            scratch_mount=mount,
            uid=uid,
            processes=TASKS if uid is not None else TASKS + _own_tasks(),
            over_quota=None if mount else lambda: _exceeds(own, max_bytes, max_entries),
        )


def _may_mount() -> bool:
    lines = Path("/proc/self/status").read_text().splitlines()
    effective = next(line for line in lines if line.startswith("CapEff:"))
    return bool(int(effective.split()[1], 16) >> CAP_SYS_ADMIN & 1)


def _own_tasks() -> int:
    """How many threads this user has now: RLIMIT_NPROC counts all, whatever started them."""
    count = 0
    for path in Path("/proc").glob("[0-9]*"):
        try:
            if path.stat().st_uid == os.geteuid():
                count += sum(1 for _ in (path / "task").iterdir())
        except OSError:
            continue  # ended since it was listed
    return count


def _exceeds(folder: Path, max_bytes: int, max_entries: int) -> bool:
    size, entries = scratch.usage(str(folder), max_entries=max_entries)
    return size > max_bytes or entries > max_entries
