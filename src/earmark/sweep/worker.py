"""A worker process of a launcher ends with its sweep: no one collects what it would still ask."""

import os
import signal
import threading
import time
from contextlib import suppress
from functools import cache

LOOK_SECONDS = 0.2
# The variable that names the sweep's process to its workers.
SWEEP_PROCESS = "EARMARK_SWEEP_PROCESS"


@cache
def end_with_sweep() -> None:
    """End this process when the process that runs the sweep has started it and ends.

    Ctrl-C is for that process, not for its workers. Does nothing anywhere else: in that process
    itself, or on another machine.
    """
    sweep = int(os.environ.get(SWEEP_PROCESS, "0"))
    if os.getppid() == sweep:
        with suppress(ValueError):  # not in the first thread
            signal.signal(signal.SIGINT, signal.SIG_IGN)
        end_with(sweep)


def end_with(parent: int) -> None:
    """End this process when the process that has started it ends, in whichever way."""
    threading.Thread(target=_watch, args=(parent,), daemon=True).start()


def _watch(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(LOOK_SECONDS)
    os._exit(130)
