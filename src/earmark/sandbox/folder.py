"""The folder of one running sandbox: what is copied in, the scratch folders, and a lock that says that its owner lives.

In: nothing. Out: a folder under the system's temporary folder. One whose owner died is removed at the next start.
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
ALONE_SECONDS = 5.0  # then on without sweeping: anybody may hold the lock on a shared folder
INSIDE = Path(__file__).parent / "inside"


class Runtime:
    """A folder that everybody may pass but not list. Raises SandboxUnavailable when it cannot be made."""

    def __init__(self) -> None:
        with _alone() as alone:
            if alone:
                _sweep()
            self.path = Path(tempfile.mkdtemp(prefix=PREFIX))
            # Inherited by nobody, so that the lock ends with this process however it ends.
            self.lock = os.open(self.path / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            fcntl.flock(self.lock, fcntl.LOCK_EX)
        try:
            self._furnish()
        except OSError as error:
            self.close()
            reason = error.strerror or str(
                error.args[0][-1][-1]
            )  # shutil.Error holds (source, target, reason) of each file
            raise SandboxUnavailable(
                f"{self.path}: the sandbox's own folder cannot be made ({reason}); make room, or set TMPDIR to another folder"
            ) from error

    def _furnish(self) -> None:
        self.path.chmod(0o711)
        self.inside = self.folder("inside")
        _copy(self.inside)
        self.empty = self.folder("empty")
        _open(self.inside)

    def folder(self, name: str, *, uid: int | None = None) -> Path:
        """A new folder in it; owned by `uid`, and then closed to others."""
        made = self.path / name
        made.mkdir(exist_ok=True)
        made.chmod(0o755 if uid is None else 0o700)
        if uid is not None:
            os.chown(made, uid, uid)
        return made

    def site(self, packages: Mapping[str, str]) -> Path:
        """A folder of links to packages, for an isolation that has no mounts of its own."""
        made = self.folder("site")
        for name, path in packages.items():
            if not (made / name).is_symlink():
                (made / name).symlink_to(path)
        return made

    def close(self) -> None:
        """Remove it; safe to call twice."""
        if self.lock >= 0:
            _remove(self.path)
            os.close(self.lock)
            self.lock = -1


def _copy(inside: Path) -> None:
    """Our own code, compiled, since a bare interpreter that writes nothing would compile it at every start."""
    shutil.copytree(
        INSIDE,
        inside / "earmark" / "sandbox" / "inside",
        ignore=shutil.ignore_patterns("__pycache__"),
    )
    for package in ("earmark", "earmark/sandbox"):
        (inside / package / "__init__.py").touch()
    for path in inside.rglob("*.py"):
        py_compile.compile(
            str(path), doraise=True, invalidation_mode=py_compile.PycInvalidationMode.UNCHECKED_HASH
        )


def _open(folder: Path) -> None:
    for place, _, names in os.walk(folder):
        os.chmod(place, 0o755)  # our own code, copied for workers of another user to read
        for name in names:
            os.chmod(os.path.join(place, name), 0o644)


def _remove(folder: Path) -> None:
    with contextlib.suppress(FileNotFoundError):  # somebody else may sweep at the same moment
        scratch.empty(str(folder))
        folder.rmdir()


@contextlib.contextmanager
def _alone() -> Iterator[bool]:
    """Whether nobody else makes or sweeps meanwhile: else a folder that is not locked yet could not be told from one left behind."""
    place = os.open(tempfile.gettempdir(), os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        yield _locked(place)
    finally:
        os.close(place)


def _locked(place: int) -> bool:
    end = time.monotonic() + ALONE_SECONDS
    while time.monotonic() < end:
        try:
            fcntl.flock(place, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            time.sleep(0.01)
        except OSError:  # a file system without such locks
            return False
        else:
            return True
    return False


def _sweep() -> None:
    """Remove what sandboxes of this user left that died without a word. Only for who is alone."""
    for folder in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        with contextlib.suppress(OSError):  # another user's, or alive: not ours to remove
            if folder.lstat().st_uid == os.geteuid() and _abandoned(folder):
                _remove(folder)


def _abandoned(folder: Path) -> bool:
    try:
        lock = os.open(folder / "lock", os.O_RDWR | os.O_CLOEXEC | os.O_NOFOLLOW)
    except FileNotFoundError:
        return True  # its owner died before it had one, or while it was removed
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    finally:
        os.close(lock)
    return True
