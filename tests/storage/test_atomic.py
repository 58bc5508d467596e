"""On a shared folder only what is certainly left over is tidied."""

import os
import socket
import subprocess
import sys
from pathlib import Path

from earmark.storage import atomic
from earmark.storage.atomic import temporary_path, tidy, write_json

DEAD = 2**22 + 1  # above the largest number that a process of Linux may have


def left_by(path: Path, *, process: int, machine: str, age_seconds: float = 0.0) -> Path:
    """A temporary file as another writer names it."""
    name = temporary_path(path).name
    own = name.split(".")[-2].split("-")[0]
    left = path.with_name(name.replace(f".{os.getpid()}.{own}-", f".{process}.{machine}-"))
    left.touch()
    then = left.stat().st_mtime - age_seconds
    os.utime(left, (then, then))
    return left


def test_what_another_machine_may_be_writing_is_left_alone(tmp_path: Path) -> None:
    target = tmp_path / "run.json"
    own = temporary_path(target).name.split(".")[-2].split("-")[0]
    living = left_by(target, process=os.getpid(), machine=own)
    dead = left_by(target, process=DEAD, machine=own)
    elsewhere = left_by(target, process=DEAD, machine="another0")
    elsewhere_old = left_by(target, process=DEAD, machine="another0", age_seconds=2 * 24 * 3600)
    tidy(tmp_path.glob(atomic.TEMPORARY))
    assert living.exists()
    assert elsewhere.exists()
    assert not dead.exists()
    assert not elsewhere_old.exists()


def test_what_is_written_meanwhile_is_whole(tmp_path: Path) -> None:
    target = tmp_path / "run.json"
    with atomic.replacing(target) as temporary:
        temporary.write_text("{}")
        tidy(tmp_path.glob(atomic.TEMPORARY))
    write_json(target, {"a": 1})
    assert target.read_text() == '{\n "a": 1\n}\n'
    assert not list(tmp_path.glob(atomic.TEMPORARY))


def test_two_hosts_have_different_names(tmp_path: Path) -> None:
    code = (
        "import platform; from pathlib import Path; platform.node = lambda: 'node-7.cluster';"
        "from earmark.storage.atomic import temporary_path; print(temporary_path(Path('a')).name)"
    )
    name = subprocess.check_output([sys.executable, "-c", code], text=True)
    assert socket.gethostname() != "node-7.cluster"
    own = temporary_path(tmp_path / "a").name
    assert name.split(".")[-2].split("-")[0] != own.split(".")[-2].split("-")[0]
