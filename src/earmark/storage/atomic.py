"""Files written whole or not at all, for everything that earmark keeps.

A file is written under a temporary name beside its own and renamed, so that a reader sees all of it
or nothing, and a killed writer leaves nothing that looks finished. The temporary name holds the
writer's process and machine: `tidy` removes what a dead one left, and on a shared folder leaves
alone what a process of another machine may still be writing. An OSError becomes a HarnessError that
says what to do.
"""

import errno
import json
import os
import platform
import shutil
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

from earmark.errors import HarnessError
from earmark.records import Json
from earmark.storage.foreign import json_of

START_AGAIN = "delete it and start again"
HINTS = {
    **dict.fromkeys((errno.ENOSPC, errno.EDQUOT), "make room"),
    **dict.fromkeys((errno.EROFS, errno.EACCES, errno.EPERM), "permit writing"),
    errno.EISDIR: "delete it",
}
TEMPORARY = ".*.tmp"  # what `temporary_path` names
OTHERS_SECONDS = 24 * 3600  # a day: no write takes as long


def make_folder(folder: Path) -> None:
    """Make a folder and those above it. HarnessError where that is not permitted."""
    with _explained(folder):
        folder.mkdir(parents=True, exist_ok=True)


@contextmanager
def replacing(path: Path, temporary: Path | None = None) -> Iterator[Path]:
    """A path to write to, which becomes `path` when the block ends without an error."""
    with _explained(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary = temporary or temporary_path(path)
        try:
            yield temporary
            temporary.replace(path)
        finally:
            # Also after a replace: two names of one file are not renamed into one.
            temporary.unlink(missing_ok=True)


def write_bytes(path: Path, data: bytes) -> None:
    """Write `data` without waiting for the disk: for what can be computed again."""
    with replacing(path) as temporary:
        temporary.write_bytes(data)


def write_pieces(path: Path, pieces: Iterable[str]) -> None:
    """Write a long text a piece at a time, without waiting for the disk, as `write_bytes`."""
    with (
        replacing(path) as temporary,
        temporary.open("w", encoding="utf-8", errors="backslashreplace") as stream,
    ):
        stream.writelines(pieces)


def write_text(path: Path, text: str, *, space: Path | None = None) -> None:
    """Write `text`; it is on the disk when this returns.

    Args:
        path: the file.
        text: what it holds then.
        space: from `reserved`, for what was paid for: its name outlasts a power cut as well.
    """
    with replacing(path, space) as temporary:
        mode = "w" if space is None else "r+"  # r+ writes into the blocks that are reserved
        with temporary.open(mode, encoding="utf-8", errors="backslashreplace") as stream:
            stream.write(text)
            stream.truncate()
            stream.flush()
            os.fsync(stream.fileno())
    if space is not None:
        with _explained(path):
            _flush_folder(path.parent)


def write_json(path: Path, value: Mapping[str, Any], *, space: Path | None = None) -> None:
    """Write one JSON object as `write_text` does. NaN is refused (ValueError)."""
    text = json.dumps(value, indent=1, ensure_ascii=False, allow_nan=False)
    write_text(path, f"{text}\n", space=space)


def read_json(path: Path, *, hint: str = START_AGAIN) -> Json:
    """The JSON object that a file holds. HarnessError names the file and what to do about it."""
    try:
        value = json_of(_text_of(path), finite=True)
    except (OSError, ValueError) as error:
        raise HarnessError(f"{path}: cannot be read as JSON ({error}); {hint}") from error
    if not isinstance(value, dict):
        kind = type(value).__name__
        raise HarnessError(f"{path}: must hold a JSON object, holds {kind}; {hint}")
    return value


def _text_of(path: Path) -> str:
    """ValueError for a pipe or a device: its end may never come."""
    if path.exists() and not path.is_file():
        raise ValueError("it is no file")
    return path.read_text(encoding="utf-8")


def link_or_copy(source: Path, target: Path) -> None:
    """The bytes of `source` under another name: a hard link, or a copy where there are none."""
    if target.exists():
        return
    with replacing(target) as temporary:
        try:
            os.link(source, temporary)
        except OSError:  # another file system, or one without links
            shutil.copyfile(source, temporary)


@contextmanager
def reserved(path: Path, size_bytes: int) -> Iterator[Path]:
    """Disk space for what will be written to `path`, there even if the disk is full by then.

    Raises:
        HarnessError: the disk is full now.
    """
    with _explained(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        space = temporary_path(path)
        try:
            with space.open("wb") as stream:
                stream.write(bytes(size_bytes))  # posix_fallocate is not there on macOS
        except OSError:
            space.unlink(missing_ok=True)
            raise
    try:
        yield space
    finally:
        space.unlink(missing_ok=True)


def tidy(temporaries: Iterable[Path]) -> None:
    """Remove those TEMPORARY files whose writer has ended, and old ones of other machines."""
    for path in temporaries:
        *_, process, token, _ = path.name.split(".")
        machine = token.rpartition("-")[0]
        if not process.isdigit():
            continue
        if machine in ("", _machine()):
            left = not _is_alive(int(process))
        else:
            left = _age_seconds(path) > OTHERS_SECONDS
        if left:
            path.unlink(missing_ok=True)


def temporary_path(path: Path) -> Path:
    """A new name next to `path`, which says who writes there."""
    token = f"{_machine()}-{os.urandom(4).hex()}"
    return path.with_name(f".{path.name}.{os.getpid()}.{token}.tmp")


@cache
def _machine() -> str:
    """Where the numbers of processes mean the same: a host, and in it a namespace of processes."""
    processes = ""
    with suppress(OSError):  # not Linux
        processes = os.readlink("/proc/self/ns/pid")
    return sha256(f"{platform.node()} {processes}".encode()).hexdigest()[:8]


def _age_seconds(path: Path) -> float:
    with suppress(FileNotFoundError):  # renamed meanwhile: its writer lives
        return time.time() - path.stat().st_mtime
    return 0.0


def _flush_folder(folder: Path) -> None:
    opened = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)


@contextmanager
def _explained(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        hint = HINTS.get(error.errno or 0, "make room or permit writing")
        problem = f"{path}: cannot be written ({error.strerror})"
        raise HarnessError(f"{problem}; {hint}, then start again") from error


def _is_alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except PermissionError:  # another user's
        return True
    return True
