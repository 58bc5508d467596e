"""The stream of attempts: who stops listening stops the asking."""

import threading
from pathlib import Path
from typing import Any, cast

from earmark.config.build import build
from earmark.config.compose import compose
from earmark.models.baselines.expert import Expert
from earmark.pipeline import Design, Parts
from earmark.records import Completion, Request, Sampling, Task
from earmark.run import run_episodes
from earmark.storage.run_folder import RunFolder
from tests.sweep.conftest import SMALL


class Waiting(Expert):
    """Answers the first request at once and the others when it may; a task without a program is
    refused, so that nothing runs.
    """

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[str] = []
        self.may = threading.Event()

    def complete(self, request: Request) -> Completion:
        self.asked.append(request.task_id)
        if len(self.asked) > 1:
            assert self.may.wait(30)
        return super().complete(request)


def test_a_stream_that_is_closed_asks_no_more(root: Path) -> None:
    tasks = tuple(Task(f"unknown_{n}", "notes", "a tone", "A tone.", 1.0) for n in range(20))
    strategy = build(compose(SMALL).strategy)
    model = Waiting()
    design = Design("c", tasks, 1, strategy, Sampling(), seed=0, workers=1)
    stream = run_episodes(
        design, parts=Parts(model=model, sandbox=cast(Any, None)), folder=RunFolder(root / "run")
    )
    assert next(iter(stream)).failure is not None
    cast(Any, stream).close()
    model.may.set()
    for thread in threading.enumerate():
        if thread.name.startswith("episode"):
            thread.join(30)
    assert len(model.asked) <= 2
