"""Locks on files of a folder that processes share, perhaps from several machines."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from earmark.errors import HarnessError


@contextmanager
def locked(path: Path, *, error: type[HarnessError] = HarnessError) -> Iterator[None]:
    """Let one process in at a time, by a lock file that stays; one that is killed lets go.

    Raises:
        HarnessError: or `error`, as lock_exclusively.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    lock = os.open(path, os.O_CREAT | os.O_RDWR, 0o644)
    try:
        lock_exclusively(lock, path, error=error)
        yield
    finally:
        os.close(lock)


def lock_exclusively(
    descriptor: int, path: Path, *, error: type[HarnessError] = HarnessError
) -> None:
    """Wait until no other process holds the file; closing the descriptor lets go.

    Raises:
        HarnessError: or `error`. The file system has no locks, and without them an answer is paid
            for twice, a budget crossed or a run tracked twice.
    """
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
    except OSError as refused:
        hint = "mount it with locks (NFS 4; Lustre with flock), or put this folder elsewhere"
        problem = f"{path}: cannot be locked on this file system ({refused.strerror})"
        raise error(f"{problem}; {hint}: docs/scale.md") from refused
