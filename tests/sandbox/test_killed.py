"""Whatever is killed at whatever moment: no process and no mount is left, and after the next start
no folder.
"""

import contextlib
import os
import random
import select
import signal
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import replace
from pathlib import Path

import pytest

from earmark.errors import SandboxUnavailable
from earmark.records import Limits
from earmark.sandbox.bubblewrap import Namespaces
from earmark.sandbox.folder import PREFIX, SandboxFolder
from earmark.sandbox.probe import problem_with
from earmark.sandbox.process import Process
from earmark.sandbox.worker import Spawner
from tests.sandbox.hostile_watch import descendants

LIMITS = Limits(packages=())
KINDS: dict[str, type[Namespaces] | type[Process]] = {
    kind.isolation: kind
    for kind in (Namespaces, Process)
    if problem_with(kind.isolation, LIMITS) is None
}
# Runs programs without end, short and long ones, on fresh and on used workers; a spawner that is
# gone ends it.
HARNESS = """
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from earmark.records import Limits, Program
from earmark.sandbox.{module} import {name}
print("starting", flush=True)
sandbox = {name}(limits=Limits(packages=(), wall_seconds=5.0), workers=2, recycle_after=3)
short = Program("open('out.wav', 'wb').write(bytes(10))")
long = Program("import time; time.sleep(0.2)")
def run(n):
    sandbox.execute(long if n % 5 == 4 else short, folder=Path({folder!r}) / str(n % 2))
with sandbox, ThreadPoolExecutor(2) as threads:
    list(threads.map(run, range(200)))
"""
pytestmark = pytest.mark.skipif(not KINDS, reason="no isolation works here")


def running(pid: int) -> bool:
    with contextlib.suppress(OSError):
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    return False


def of_ours(place: Path) -> list[int]:
    """Processes that name the folder in their command, environment or mounts."""
    found = []
    for path in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            texts = [(path / name).read_bytes() for name in ("cmdline", "environ", "mountinfo")]
            if (
                int(path.name) != os.getpid()
                and any(str(place).encode() in text for text in texts)
                and running(int(path.name))
            ):
                found.append(int(path.name))
    return found


def victim(whom: str, harness: int) -> int | None:
    """The id of the harness, the spawner, or a process below it; None when there is none now."""
    if whom == "harness":
        return harness
    spawners = [pid for pid in descendants(harness) if _parent(pid) == harness]
    below = [pid for spawner in spawners for pid in descendants(spawner)]
    return next(
        iter(spawners if whom == "spawner" else random.sample(below, min(1, len(below)))), None
    )


def _parent(pid: int) -> int:
    with contextlib.suppress(OSError):
        return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
    return 0


def left_after(isolation: str, whom: str, seconds: float, place: Path) -> str:
    """Start, kill after some time, end; what is left, in words."""
    temporary = place / "temporary"
    temporary.mkdir(parents=True)
    for folder in (place, temporary):
        folder.chmod(0o755)
    kind = KINDS[isolation]
    text = HARNESS.format(
        module=kind.__module__.rpartition(".")[2], name=kind.__name__, folder=str(place / "kept")
    )
    environment = {**os.environ, "TMPDIR": str(temporary)}
    with subprocess.Popen(
        [sys.executable, "-c", text],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=environment,
    ) as harness:
        assert harness.stdout is not None
        assert harness.stdout.readline() == b"starting\n"
        select.select([], [], [], seconds)
        if (pid := victim(whom, harness.pid)) is not None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        time.sleep(0.2)
        harness.kill()
    return _left(temporary)


def alive_after(seconds: float, place: Path) -> list[int]:
    """Processes of ours that have not ended by then."""
    end = time.monotonic() + seconds
    while (alive := of_ours(place)) and time.monotonic() < end:
        time.sleep(0.05)
    return alive


