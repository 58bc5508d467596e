"""What happens beside a run: its log file, telling a store that may be gone, and ending with the sweep that a worker of a launcher is of.

In: attempts and calls to a tracker. Out: lines in RUN/run.log; calls that fail without consequence. The folder holds everything, so a
store that is slow or gone costs at most one wait a minute while the runs go on; the sync at the end brings what it missed.
"""

import logging
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import cache

from earmark.errors import TrackingUnavailable
from earmark.records import Attempt
from earmark.storage.folders import RunFolder

PAUSE_SECONDS = 60.0
LOOK_SECONDS = 0.2
LOG = logging.getLogger("earmark")

_gone_until = [0.0]


def attempted(track: Callable[[], object]) -> bool:
    """Call a tracker; False when its store is gone, or was gone within the last minute and is not asked again yet."""
    if time.monotonic() < _gone_until[0]:
        return False
    try:
        track()
    except TrackingUnavailable as error:
        LOG.warning("tracking: %s; trying again later, and at the end", error)
        _gone_until[0] = time.monotonic() + PAUSE_SECONDS
        return False
    return True


@cache
def end_with(sweep: int) -> None:
    """As a worker of a launcher, end when the process `sweep` that started this one does: nobody wants to pay for what it would still ask.

    Ctrl-C is for that process too. Does nothing anywhere else: in that process itself, or on another machine.
    """
    if os.getppid() == sweep:
        with suppress(ValueError):  # not in the first thread
            signal.signal(signal.SIGINT, signal.SIG_IGN)
        threading.Thread(target=_outlast, args=(sweep,), daemon=True).start()


def _outlast(sweep: int) -> None:
    while os.getppid() == sweep:
        time.sleep(LOOK_SECONDS)
    os._exit(130)


@contextmanager
def log_file(folder: RunFolder) -> Iterator[None]:
    """Keep what is logged inside in the run's own file; a run that is finished already gets no new lines."""
    if folder.finished:
        yield
        return
    folder.path.mkdir(parents=True, exist_ok=True)
    handler = logging.FileHandler(
        folder.path / "run.log", delay=True, encoding="utf-8", errors="backslashreplace"
    )
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s %(message)s"))
    before = LOG.level
    LOG.addHandler(handler)
    LOG.setLevel(logging.INFO)
    LOG.info("run started")
    try:
        yield
        LOG.info("run finished")
    except BaseException as error:
        LOG.info("run stopped: %s: %s", type(error).__name__, error)
        raise
    finally:
        LOG.setLevel(before)
        LOG.removeHandler(handler)
        handler.close()


def logged(attempt: Attempt) -> None:
    """One line of the run's log: which attempt, how far it came."""
    failure = attempt.failure
    said = (
        f"{failure.stage} {failure.kind}"
        if failure
        else " ".join(f"{name}={value:.4g}" for name, value in attempt.scores.items())
    )
    LOG.info(
        "%s sample %d turn %d: %s", attempt.task.id, attempt.sample, attempt.turn, said or "heard"
    )
