"""The folder a program works in: what it left as a result, and how it is emptied.

In: a folder in which nobody is alive. Out: a kind and a descriptor; or nothing left in the folder. Links are never followed.
"""

import os
import stat

KINDS = {
    stat.S_IFLNK: "link",
    stat.S_IFDIR: "folder",
    stat.S_IFIFO: "fifo",
    stat.S_IFSOCK: "socket",
}


def result(folder: str, name: str, *, max_bytes: int) -> tuple[str, int | None]:
    """What lies at folder/name: ("file", descriptor), or another word of records.Found and None."""
    path = f"{folder}/{name}"
    try:
        found = os.lstat(path)
    except OSError:
        return "missing", None
    if not stat.S_ISREG(found.st_mode):
        return KINDS.get(stat.S_IFMT(found.st_mode), "device"), None
    if found.st_size > max_bytes:
        return "too_large", None
    os.chmod(path, 0o600)  # the program may have taken its own right to read away
    return "file", os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)


def empty(folder: str) -> None:
    """Remove everything below `folder`, however deep, without recursion: a folder is moved to the top before it is entered."""
    top = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        os.fchmod(top, 0o700)
        moved = 0
        while names := os.listdir(top):
            for name in names:
                moved = _remove(top, name, moved)
    finally:
        os.close(top)


def _remove(top: int, name: str, moved: int) -> int:
    try:
        os.unlink(name, dir_fd=top)
    except IsADirectoryError:
        os.chmod(name, 0o700, dir_fd=top)
        moved = _hollow(top, name, moved)
        os.rmdir(name, dir_fd=top)
    except FileNotFoundError:
        return moved  # somebody else removes the same folder
    return moved


def _hollow(top: int, name: str, moved: int) -> int:
    inner = os.open(name, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=top)
    try:
        for child in os.listdir(inner):
            try:
                os.unlink(child, dir_fd=inner)
            except IsADirectoryError:
                os.chmod(
                    child, 0o700, dir_fd=inner
                )  # a folder can be moved only by who may write into it
                moved += 1
                os.rename(
                    child,
                    f".{os.getpid()}-{moved}-{os.urandom(4).hex()}",
                    src_dir_fd=inner,
                    dst_dir_fd=top,
                )
    finally:
        os.close(inner)
    return moved


def taken(folder: str, *, max_entries: int) -> tuple[int, int]:
    """(bytes, entries) below `folder`, counted while a program may change it; stops beyond `max_entries`."""
    size, entries, waiting = 0, 0, [folder]
    while waiting and entries <= max_entries:
        try:
            with os.scandir(waiting.pop()) as found:
                for entry in found:
                    kept = entry.stat(follow_symlinks=False)
                    size, entries = size + kept.st_blocks * 512, entries + 1
                    if entry.is_dir(follow_symlinks=False):
                        waiting.append(entry.path)
        except OSError:
            continue  # gone since it was listed
    return size, entries