def _left(temporary: Path) -> str:
    alive = alive_after(5, temporary)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tempfile, "tempdir", str(temporary))
        SandboxFolder().close()
    folders = [path.name for path in temporary.glob(f"{PREFIX}*")]
    mounted = str(temporary) in Path("/proc/self/mounts").read_text()
    return "; ".join(
        word
        for word, seen in (
            (f"processes {alive}", alive),
            (f"folders {folders}", folders),
            ("a mount", mounted),
        )
        if seen
    )


def kills(count: int, seed: int) -> list[tuple[str, str, float]]:
    rng = random.Random(seed)
    ways = [(isolation, whom) for isolation in KINDS for whom in ("harness", "spawner", "worker")]
    return [(*ways[number % len(ways)], rng.uniform(0, 1.5)) for number in range(count)]


@pytest.mark.parametrize(("isolation", "whom", "seconds"), kills(6, seed=5))
def test_nothing_is_left_of_what_was_killed(
    isolation: str, whom: str, seconds: float, tmp_path: Path
):
    assert left_after(isolation, whom, seconds, tmp_path / "place") == ""


@pytest.mark.long
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("seed", range(5))
def test_nothing_is_left_of_what_was_killed_at_many_moments(seed: int, tmp_path: Path):
    left = {
        kill: left_after(*kill, tmp_path / str(number))
        for number, kill in enumerate(kills(30, seed=100 + seed))
    }
    assert {kill: words for kill, words in left.items() if words} == {}


def started_and_orphaned(count: int, seed: int) -> list[list[int]]:
    """Processes left when the spawner is killed within 12 ms after it began to start a worker."""
    rng, left = random.Random(seed), []
    for _ in range(count):
        with Namespaces(limits=LIMITS, workers=1, warm=False) as sandbox:
            place = SandboxFolder()
            spawner = sandbox._spawner = Spawner(place.inside, sandbox.view(place))
            spawner.start(
                replace(sandbox.worker_spec(place, 0), argv=["/bin/true"]),
                [sys.stderr.fileno()] * 2,
            )  # it is ready
            killer = threading.Timer(rng.uniform(0, 0.012), spawner._process.kill)
            killer.start()
            with contextlib.suppress(SandboxUnavailable):
                sandbox.start_worker(place, 0).kill()
            killer.join()
            left.append(alive_after(2, place.path))
            place.close()
    return [pids for pids in left if pids]


@pytest.mark.skipif("namespaces" not in KINDS, reason="namespaces do not work here")
@pytest.mark.parametrize(
    "count", [15, pytest.param(300, marks=[pytest.mark.long, pytest.mark.timeout(1800)])]
)
def test_a_worker_that_was_starting_ends_with_its_spawner(count: int):
    assert started_and_orphaned(count, seed=2) == []


def test_a_folder_whose_owner_died_before_its_lock_is_removed_and_a_living_one_is_not(
    tmp_path, monkeypatch
):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    (tmp_path / f"{PREFIX}halfway" / "inside").mkdir(parents=True)
    living = SandboxFolder()
    assert [path.name for path in tmp_path.iterdir()] == [living.path.name]
    other = SandboxFolder()
    assert living.path.is_dir()
    other.close()
    living.close()
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_cannot_be_made_whole_is_not_left_behind(tmp_path, monkeypatch):
    full = tmp_path / "full"
    full.mkdir()
    made = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=32k", "none", str(full)],
        check=False,
        capture_output=True,
    )
    if made.returncode:
        pytest.skip(f"may not mount a small file system: {made.stderr.decode().strip()}")
    try:
        monkeypatch.setattr(tempfile, "tempdir", str(full))
        with pytest.raises(
            SandboxUnavailable,
            match=r"cannot be made \(.*No space left on device.*\); make room, or set TMPDIR",
        ):
            SandboxFolder()
        assert list(full.iterdir()) == []
    finally:
        subprocess.run(["umount", str(full)], check=True)


def test_the_look_for_processes_can_find_one(tmp_path):
    with subprocess.Popen(["sleep", "20"], env={"TMPDIR": str(tmp_path)}) as asleep:
        assert of_ours(tmp_path) == [asleep.pid]
        asleep.kill()
