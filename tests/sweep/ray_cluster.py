"""A Ray cluster of two nodes on loopback, whose workers know nothing of the test's environment."""

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.tracking.postgres import free_port

ROOT = Path(__file__).parents[2]
NODES = 2
# Of every node and of every driver.
AUTH = {"RAY_AUTH_MODE": "token", "RAY_AUTH_TOKEN": "5" * 64}
MISSING = "the extra ray is not installed: pip install -c constraints.txt -e '.[ray]'"
STORE_BYTES = 80 * 2**20  # the least that Ray takes is 75 MiB
START_SECONDS = 180


def need_ray() -> None:
    """Skip the test where Ray or Hydra's plugin for it is missing."""
    pytest.importorskip("ray", reason=MISSING)
    pytest.importorskip("hydra_plugins.hydra_ray_launcher", reason=MISSING)


@contextmanager
def cluster(variables: Mapping[str, str]) -> Iterator[str]:
    """The address of a cluster of two nodes of one processor each.

    Args:
        variables: what its nodes have in their environment besides the least that Python needs.
    """
    need_ray()
    address = f"127.0.0.1:{free_port()}"
    place = Path(tempfile.mkdtemp(prefix="ray-"))  # short: Ray makes sockets in it
    environment = {
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        "HOME": str(place),
        "PYTHONPATH": f"{ROOT / 'src'}:{ROOT}",
        "RAY_USAGE_STATS_ENABLED": "0",
        **AUTH,
        "OMP_NUM_THREADS": "1",
        "RAY_raylet_start_wait_time_s": str(START_SECONDS),  # a busy machine is slow, not broken
        **variables,
    }
    head = ["--head", "--port", address.rpartition(":")[2], "--temp-dir", str(place / "r")]
    nodes = [[*head, "--include-dashboard", "false"], *[["--address", address]] * (NODES - 1)]
    started: list[subprocess.Popen[bytes]] = []
    try:
        for node in nodes:
            started.append(_start(node, environment, place))
        yield address
    finally:
        for running in reversed(started):
            running.terminate()
            running.wait(60)
        shutil.rmtree(place, ignore_errors=True)


def _start(
    node: list[str], environment: Mapping[str, str], place: Path
) -> "subprocess.Popen[bytes]":
    """Start a node in the foreground, and wait until it says that it runs."""
    agent = ["--dashboard-agent-listen-port", str(free_port())]
    size = ["--num-cpus", "1", "--object-store-memory", str(STORE_BYTES)]
    line = [sys.executable, "-m", "ray.scripts.scripts", "start", "--block", *node, *agent, *size]
    log = place / f"node-{node[0].strip('-')}.log"
    with log.open("wb") as stream:
        running = subprocess.Popen(line, env=dict(environment), stdout=stream, stderr=stream)
    end = time.monotonic() + START_SECONDS
    while b"Ray runtime started" not in log.read_bytes():
        assert running.poll() is None, log.read_text(errors="replace")
        assert time.monotonic() < end, log.read_text(errors="replace")
        time.sleep(0.2)
    return running
