"""The folder of one open sandbox: code for the inside, scratch folders, and a lock while it lives.

It lies below the system's folder for temporary files. One whose owner died is removed when the next
sandbox opens.
"""

import contextlib
import fcntl
import os
import py_compile
import shutil
import tempfile
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

from earmark.errors import SandboxUnavailable
from earmark.sandbox.inside import scratch

PREFIX = "earmark-sandbox-"
# After this long, go on without removing anything: any user may hold the lock of a shared folder.
LOCK_SECONDS = 5.0
INSIDE = Path(__file__).parent / "inside"


class SandboxFolder:
    """A folder that every user may pass but not list. Raises SandboxUnavailable."""

    def __init__(self) -> None:
        with _exclusive() as exclusive:
            if exclusive:
                _remove_abandoned()
            self.path = Path(tempfile.mkdtemp(prefix=PREFIX))
            # No child inherits it, so that the lock ends with this process however it ends.
            self.lock = os.open(self.path / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            fcntl.flock(self.lock, fcntl.LOCK_EX)
        try:
            self._fill()
        except OSError as error:
            self.close()
            # shutil.Error holds (source, target, reason) of each file in place of a strerror.
            reason = error.strerror or str(error.args[0][-1][-1])
            raise SandboxUnavailable(
                f"{self.path}: the sandbox's own folder cannot be made ({reason}); "
                "make room, or set TMPDIR to another folder"
            ) from error

    def _fill(self) -> None:
        self.path.chmod(0o711)
        self.inside = self.subfolder("inside")
        _copy_inside(self.inside)
        self.empty = self.subfolder("empty")
        _open_to_others(self.inside)

    def subfolder(self, name: str, *, uid: int | None = None) -> Path:
        """A folder in it; with `uid`, it belongs to that user and is closed to others."""
        path = self.path / name
        path.mkdir(exist_ok=True)
        path.chmod(0o755 if uid is None else 0o700)
        if uid is not None:
            os.chown(path, uid, uid)
        return path

    def site(self, packages: Mapping[str, str]) -> Path:
        """A folder of links to packages, for an isolation without mounts of its own."""
        path = self.subfolder("site")
        for name, target in packages.items():
            if not (path / name).is_symlink():
                (path / name).symlink_to(target)
        return path

    def close(self) -> None:
        """Remove it; safe to call twice."""
        if self.lock >= 0:
            _remove(self.path)
            os.close(self.lock)
            self.lock = -1


def _copy_inside(target: Path) -> None:
    """Copy our own code and compile it: an interpreter that writes nothing would compile it at
    every start.
    """
    shutil.copytree(
        INSIDE,
        target / "earmark" / "sandbox" / "inside",
        ignore=shutil.ignore_patterns("__pycache__"),
    )
    for package in ("earmark", "earmark/sandbox"):
        (target / package / "__init__.py").touch()
    unchecked = py_compile.PycInvalidationMode.UNCHECKED_HASH
    for path in target.rglob("*.py"):
        py_compile.compile(str(path), doraise=True, invalidation_mode=unchecked)


def _open_to_others(folder: Path) -> None:
    """Let workers of another user read our own code."""
    for path, _, names in os.walk(folder):
        os.chmod(path, 0o755)  # noqa: S103  # our own code, for workers of another user
        for name in names:
            os.chmod(os.path.join(path, name), 0o644)


def _remove(folder: Path) -> None:
    with contextlib.suppress(FileNotFoundError):  # another process may remove it at the same moment
        scratch.clear(str(folder))
        folder.rmdir()


@contextlib.contextmanager
def _exclusive() -> Iterator[bool]:
    """Whether this is the only process that makes or removes sandbox folders meanwhile.

    Otherwise a folder that is not locked yet would look like one that was left behind.
    """
    descriptor = os.open(tempfile.gettempdir(), os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        yield _lock(descriptor)
    finally:
        os.close(descriptor)


def _lock(descriptor: int) -> bool:
    deadline = time.monotonic() + LOCK_SECONDS
    while time.monotonic() < deadline:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            time.sleep(0.01)
        except OSError:  # a file system without such locks
            return False
        else:
            return True
    return False


def _remove_abandoned() -> None:
    """Remove folders of this user's sandboxes that were killed. To be called under _exclusive."""
    for folder in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        with contextlib.suppress(OSError):  # another user's, or in use: not ours to remove
            if folder.lstat().st_uid == os.geteuid() and _is_abandoned(folder):
                _remove(folder)


def _is_abandoned(folder: Path) -> bool:
    try:
        lock = os.open(folder / "lock", os.O_RDWR | os.O_CLOEXEC | os.O_NOFOLLOW)
    except FileNotFoundError:
        return True  # its owner died before it made the lock, or while it removed the folder
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    finally:
        os.close(lock)
    return True
