"""A sweep for a long time on a machine in trouble: the provider errs, workers are killed, the disk
is full for a while and the tracking store is restarted. Nothing is lost or doubled, memory stays
flat and no process is left. The whole of it is 20,000 attempts; EARMARK_ENDURANCE=N asks for about
N of them, and a small one from the same seed runs every time.
"""

import ctypes
import os
import resource
import signal
import subprocess
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from statistics import median

import pytest

from earmark.analysis.agreement import agreement
from earmark.commands import ui
from earmark.config.schema import Limits
from earmark.models.wrappers.cassette_archive import pack
from earmark.records import Run
from earmark.sandbox.probe import problem_with
from earmark.storage.sweep_folder import SweepFolder
from earmark.storage.urls import sqlite_url
from tests.conftest import SHOWN
from tests.models.server import ChatServer
from tests.sandbox.hostile_watch import descendants
from tests.sweep.faults import Faults, question
from tests.tracking.test_commands import free_port

PR_SET_CHILD_SUBREAPER = 36
KINDS = ("namespaces", "process")
TASKS, RUNS = 5, 4
ATTEMPTS_PER_STRIKE = 25
SMALL, WHOLE = 40, int(os.environ.get("EARMARK_ENDURANCE", "20000"))
FULL_BYTES = 2048  # what a file may hold while the disk is full
# Python 3.11 leaves compiled files cut short on a full disk: the environment belongs to all tests.
NOTHING_COMPILED = {"PYTHONDONTWRITEBYTECODE": "1"}
MIN_SAMPLES = 400  # of memory, a second apart: a start takes its time until all is imported
GROWTH = 1.25  # of the memory in the last quarter against that in the second
pytestmark = pytest.mark.skipif(
    sys.platform != "linux" or all(problem_with(kind, Limits()) for kind in KINDS),
    reason="no isolation works here",
)


@dataclass
class Trouble:
    """What is done to a sweep while it runs, drawn from a seed, and what was seen of it."""

    rng: Random
    store: "Store | None"
    strikes: int  # that are still to come: a machine that is never well finishes nothing
    done: Counter[str] = field(default_factory=Counter)
    memory_bytes: dict[int, list[int]] = field(default_factory=lambda: defaultdict(list))

    def strike(self, sweep: int) -> None:
        """One fault, after a moment, while some are left."""
        time.sleep(self.rng.uniform(0.5, 1.5))
        self.memory_bytes[sweep].append(resident_bytes(sweep))
        if not self.strikes:
            return
        kinds: list[Callable[[int], None]] = [*[self.kill_a_worker] * 6, self.fill_the_disk]
        if self.store is not None:
            kinds.append(self.restart_the_store)
        strike = self.rng.choice(kinds)
        with suppress(ProcessLookupError):  # the sweep has ended meanwhile
            strike(sweep)

    def kill_a_worker(self, sweep: int) -> None:
        """As the kernel does where memory is short."""
        workers = [pid for pid in descendants(sweep) if is_worker(pid)]
        if workers:
            os.kill(self.rng.choice(sorted(workers)), signal.SIGKILL)
            self._count("workers killed")

    def fill_the_disk(self, sweep: int) -> None:
        """No file of the sweep's process may grow for a while, as on a disk that is full."""
        _, hard = resource.prlimit(sweep, resource.RLIMIT_FSIZE)
        resource.prlimit(sweep, resource.RLIMIT_FSIZE, (FULL_BYTES, hard))
        time.sleep(self.rng.uniform(0.1, 0.4))
        resource.prlimit(sweep, resource.RLIMIT_FSIZE, (hard, hard))
        self._count("disk full")

    def restart_the_store(self, _: int) -> None:
        """The server is killed, and is there again later."""
        assert self.store is not None
        self.store.restart()
        self._count("store restarted")

    def _count(self, what: str) -> None:
        self.done[what] += 1
        self.strikes -= 1


class Store:
    """An MLflow server on a port that stays the same."""

    def __init__(self, folder: Path) -> None:
        self.port, self.uri = free_port(), sqlite_url(folder / "mlflow.db")
        self.server = ui.started(self.uri, port=self.port)

    def restart(self) -> None:
        """Kill it and start it again."""
        ui.stop(self.server)
        self.server = ui.started(self.uri, port=self.port)


def is_worker(pid: int) -> bool:
    with suppress(OSError):
        return b"earmark.sandbox.inside.worker" in Path(f"/proc/{pid}/cmdline").read_bytes()
    return False


