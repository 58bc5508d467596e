"""Ctrl-C at any moment: exit code 130, one line that tells how to go on, no traceback, whatever was
under way.
"""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest

from tests.models.server import ChatServer, Reply

# The interrupt comes when a module is first asked for: as deep in an import as a person's hand can
# hit.
WHILE_IMPORTING = """
import signal, sys
class Hand:
    def find_spec(self, name, path=None, target=None):
        if name == {module!r}:
            signal.raise_signal(signal.SIGINT)
sys.meta_path.insert(0, Hand())
from earmark.cli import main
sys.exit(main(["prompt", "tier=notes", "task=piano_c4"]))
"""
# Libraries that compose configurations meet an interrupt half-way, and what they raise then is
# their own.
WHILE_A_LIBRARY_TURNS_IT = """
import signal, sys
from hydra.errors import HydraException
from earmark import cli
from earmark.config import compose as config
def composed(*_):
    try:
        signal.raise_signal(signal.SIGINT)
    finally:
        raise HydraException("")
config._by_hydra = composed
sys.exit(cli.main(["prompt", "tier=notes", "task=piano_c4"]))
"""


@pytest.mark.parametrize(
    "code",
    [
        WHILE_IMPORTING.format(module="pydantic"),
        WHILE_IMPORTING.format(module="omegaconf"),
        WHILE_A_LIBRARY_TURNS_IT,
    ],
    ids=["pydantic", "omegaconf", "composing"],
)
def test_an_interrupt_is_one_line(code: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 130
    assert (
        done.stderr == "\nearmark: interrupted; what was finished is saved. "
        "The same line again does only what is missing.\n"
    )
    assert done.stdout == ""


def test_the_package_runs_as_a_module() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "earmark", "--version"],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0
    assert done.stdout.startswith("earmark ")


PARALLEL = ("-m", "temperature=0.1,0.9", "hydra/launcher=joblib", "hydra.launcher.n_jobs=2")
SMALL = (
    "model=vllm",
    "model.concurrency=1",
    "tier=notes",
    "tier.limit=8",
    "embedder=none",
    "reference=none",
    "tracking=none",
    "name=gone",
)


def until(holds: Callable[[], bool], *, seconds: float) -> None:
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.05)


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGKILL], ids=["ctrl-c", "kill"])
def test_nothing_is_asked_after_a_parallel_sweep_has_ended(
    how: signal.Signals, tmp_path: Path
) -> None:
    with ChatServer(Reply(text="```python\nprint(1)\n```", delay_seconds=0.7)) as server:
        result = {
            "EARMARK_ROOT": str(tmp_path),
            "VLLM_API_BASE": server.api_base,
            "VLLM_MODEL": "a/b",
        }
        sweep = subprocess.Popen(
            [sys.executable, "-m", "earmark", *PARALLEL, *SMALL],
            env={**os.environ, **result},
            start_new_session=True,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
        until(lambda: sum(one.answered for one in server.log) >= 2, seconds=120)
        os.killpg(sweep.pid, how) if how is signal.SIGINT else sweep.kill()
        sweep.wait(10)
        time.sleep(1)
        asked = len(server.log)
        time.sleep(2)
        assert len(server.log) == asked < 16
    assert not of_group(sweep.pid)
    said = sweep.stderr.read() if sweep.stderr else ""
    assert "Traceback" not in said
    assert said.count("interrupted; what was finished is saved") == (how is signal.SIGINT)


def of_group(group: int) -> list[str]:
    """The commands of a process group, or of what is left of it."""
    left = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):  # ended since it was listed
            name, _, rest = stat.read_text(errors="replace").rpartition(")")
            state, _, its_group = rest.split()[:3]
            if its_group == str(group) and state != "Z":
                left.append(name)
    return left
