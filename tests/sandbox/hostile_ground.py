"""What hostile programs attack, and the oracles that see from outside whether one got through.

Everything here is a canary made for one run and thrown away after it: a file, a folder, a
listener, a sleeping process. An escape harms nothing. The oracles:

    secret    a value from a file, the environment or an inherited descriptor came out in a stream
              or in the result
    canary    a file or folder of ours changed, or a file appeared where none may
    network   a listener of ours received something
    listens   a port of the host answers that should not
    victim    a process of ours died, or its priority, limits or processors changed
    alive     a process of the program's naming is still there after it
    ipc       System V objects or keys of the program's naming are left
    claim     the program prints words that only success makes it print
    next      the same, printed by the program that ran after it; or that one did not run to its end
    late      the run took longer than the wall-clock limit and some grace
    memory crowd   the descendants of this process took more memory, or became more, than may be
    flood     more output was kept than the limit, or this process grew by it
    forged    the exit code is not the one the program left with
    litter    the folder for temporary files holds something after the sandbox closed
"""

import contextlib
import ctypes
import os
import resource
import secrets
import shutil
import socket
import stat
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from earmark.records import Execution, Limits

KEY = "EARMARK_CANARY_KEY"
CALM = "all is calm\n"
GRACE_SECONDS = 6.0


@dataclass
class Ground:
    """What one run may attack; its listeners receive what gets out."""

    folder: Path
    limits: Limits
    token: str = field(default_factory=lambda: "t" + secrets.token_hex(7))
    secret: str = field(default_factory=lambda: "s" + secrets.token_hex(16))
    listeners: dict[str, socket.socket] = field(default_factory=dict)
    victim: subprocess.Popen[bytes] | None = None
    free_port: int = 0
    touched: object = None
    victim_was: object = None
    rss_bytes: int = 0

    @property
    def ipc_key(self) -> int:
        """A System V key of this run's own."""
        return int(self.token[1:8], 16) | 0x10000000

    def filled(self, text: str) -> str:
        """The program with its places filled."""
        assert self.victim is not None
        places = {
            "TOKEN": self.token,
            "NAME": self.token[:15],
            "SECRET_FILE": str(self.folder / f"{self.token}.secret"),
            "CANARY": str(self.folder / "canary.txt"),
            "DROP": str(self.folder / "drop"),
            "FOLDER": str(self.folder),
            "PID": str(self.victim.pid),
            "MARK": f"mark-{self.token}",
            "KEY": str(self.ipc_key),
            "UNIX": str(self.folder / "listening"),
            "FREE_PORT": str(self.free_port),
            "SCRATCH_BYTES": str(self.limits.scratch_bytes),
            "SCRATCH_INODES": str(self.limits.scratch_inodes),
        }
        for name in ("PORT", "PORT6", "UDP"):
            places[name] = str(
                self.listeners[name].getsockname()[1] if name in self.listeners else 9
            )
        for name, value in places.items():
            text = text.replace(f"@{name}@", value)
        return text

    def evidence(self, executions: list[Execution], *, seconds: float) -> set[str]:
        """The oracles that fired for one program, and the one that ran after it, if any."""
        first, second = executions[0], executions[1:]
        fired = {
            "secret": self._secret_seen(first),
            "canary": self._touch() != self.touched or self._strays() or _special(first),
            "network": self._connections_arrived(),
            "victim": self._victim_state() != self.victim_was,
            "alive": _named(self.token[:15]),
            "ipc": self._ipc_left(),
            "claim": f"CLAIM {self.token}" in first.stdout,
            "next": any(
                f"CLAIM {self.token}" in run.stdout or run.end != "exit" or run.exit_code != 0
                for run in second
            ),
            "late": seconds > len(executions) * (self.limits.wall_seconds + GRACE_SECONDS),
            "flood": self._flooded(first),
        }
        return {name for name, escaped in fired.items() if escaped}

    def _secret_seen(self, run: Execution) -> bool:
        kept = (
            Path(run.wav).read_bytes() if run.wav is not None and Path(run.wav).is_file() else b""
        )
        return (
            self.secret in run.stdout or self.secret in run.stderr or self.secret.encode() in kept
        )

    def _touch(self) -> object:
        seen = []
        for path in sorted([self.folder, *self.folder.rglob("*")]):
            found = path.lstat()
            times = found.st_mtime_ns if path.is_file() else 0
            held = path.read_bytes() if path.is_file() and not path.is_symlink() else b""
            labels = os.listxattr(path, follow_symlinks=False) if path.is_file() else []
            seen.append(
                (
                    str(path),
                    found.st_mode,
                    found.st_uid,
                    found.st_gid,
                    found.st_nlink * path.is_file(),
                    times,
                    held,
                    labels,
                )
            )
        return seen

    def _strays(self) -> bool:
        from sysconfig import get_path

        places = [
            "/tmp",
            "/var/tmp",
            "/dev/shm",
            "/run/lock",
            get_path("purelib"),
            get_path("stdlib"),
        ]  # where it would show
        places += [f"{get_path('purelib')}/{name}" for name in ("numpy", "scipy")] + [
            "/tmp/site"
        ]  # the weaker runners' own place for packages
        strays = [Path(place) / f"{self.token}{end}" for place in places for end in ("", ".txt")]
        found = [path for path in strays if path.exists()]
        for path in found:
            path.unlink()
        return bool(found)

    def _connections_arrived(self) -> bool:
        arrived = False
        for name, listener in self.listeners.items():
            with contextlib.suppress(BlockingIOError):
                if name == "UDP":
                    arrived |= bool(listener.recvfrom(100))
                else:
                    listener.accept()[0].close()
                    arrived = True
        return arrived

    def _victim_state(self) -> object:
        assert self.victim is not None
        pid = self.victim.pid
        if self.victim.poll() is not None:
            return "dead"
        bounds = resource.prlimit(pid, resource.RLIMIT_CORE)
        return (
            os.getpriority(os.PRIO_PROCESS, pid),
            bounds,
            os.sched_getaffinity(pid),
            os.sched_getscheduler(pid),
        )

    def _ipc_left(self) -> bool:
        left = False
        for kind in ("shm", "msg", "sem"):
            table = Path(f"/proc/sysvipc/{kind}")
            if table.exists() and any(
                line.split()[0] == str(self.ipc_key) for line in table.read_text().splitlines()
            ):
                _remove_ipc(kind, self.ipc_key)
                left = True
        return left or self.token in Path("/proc/keys").read_text()

    def _flooded(self, run: Execution) -> bool:
        # A cut is marked in words; those are few.
        kept = max(len(run.stdout), len(run.stderr))
        return (
            kept > self.limits.output_bytes + 1000
            or own_rss_bytes() - self.rss_bytes > 200 * 1024**2
        )


