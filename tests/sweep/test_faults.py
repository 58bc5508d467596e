"""A sweep against a provider in bad shape, killed and started again: every attempt accounted for,
nothing received asked twice, and its replay the same without a call. The whole of it is a long
test; a small one from the same seed runs every time."""

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

from earmark.analysis.agreement import agreement
from earmark.analysis.funnel import passed
from earmark.models.wrappers.cassette_archive import pack
from earmark.records import Run
from earmark.storage.sweep_folder import SweepFolder
from tests.conftest import SHOWN
from tests.models.server import ChatServer
from tests.sweep.conftest import Launch
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
    def runs(self) -> int:
        axes = (self.models, self.tiers, self.strategies, self.temperatures)
        runs = 1
        for axis in axes:
            runs *= len(axis.split(","))
        return runs


SMALL = Size("a", "notes", "zero_shot,repair", "0", tasks=2, kills=1)
WHOLE = Size(
    "a,b,c",
    "notes,environment,speech",
    "zero_shot,few_shot,best_of_n,repair",
    "0,1",
    tasks=3,
    kills=10,
)


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
        f"tier.limit={size.tasks}",
        "samples=2",
    ]
    small = [
        "prompt=terse",
        "embedder=none",
        "reference=none",
        "tracking=none",
        f"concurrency.requests={AT_ONCE}",
    ]
    return ["-m", *model, *axes, *small]


def killed(
    command: list[str],
    environment: dict[str, str],
    server: ChatServer,
    more_requests: int,
    rng: Random,
) -> None:
    """Start, let so many requests come in, and kill -9 the whole group a moment later; it may have
    ended by then.
    """
    before = server.requests
    running = subprocess.Popen(
        command,
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    while server.requests < before + more_requests and running.poll() is None:
        time.sleep(0.02)
    time.sleep(rng.uniform(0, 0.3))
    if running.poll() is None:
        os.killpg(running.pid, signal.SIGKILL)
    running.wait()


def everything_is_accounted_for(runs: list[Run], size: Size, said: dict[str, int]) -> None:
    assert len(runs) == size.runs
    for run in runs:
        assert len({(one.task.id, one.sample) for one in run.attempts}) == size.tasks * 2
        valid = sum(one.valid for one in run.attempts)
        assert passed(run.scores)[-1] == pytest.approx(valid / len(run.attempts))
        assert run.scores["attempts"] == len(run.attempts)
        for one in run.attempts:
            assert one.completion is not None
            assert (one.failure is None) == one.valid
    texts = Counter(one.completion.text for run in runs for one in run.attempts if one.completion)
    assert set(texts) <= set(said)


@pytest.mark.parametrize(
    "size",
    [
        pytest.param(SMALL, id="small"),
        pytest.param(WHOLE, id="whole", marks=[pytest.mark.long, pytest.mark.timeout(7200)]),
    ],
)
def test_a_sweep_survives_its_provider_and_its_machine(
    size: Size, root: Path, launch: Launch, record_property: Callable[[str, object], None]
) -> None:
    faults, rng = Faults(seed=11), Random(11)
    with ChatServer(faults) as server:
        line = words(size, server.api_base)
        command = [sys.executable, "-m", "earmark.cli", *line, "name=ill"]
        environment = {
            **os.environ,
            "EARMARK_ROOT": str(root),
            "EARMARK_CACHE": str(root / "cache"),
        }
        episodes = size.runs * size.tasks * 2
        for _ in range(size.kills):
            killed(
                command,
                environment,
                server,
                rng.randint(2, max(3, episodes // (size.kills + 1))),
                rng,
            )
        assert launch(*line, "name=ill") == 0

        received = Counter(question(asked) for asked in server.log if asked.answered)
        twice = sum(count - 1 for count in received.values())
        said = {faults.said(asked).text: 1 for asked in server.log}
        asked = server.requests

        packed = root / "answers.zip"
        assert pack(root / "multirun" / ".cassette", packed) == len(received)
        assert launch(*line, "name=replayed", f"replay={packed}") == 0
        assert server.requests == asked
    assert twice <= AT_ONCE * size.kills
    made, again = (
        [run.run() for run in SweepFolder(root / "multirun" / name).runs()]
        for name in ("ill", "replayed")
    )
    everything_is_accounted_for(made, size, said)
    assert agreement(made, again).differences == ()
    counted = (
        f"{len(received)} answers from {asked} requests, "
        f"{twice} answered twice over {size.kills} kills"
    )
    record_property(SHOWN, f"{size.runs} runs: {counted}; replayed: {agreement(made, again)}")
