"""The folders a program works in: what it left, how much they hold, and how they are emptied.

Links are never followed.
"""

import os
import stat

KINDS = {
    stat.S_IFLNK: "link",
    stat.S_IFDIR: "folder",
    stat.S_IFIFO: "fifo",
    stat.S_IFSOCK: "socket",
}


MAX_FILES, MAX_NAME_BYTES, MAX_ENTRIES = 5, 200, 1000
AUDIO = (".wav", ".wave", ".mp3", ".flac", ".ogg", ".aif", ".aiff", ".raw", ".npy", ".mid")


def take_result(folder: str, name: str, *, max_bytes: int) -> tuple[str, int | None]:
    """What lies at folder/name after the program's end: ("file", descriptor), or another word of
    records.ResultKind and None.
    """
    path = f"{folder}/{name}"
    try:
        status = os.lstat(path)
    except OSError:
        return "missing", None
    if not stat.S_ISREG(status.st_mode):
        return KINDS.get(stat.S_IFMT(status.st_mode), "device"), None
    if status.st_size > max_bytes:
        return "too_large", None
    os.chmod(path, 0o600)  # the program may have taken away its own right to read it
    return "file", os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)


def list_files(folders: list[str]) -> list[bytes]:
    """Names of some regular files, those that look like audio first.

    Below the first folder names are relative. What a program made is bounded in every direction:
    entries, files, and bytes of a name.
    """
    names = _names(folders[0])
    for folder in folders[1:]:
        names += [os.fsencode(folder) + b"/" + name for name in _names(folder)]
    names.sort(key=lambda name: not os.fsdecode(name).lower().endswith(AUDIO))
    return names[:MAX_FILES]


def _names(folder: str) -> list[bytes]:
    names: list[bytes] = []
    waiting, entries = [b""], 0
    while waiting and entries < MAX_ENTRIES:
        inner = waiting.pop(0)
        try:
            with os.scandir(os.path.join(os.fsencode(folder), inner)) as listing:
                for entry in listing:
                    entries += 1
                    name = os.path.join(inner, entry.name)
                    if entries >= MAX_ENTRIES or len(name) > MAX_NAME_BYTES:
                        continue
                    if entry.is_dir(follow_symlinks=False):
                        waiting.append(name)
                    elif entry.is_file(follow_symlinks=False):
                        names.append(name)
        except OSError:
            continue  # closed by the program
    return sorted(names)


def clear(folder: str) -> None:
    """Remove everything below `folder`, however deep.

    A folder is moved to the top before it is entered: recursion would end at the interpreter's
    limit, and a path could be longer than the kernel takes.
    """
    top = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        if os.fstat(top).st_uid == os.geteuid():  # a container's /tmp belongs to root
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
        moved = _empty_subfolder(top, name, moved)
        os.rmdir(name, dir_fd=top)
    except FileNotFoundError:
        return moved  # another process clears the same folder
    return moved


def _empty_subfolder(top: int, name: str, moved: int) -> int:
    inner = os.open(name, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=top)
    try:
        for child in os.listdir(inner):
            try:
                os.unlink(child, dir_fd=inner)
            except IsADirectoryError:
                # A folder can be moved only by a user who may write into it.
                os.chmod(child, 0o700, dir_fd=inner)
                moved += 1
                unique = f".{os.getpid()}-{moved}-{os.urandom(4).hex()}"
                os.rename(child, unique, src_dir_fd=inner, dst_dir_fd=top)
    finally:
        os.close(inner)
    return moved


def usage(folder: str, *, max_entries: int) -> tuple[int, int]:
    """(bytes, entries) below `folder`, while a program may change it.

    The count stops beyond `max_entries`.
    """
    size, entries, waiting = 0, 0, [folder]
    while waiting and entries <= max_entries:
        try:
            with os.scandir(waiting.pop()) as listing:
                for entry in listing:
                    status = entry.stat(follow_symlinks=False)
                    size, entries = size + status.st_blocks * 512, entries + 1
                    if entry.is_dir(follow_symlinks=False):
                        waiting.append(entry.path)
        except OSError:
            continue  # gone since it was listed
    return size, entries
