"""A private view of the file system for workers: an interpreter they may reach, and for each a quota on its scratch folder.

In: paths. Out: mounts that only the calling process and its children see, and that vanish with them. OSError where it is not permitted.
"""

from __future__ import annotations

import os
from typing import Any

from earmark.sandbox.inside.native import call

NEW_MOUNTS, NEW_USER = 0x00020000, 0x10000000
NOSUID, NODEV, NOEXEC, BIND, RECURSIVE, PRIVATE = 2, 4, 8, 4096, 16384, 1 << 18


def _mount(source: str, target: str, kind: str | None, flags: int, options: str = "") -> None:
    words = [None if word is None else word.encode() for word in (source, target, kind)]
    call("mount", *words, flags, options.encode() or None, what=f"mount on {target}")


def separate(*, as_root: bool) -> None:
    """Leave the host's mount table; a user who is not root enters a user namespace in which that is allowed."""
    user, group = os.geteuid(), os.getegid()
    call("unshare", NEW_MOUNTS if as_root else NEW_MOUNTS | NEW_USER, what="unshare")
    if not as_root:
        for name, line in (
            ("setgroups", "deny"),
            ("uid_map", f"{user} {user} 1"),
            ("gid_map", f"{group} {group} 1"),
        ):
            with open(f"/proc/self/{name}", "w") as stream:
                stream.write(line)
    _mount("none", "/", None, RECURSIVE | PRIVATE)


def lay(order: dict[str, Any]) -> None:
    """Once, for all workers: show what is needed of each closed folder in an open one in its place, and gather packages in one folder."""
    separate(as_root=os.geteuid() == 0)
    for folder, shown in order["show"].items():
        _show(folder, shown)
    for path, target in order["links"].items():
        os.symlink(target, path)


def build(order: dict[str, Any] | None, problem: str) -> None:
    """For one worker: a quota on its scratch folder. OSError too when what comes before it had a problem."""
    if problem:
        raise OSError(problem)
    if order is None:
        return
    call("unshare", NEW_MOUNTS, what="unshare")
    owner = "" if order["uid"] is None else f",uid={order['uid']},gid={order['uid']}"
    quota = f"size={order['bytes']},nr_inodes={order['inodes']},mode=0700{owner}"
    _mount("tmpfs", order["scratch"], "tmpfs", NOSUID | NODEV | NOEXEC, quota)


def _show(folder: str, shown: dict[str, str]) -> None:
    """Cover a folder, and bind into the cover: path -> what is seen there."""
    held = {path: os.open(source, os.O_PATH) for path, source in shown.items()}
    _mount("tmpfs", folder, "tmpfs", NOSUID | NODEV, "size=1m,mode=0755")
    for path, descriptor in held.items():
        here = f"/proc/self/fd/{descriptor}"
        if os.path.isdir(here):
            os.makedirs(path, mode=0o755, exist_ok=True)
        else:
            os.makedirs(os.path.dirname(path), mode=0o755, exist_ok=True)
            with open(path, "x"):
                pass
        _mount(here, path, None, BIND | RECURSIVE)
        os.close(descriptor)
