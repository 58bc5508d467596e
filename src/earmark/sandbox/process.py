"""Isolation `process`: Landlock, seccomp and limits, where namespaces cannot be had.

Files, network, other processes, memory and time are held as under `namespaces`. Three things are
held less well: a program can ask for names and sizes of the host's files, since Landlock does not
govern stat; the quota on the scratch folder is polled, so it cuts late; and there is no private
/tmp.

As root, a worker becomes a user of its own. An interpreter that this user may not reach (below a
home closed to others) is shown to it by a private mount where root may mount; elsewhere the
isolation is refused.
"""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from earmark.errors import SandboxUnavailable
from earmark.records import Isolation, Limits
from earmark.sandbox import interpreter
from earmark.sandbox.folder import SandboxFolder
from earmark.sandbox.inside import confine, scratch
from earmark.sandbox.pool import FIRST_UID, WorkerPool
from earmark.sandbox.worker import CONTROL, WorkerSpec, scratch_mount

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
        packages = interpreter.package_paths(self.limits.packages)
        interpreter.check_readable_by_others(packages)
        needed = [str(folder.path), *interpreter.readable_paths(), *packages.values()]
        closed = interpreter.closed_to_others(needed)
        if _may_mount():
            # Last, since binding needs /proc: there a program could list processes of the host.
            return {"show": interpreter.show_in_place(closed) | {"/proc": {}}, "links": {}}
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
        mount = None
        if uid is not None and _may_mount():
            mount = scratch_mount(own, uid=uid, limits=self.limits)
        read = [*interpreter.readable_paths(), *packages.values(), str(site), "/dev/urandom"]
        return WorkerSpec(
            argv=interpreter.command(descriptor=CONTROL),
            env=interpreter.environment(home=str(own), temp=str(own), inside=str(folder.inside)),
            settings=self.settings(
                own=[str(own)], site=str(site), inside=str(folder.inside), read=read
            ),
            scratch=own,
            scratch_mount=mount,
            uid=uid,
            processes=TASKS if uid is not None else TASKS + _own_tasks(),
            watch_quota=None if mount else lambda: watch_quota(own, self.limits),
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


def watch_quota(folder: Path, limits: Limits) -> Callable[[], bool]:
    """Whether a program that starts now has taken more of the disk than it may.

    Files with a name are counted. Files without one, which descriptors or mappings hold, cannot be
    counted from outside; they show in the free space of the file system. Since others use that
    too, it may fall by as much as all descriptors of one program can hold before the program is
    ended.
    """
    max_fall = limits.scratch_bytes + confine.MAX_DESCRIPTORS * limits.file_bytes
    free_at_start = _free_bytes(folder)

    def over_quota() -> bool:
        size, entries = scratch.usage(str(folder), max_entries=limits.scratch_inodes)
        if size > limits.scratch_bytes or entries > limits.scratch_inodes:
            return True
        return free_at_start - _free_bytes(folder) > max_fall

    return over_quota


def _free_bytes(folder: Path) -> int:
    status = os.statvfs(folder)
    return status.f_bfree * status.f_frsize
