"""Mounts of the spawner and its workers: what workers see of the host's files, and a quota each.

Only the calling process and its children see these mounts, and they vanish with them. Every
function raises OSError where the kernel does not permit it.
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


def enter_namespace(*, as_root: bool) -> None:
    """Leave the host's mount table; who is not root enters a user namespace that permits it."""
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


def show_paths(view: dict[str, Any]) -> None:
    """Once for all workers: cover folders and show chosen paths in them.

    Args:
        view: `show` maps a folder that is covered to {path in it: path that is shown there};
            `links` maps new symbolic links to their targets.
    """
    enter_namespace(as_root=os.geteuid() == 0)
    for folder, paths in view["show"].items():
        _cover(folder, paths)
    for path, target in view["links"].items():
        os.symlink(target, path)


def mount_scratch(order: dict[str, Any] | None) -> None:
    """For one worker: mount a tmpfs with a quota on its scratch folder; None mounts nothing.

    With `subfolders`, the quota holds for all of them together.
    """
    if order is None:
        return
    call("unshare", NEW_MOUNTS, what="unshare")
    uid, names = order["uid"], order["subfolders"]
    owner = "" if uid is None else f",uid={uid},gid={uid}"
    quota = f"size={order['bytes']},nr_inodes={order['inodes'] + len(names)},mode=0700{owner}"
    _mount("tmpfs", order["scratch"], "tmpfs", NOSUID | NODEV | NOEXEC, quota)
    for name in names:
        path = f"{order['scratch']}/{name}"
        os.mkdir(path, 0o700)
        if uid is not None:
            os.chown(path, uid, uid)


def _cover(folder: str, paths: dict[str, str]) -> None:
    # Opened first: once the folder is covered, what lies in it has no path any more.
    sources = {path: os.open(source, os.O_PATH) for path, source in paths.items()}
    _mount("tmpfs", folder, "tmpfs", NOSUID | NODEV, "size=1m,mode=0755")
    for path, descriptor in sources.items():
        source = f"/proc/self/fd/{descriptor}"
        if os.path.isdir(source):
            os.makedirs(path, mode=0o755, exist_ok=True)
        else:
            os.makedirs(os.path.dirname(path), mode=0o755, exist_ok=True)
            with open(path, "x"):
                pass
        _mount(source, path, None, BIND | RECURSIVE)
        os.close(descriptor)
