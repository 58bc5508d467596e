"""Counts the runs that other processes finish: they have no progress of the sweep to report to."""

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from earmark.config.schema import RunConfig
from earmark.errors import HarnessError
from earmark.identity import answer_key
from earmark.sweep.progress import Progress
from earmark.sweep.session import run_folder

LOOK_SECONDS = 5.0


@contextmanager
def watched(progress: Progress, configs: Sequence[RunConfig]) -> Iterator[None]:
    """Report each of these runs soon after its folder says that it is finished."""
    waiting, ended = list(configs), threading.Event()

    def look() -> None:
        for config in [one for one in waiting if run_folder(one).finished]:
            waiting.remove(config)
            _count(progress, config)

    def watch() -> None:
        while not ended.wait(LOOK_SECONDS):
            look()

    watcher = threading.Thread(target=watch, name="watch")
    watcher.start()
    try:
        yield
    finally:
        ended.set()
        watcher.join()
    look()


def _count(progress: Progress, config: RunConfig) -> None:
    try:
        run = run_folder(config).run()
    except HarnessError:
        return  # a damaged record: it is named when the sweep is shown at the end
    for attempt in run.attempts:
        progress.attempt(attempt, answer=answer_key(config.model, attempt.request))
    progress.run_finished(run)
