"""A sweep against a provider in bad shape, killed and started again: every attempt accounted for, nothing received asked twice, and its
replay the same without a call. The whole of it is a long test; a small one from the same seed runs every time."""

import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from random import Random

import pytest

from earmark.agreement import agreement
from earmark.archive import SweepFolder
from earmark.models.packed import pack
from earmark.records import Cell
from tests.conftest import SHOWN
from tests.models.server import ChatServer
from tests.sweep.conftest import Run
from tests.sweep.faults import Faults, question

AT_ONCE = 3


@dataclass(frozen=True)
class Size:
    """How much is asked, and how often it is killed."""

    models: str
    tiers: str
    strategies: str
    temperatures: str
    tasks: int
    kills: int

    @property
    def cells(self) -> int:
        axes = (self.models, self.tiers, self.strategies, self.temperatures)
        cells = 1
        for axis in axes:
            cells *= len(axis.split(","))
        return cells


SMALL = Size("a", "notes", "zero_shot,repair", "0", tasks=2, kills=1)
WHOLE = Size("a,b,c", "notes,environment,speech", "zero_shot,few_shot,best_of_n,repair", "0,1", tasks=3, kills=10)


def words(size: Size, api_base: str) -> list[str]:
    model = [
        "model=vllm",
        f"model.name={size.models}",
        "model.model=openai/${model.name}",
        f"model.api_base={api_base}",
        "model.timeout_seconds=20",
    ]
    axes = [
        f"tier={size.tiers}",
        f"strategy={size.strategies}",
        f"temperature={size.temperatures}",
        f"tier.first={size.tasks}",
        "samples=2",
    ]
    small = ["prompt=terse", "embedder=none", "reference=none", "tracking=none", f"concurrency.asking={AT_ONCE}"]
    return ["-m", *model, *axes, *small]


def killed(command: list[str], environment: dict[str, str], server: ChatServer, more_requests: int, chance: Random) -> None:
    """Start, let so many requests come in, and kill -9 the whole group a moment later; it may have ended by then."""
    before = server.requests
    running = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)
    while server.requests < before + more_requests and running.poll() is None:
        time.sleep(0.02)
    time.sleep(chance.uniform(0, 0.3))
    if running.poll() is None:
        os.killpg(running.pid, signal.SIGKILL)
    running.wait()


def everything_is_accounted_for(cells: list[Cell], size: Size, said: dict[str, int]) -> None:
    assert len(cells) == size.cells
    for cell in cells:
        assert len({(one.task.id, one.sample) for one in cell.attempts}) == size.tasks * 2
        assert sum(share for name, share in cell.scores.items() if name.startswith("funnel_")) == pytest.approx(1)
        assert cell.scores["attempts"] == len(cell.attempts)
        for one in cell.attempts:
            assert one.completion is not None
            assert (one.failure is None) == one.valid
    texts = Counter(one.completion.text for cell in cells for one in cell.attempts if one.completion)
    assert set(texts) <= set(said)


@pytest.mark.parametrize(
    "size",
    [
        pytest.param(SMALL, id="small"),
        pytest.param(WHOLE, id="whole", marks=[pytest.mark.long, pytest.mark.timeout(7200)]),
    ],
)
def test_a_sweep_survives_its_provider_and_its_machine(
    size: Size, root: Path, run: Run, record_property: Callable[[str, object], None]
) -> None:
    faults, chance = Faults(seed=11), Random(11)
    with ChatServer(faults) as server:
        line = words(size, server.api_base)
        command = [sys.executable, "-m", "earmark.cli", *line, "name=ill"]
        environment = {**os.environ, "EARMARK_ROOT": str(root), "EARMARK_CACHE": str(root / "cache")}
        episodes = size.cells * size.tasks * 2
        for _ in range(size.kills):
            killed(command, environment, server, chance.randint(2, max(3, episodes // (size.kills + 1))), chance)
        assert run(*line, "name=ill") == 0

        received = Counter(question(asked) for asked in server.log if asked.answered)
        twice = sum(count - 1 for count in received.values())
        said = {faults.said(asked).text: 1 for asked in server.log}
        asked = server.requests

        packed = root / "answers.zip"
        assert pack(root / "multirun" / ".cassette", packed) == len(received)
        assert run(*line, "name=replayed", f"model.replay={packed}") == 0
        assert server.requests == asked
    assert twice <= AT_ONCE * size.kills
    made, again = ([cell.cell() for cell in SweepFolder(root / "multirun" / name).cells()] for name in ("ill", "replayed"))
    everything_is_accounted_for(made, size, said)
    assert agreement(made, again).differences == ()
    counted = f"{len(received)} answers from {asked} requests, {twice} answered twice over {size.kills} kills"
    record_property(SHOWN, f"{size.cells} cells: {counted}; replayed: {agreement(made, again)}")
