"""Each hostile program gets through at least one weaker runner, so that holding it means
something; or its file says why it is kept.

All of it happens inside an outer containment: bubblewrap with namespaces of its own, a read-only
tree and tmpfs over what is written. Needs root, because half of the programs want what only root
is given; the outer containment lends it to them.
"""

import json
import os
import random
import subprocess
import sys
from pathlib import Path

import pytest

from earmark.errors import SandboxUnavailable
from earmark.sandbox.bubblewrap import find
from tests.sandbox.hostile_judge import alone
from tests.sandbox.hostile_programs import Hostile, programs
from tests.sandbox.weaker_runners import RUNNERS

ROOT = Path(__file__).parents[2]
LENT = """CHOWN DAC_OVERRIDE DAC_READ_SEARCH FOWNER FSETID KILL SETGID SETUID SETPCAP NET_ADMIN
NET_RAW IPC_LOCK SYS_CHROOT SYS_PTRACE SYS_ADMIN SYS_NICE SYS_RESOURCE MKNOD PERFMON BPF"""
OUTER = """--ro-bind / / --dev /dev --dev-bind-try /dev/kmsg /dev/kmsg --dev-bind-try /dev/fuse
/dev/fuse --proc /proc --tmpfs /tmp --tmpfs /var/tmp --tmpfs /run --unshare-ipc --unshare-pid
--unshare-net --unshare-uts --unshare-cgroup-try --die-with-parent"""
BITING = [hostile for hostile in programs() if not hostile.attacks_reader and hostile.kept is None]
SLOW = {"late"}
QUICK = [hostile for hostile in BITING if hostile.oracle not in SLOW]


def lacking() -> str:
    """What the outer containment needs and has not; empty when it has all."""
    if os.geteuid() != 0:
        return "the outer containment needs root: run as root"
    try:
        find()
    except SandboxUnavailable as error:
        return str(error)
    return ""


pytestmark = pytest.mark.skipif(bool(lacking()), reason=lacking())


def contained(runner: str, names: list[str]) -> dict[str, list[str]]:
    """What fired for each program under a weaker runner, inside the outer containment."""
    places = (str(ROOT), os.path.realpath(sys.prefix))
    ours = [
        word for place in places for word in ("--ro-bind", place, place)
    ]  # a checkout may lie below /tmp
    command = [
        find(),
        *OUTER.split(),
        *ours,
        "--chdir",
        str(ROOT),
        *(part for name in LENT.split() for part in ("--cap-add", f"CAP_{name}")),
    ]
    command += [sys.executable, "-m", "tests.sandbox.weaker_runners", runner, *names]
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "src")}
    with alone(hostile for hostile in programs() if hostile.name in names):
        done = subprocess.run(
            command, check=False, capture_output=True, text=True, timeout=1500, env=environment
        )
    assert done.returncode == 0, done.stderr[-2000:]
    seen: dict[str, list[str]] = json.loads(done.stdout.splitlines()[-1])
    return seen


def unbitten(wanted: list[Hostile]) -> tuple[set[str], dict[str, int]]:
    """Programs that got through no weaker runner, and how many got through each."""
    left, through = {hostile.name: hostile.oracle for hostile in wanted}, {}
    for runner in RUNNERS:
        seen = contained(runner, [hostile.name for hostile in wanted])
        through[runner] = sum(hostile.oracle in seen[hostile.name] for hostile in wanted)
        left = {name: oracle for name, oracle in left.items() if oracle not in seen[name]}
    return set(left), through


def test_a_sample_of_hostile_programs_gets_through_a_weaker_runner():
    wanted = random.Random(3).sample(QUICK, 14)
    seen = contained("plain", [hostile.name for hostile in wanted])
    assert {hostile.name for hostile in wanted if hostile.oracle not in seen[hostile.name]} == set()


@pytest.mark.long
@pytest.mark.timeout(3600)
def test_every_hostile_program_gets_through_a_weaker_runner_or_says_why_it_is_kept():
    left, through = unbitten(BITING)
    print(f"of {len(BITING)} programs got through: {through}")
    assert left == set()


@pytest.mark.parametrize("runner", RUNNERS)
def test_the_measure_can_fail(runner: str):
    """A program that attacks nothing gets through nowhere; what a runner cannot stop is seen."""
    assert contained(runner, ["result_silent", "open_perf_event", "fork_once"]) == {
        "result_silent": [],
        "open_perf_event": ["claim"],
        "fork_once": ["claim"],
    }