def resident_bytes(pid: int) -> int:
    with suppress(OSError):
        pages = Path(f"/proc/{pid}/statm").read_text().split()[1]
        return int(pages) * resource.getpagesize()
    return 0


@pytest.fixture
def reaper() -> Iterator[Callable[[], list[int]]]:
    """Orphans come to this process; the children that are left when it is called."""
    libc = ctypes.CDLL(None)
    libc.prctl(PR_SET_CHILD_SUBREAPER, 1)
    before = descendants(os.getpid())

    def left() -> list[int]:
        with suppress(ChildProcessError):  # those that ended and wait to be asked
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass
        return sorted(set(descendants(os.getpid())) - set(before))

    yield left
    libc.prctl(PR_SET_CHILD_SUBREAPER, 0)


def line(server: ChatServer, attempts: int, *more: str) -> list[str]:
    samples = max(1, attempts // (TASKS * RUNS))
    model = ["model=vllm", "model.name=a,b", "model.model=openai/${model.name}"]
    asked = ["tier=notes", "temperature=0,1", f"tier.limit={TASKS}", f"samples={samples}"]
    small = ["prompt=terse", "embedder=none", "reference=none", "concurrency.requests=4"]
    address = [f"model.api_base={server.api_base}", "model.timeout_seconds=20"]
    return [sys.executable, "-m", "earmark.cli", "-m", *model, *address, *asked, *small, *more]


def endured(command: list[str], log: Path, trouble: Trouble) -> int:
    """Start it again until it is finished, with troubles on the way; how often it was started."""
    for starts in range(1, trouble.strikes + 3):
        with log.open("ab") as stream:
            running = subprocess.Popen(
                command, stdout=stream, stderr=stream, env={**os.environ, **NOTHING_COMPILED}
            )
        while running.poll() is None:
            trouble.strike(running.pid)
        if running.returncode == 0:
            return starts
    raise AssertionError(log.read_text()[-2000:])


def runs_of(root: Path, name: str) -> list[Run]:
    return [folder.run() for folder in SweepFolder(root / "multirun" / name).runs()]


@pytest.mark.parametrize(
    "attempts",
    [
        pytest.param(SMALL, id="small"),
        pytest.param(WHOLE, id="whole", marks=[pytest.mark.long, pytest.mark.timeout(4 * 3600)]),
    ],
)
def test_a_long_sweep_loses_nothing_doubles_nothing_and_leaves_nothing(
    attempts: int,
    root: Path,
    reaper: Callable[[], list[int]],
    record_property: Callable[[str, object], None],
) -> None:
    store = Store(root) if attempts > SMALL else None
    tracking = f"tracking.uri=http://127.0.0.1:{store.port}" if store else "tracking=none"
    strikes = max(4, attempts // ATTEMPTS_PER_STRIKE)
    trouble, faults = Trouble(Random(5), store, strikes), Faults(seed=5)
    try:
        with ChatServer(faults) as server:
            command = line(server, attempts, tracking, "name=long")
            starts = endured(command, root / "long.log", trouble)
            received = Counter(question(asked) for asked in server.log if asked.answered)
            requests = server.requests
            packed = root / "answers.zip"
            assert pack(root / "multirun" / ".cassette", packed) == len(received)
            calm = line(server, attempts, "tracking=none", "name=calm", f"replay={packed}")
            subprocess.run(calm, check=True, capture_output=True)
            assert server.requests == requests
    finally:
        if store is not None:
            ui.stop(store.server)
    made, again = runs_of(root, "long"), runs_of(root, "calm")
    samples = max(1, attempts // (TASKS * RUNS))
    for run in made:
        episodes = Counter((one.task.id, one.sample) for one in run.attempts)
        assert set(episodes.values()) == {1}
        assert len(episodes) == TASKS * samples
    assert len(made) == RUNS
    assert "\n".join(agreement(made, again).differences) == ""
    assert max(received.values()) <= starts
    assert reaper() == []
    memory = max(trouble.memory_bytes.values(), key=len)  # of the process that lived longest
    quarter = len(memory) // 4
    if len(memory) >= MIN_SAMPLES:
        assert median(memory[-quarter:]) < GROWTH * median(memory[quarter : 2 * quarter])
    words = ", ".join(f"{what} {count} times" for what, count in trouble.done.items())
    peak = f"{max(memory, default=0) / 1e6:.0f} MB at most"
    record_property(SHOWN, f"{attempts} attempts, started {starts} times: {words}; {peak}")
