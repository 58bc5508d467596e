"""Watches, while a program runs, what its descendants take and whether a port answers.

It looks at /proc of the host; a program has no part in it.
"""

import os
import resource
import socket
import threading
from dataclasses import dataclass, field
from pathlib import Path

# A program is one process of some threads; a warm worker and its supervisor add a few.
MAX_TASKS = 150
PAUSE_SECONDS = 0.05


@dataclass
class Watch:
    """The highest figures seen, beyond those at the start.

    Memory is beyond the least seen, since other processes may release theirs meanwhile.
    """

    port: int = 0
    memory_bytes: int = 0
    tasks: int = 0
    answered: bool = False
    _stop: threading.Event = field(default_factory=threading.Event)
    _thread: threading.Thread | None = None

    def __enter__(self) -> "Watch":
        self._start = _taken()
        self._thread = threading.Thread(target=self._look)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        assert self._thread is not None
        self._thread.join()

    def fired(self, *, max_bytes: int) -> set[str]:
        """Of memory, crowd and listens, those that were seen."""
        seen = {
            "memory": self.memory_bytes > max_bytes,
            "crowd": self.tasks > MAX_TASKS,
            "listens": self.answered,
        }
        return {name for name, escaped in seen.items() if escaped}

    def _look(self) -> None:
        while not self._stop.wait(PAUSE_SECONDS):
            memory_bytes, tasks = _taken()
            self._start = (min(self._start[0], memory_bytes), self._start[1])
            self.memory_bytes = max(self.memory_bytes, memory_bytes - self._start[0])
            self.tasks = max(self.tasks, tasks - self._start[1])
            if self.port and not self.answered:
                with socket.socket() as probe:
                    self.answered = probe.connect_ex(("127.0.0.1", self.port)) == 0


def _taken() -> tuple[int, int]:
    """(bytes, tasks) of the descendants; the bytes include all files in memory of the machine."""
    family = descendants(os.getpid())
    page, resident, tasks = resource.getpagesize(), 0, 0
    for pid in family:
        try:
            resident += (int(_words(pid, "statm")[1]) - int(_words(pid, "statm")[2])) * page
            tasks += len(os.listdir(f"/proc/{pid}/task"))
        except (OSError, IndexError):
            continue
    lines = Path("/proc/meminfo").read_text().splitlines()
    shared = next(line for line in lines if line.startswith("Shmem:"))
    return resident + int(shared.split()[1]) * 1024, tasks


def _words(pid: int, name: str) -> list[str]:
    return Path(f"/proc/{pid}/{name}").read_text().split()


def descendants(root: int) -> list[int]:
    """Every process below `root`, itself not counted."""
    children: dict[int, list[int]] = {}
    for name in filter(str.isdigit, os.listdir("/proc")):
        try:
            parent = int(Path(f"/proc/{name}/stat").read_text().rpartition(")")[2].split()[1])
        except (OSError, IndexError):
            continue
        children.setdefault(parent, []).append(int(name))
    found, waiting = [], [root]
    while waiting:
        young = children.get(waiting.pop(), [])
        found += young
        waiting += young
    return found