def _special(run: Execution) -> bool:
    if run.wav is None or not Path(run.wav).exists():
        return False
    return bool(Path(run.wav).stat().st_mode & (stat.S_ISUID | stat.S_ISGID | stat.S_ISVTX | 0o111))


def _named(name: str) -> bool:
    for path in Path("/proc").glob("[0-9]*/comm"):
        with contextlib.suppress(OSError):
            if path.read_text().strip() == name:
                return True
    return False


def _remove_ipc(kind: str, key: int) -> None:
    """Remove what a program left under a System V key; ipcrm is not on every machine."""
    libc, remove = ctypes.CDLL(None), 0  # IPC_RMID
    if kind == "shm":
        libc.shmctl(libc.shmget(key, 0, 0), remove, None)
    elif kind == "msg":
        libc.msgctl(libc.msgget(key, 0), remove, None)
    else:
        libc.semctl(libc.semget(key, 0, 0), 0, remove)


def own_rss_bytes() -> int:
    """Resident bytes of this process."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize()


@contextlib.contextmanager
def ground(folder: Path, limits: Limits) -> Iterator[Ground]:
    """A ground for one run, open to every user, so that only the sandbox stands before it."""
    made = Ground(folder=folder, limits=limits)
    _make_canaries(made)
    with contextlib.ExitStack() as stack:
        _listen(made, stack)
        # Longer than other test processes wait for their turn to attack the memory.
        command = [f"mark-{made.token}", "1800"]
        # What PATH has below /tmp is hidden where weaker runners are tried.
        sleep = shutil.which("sleep", path=os.defpath)
        made.victim = stack.enter_context(
            subprocess.Popen(command, executable=sleep, env={KEY: made.secret})
        )
        stack.callback(made.victim.kill)
        _inherit(made, stack)
        made.touched, made.victim_was, made.rss_bytes = (
            made._touch(),
            made._victim_state(),
            own_rss_bytes(),
        )
        yield made


def _make_canaries(made: Ground) -> None:
    (made.folder / "drop").mkdir()
    (made.folder / "canary.txt").write_text(CALM)
    (made.folder / f"{made.token}.secret").write_text(made.secret)
    for path in made.folder.iterdir():
        path.chmod(0o777 if path.is_dir() else 0o666)
    made.folder.chmod(0o777)


def _listen(made: Ground, stack: contextlib.ExitStack) -> None:
    wanted: dict[str, tuple[int, int, tuple[str, int] | str]] = {
        "PORT": (socket.AF_INET, socket.SOCK_STREAM, ("127.0.0.1", 0)),
        "PORT6": (socket.AF_INET6, socket.SOCK_STREAM, ("::1", 0)),
        "UDP": (socket.AF_INET, socket.SOCK_DGRAM, ("127.0.0.1", 0)),
        "UNIX": (socket.AF_UNIX, socket.SOCK_STREAM, str(made.folder / "listening")),
        "ABSTRACT": (socket.AF_UNIX, socket.SOCK_STREAM, f"\0{made.token}"),
    }
    for name, (family, kind, address) in wanted.items():
        with contextlib.suppress(OSError):  # a machine without IPv6 has nothing to reach there
            listener = stack.enter_context(socket.socket(family, kind))
            listener.bind(address)
            if kind == socket.SOCK_STREAM:
                listener.listen()
            listener.setblocking(False)
            made.listeners[name] = listener
    (made.folder / "listening").chmod(0o777)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        made.free_port = probe.getsockname()[1]


def _inherit(made: Ground, stack: contextlib.ExitStack) -> None:
    """Hold the secret where a careless harness would: in the environment and in a descriptor that
    children inherit.
    """
    held = os.open(made.folder / f"{made.token}.secret", os.O_RDONLY)
    os.set_inheritable(held, True)
    stack.callback(os.close, held)
    os.environ[KEY] = made.secret
    stack.callback(os.environ.pop, KEY, None)


def settle(seconds: float = 0.02) -> None:
    """Let what was sent arrive before it is looked for."""
    time.sleep(seconds)
