"""Isolation `process`: Landlock, seccomp and limits, where namespaces are not to be had.

In: Programs. Out: Executions. Held as under `namespaces`: files, network, other processes, memory, time. Not held as well: names and sizes
of files of the host can be asked for (Landlock does not govern stat), and the quota on the scratch folder is polled, so it cuts late.

As root a worker becomes a user of its own. An interpreter that this user may not reach (below a home closed to others) is shown to it by
a private mount where root may mount; where it may not, the isolation is refused.
"""

import os
from pathlib import Path
from typing import Any

from earmark.errors import SandboxUnavailable
from earmark.records import Isolation
from earmark.sandbox import interpreter
from earmark.sandbox.inside.scratch import taken
from earmark.sandbox.runtime import Runtime
from earmark.sandbox.worker import CONTROL, Arrangement
from earmark.sandbox.workers import FIRST_UID, Workers

CAP_SYS_ADMIN = 21
TASKS = 64


class Process(Workers):
    """Confined processes on the host's own file system."""

    isolation: Isolation = "process"
    landlock = "required"

    def ground(self, runtime: Runtime) -> dict[str, Any] | None:
        """As root, what lies behind folders that are closed to others."""
        if os.geteuid() != 0:
            return None
        needed = [
            str(runtime.path),
            *interpreter.readable(),
            *interpreter.visible(self.limits.packages).values(),
        ]
        closed = interpreter.closed_to_others(needed)
        if _may_mount():
            return {"show": interpreter.shown(closed), "links": {}}
        if closed:
            raise SandboxUnavailable(
                f"{sorted(closed)[0]} must be open to other users (chmod o+x), since as root programs run as another user, and the "
                "interpreter is behind it; or start earmark as a user who is not root"
            )
        return None

    def arrange(self, runtime: Runtime, slot: int) -> Arrangement:
        """One confined interpreter per worker."""
        packages = interpreter.visible(self.limits.packages)
        uid = FIRST_UID + os.getpid() % 900 + slot if os.geteuid() == 0 else None
        scratch, site = runtime.folder(f"scratch-{slot}", uid=uid), runtime.site(packages)
        mounts = uid is not None and _may_mount()
        bounds = {"bytes": self.limits.scratch_bytes, "inodes": self.limits.scratch_inodes}
        stage = {"scratch": str(scratch), "uid": uid, **bounds} if mounts else None
        read = [*interpreter.readable(), *packages.values(), str(site), "/dev/urandom"]
        quota = self.limits.scratch_bytes, self.limits.scratch_inodes
        return Arrangement(
            argv=interpreter.command(descriptor=CONTROL),
            env=interpreter.environment(home=str(scratch), inside=str(runtime.inside)),
            settings=self.settings(
                scratch=str(scratch), site=str(site), inside=str(runtime.inside), read=read
            ),
            scratch=scratch,
            stage=stage,
            uid=uid,
            processes=TASKS if uid is not None else TASKS + _own_tasks(),
            over_quota=None if stage else lambda: _beyond(scratch, *quota),
        )


def _may_mount() -> bool:
    held = next(
        line
        for line in Path("/proc/self/status").read_text().splitlines()
        if line.startswith("CapEff:")
    )
    return bool(int(held.split()[1], 16) >> CAP_SYS_ADMIN & 1)


def _own_tasks() -> int:
    """Threads of this user now: the limit on them counts all, wherever they were started."""
    count = 0
    for path in Path("/proc").glob("[0-9]*"):
        try:
            if path.stat().st_uid == os.geteuid():
                count += sum(1 for _ in (path / "task").iterdir())
        except OSError:
            continue  # ended since it was listed
    return count


def _beyond(scratch: Path, max_bytes: int, max_entries: int) -> bool:
    size, entries = taken(str(scratch), max_entries=max_entries)
    return size > max_bytes or entries > max_entries
