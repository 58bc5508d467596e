"""Locks on files of a folder that processes share, perhaps from several machines."""

import fcntl
from pathlib import Path

from earmark.errors import HarnessError


def lock_exclusively(descriptor: int, path: Path) -> None:
    """Wait until no other process holds the file; closing the descriptor lets go.

    Raises:
        HarnessError: the file system has no locks, and without them an answer is paid for twice.
    """
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
    except OSError as error:
        hint = "mount it with locks (NFS 4; Lustre with flock), or put this folder elsewhere"
        problem = f"{path}: cannot be locked on this file system ({error.strerror})"
        raise HarnessError(f"{problem}; {hint}: docs/scale.md") from error
