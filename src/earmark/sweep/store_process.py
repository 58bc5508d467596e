"""MLflow in a process of its own, which begins while the sweep is still being checked.

MLflow takes seconds to import, and its pages and pictures take more to draw. In the process that
asks and scores they would hold up both.
"""

import gc
import importlib
import os
import signal
import threading
import traceback
from collections.abc import Callable
from functools import partial
from multiprocessing import get_context
from multiprocessing.connection import Connection
from typing import Any, ParamSpec, TypeVar

from earmark.errors import TrackingUnavailable
from earmark.storage.run_folder import RunFolder
from earmark.storage.sweep_folder import SweepFolder
from earmark.sweep.worker import end_with
from earmark.tracking import Tracker

P = ParamSpec("P")
T = TypeVar("T")
# What every store and every report needs.
AHEAD = (
    "mlflow.store.tracking.sqlalchemy_store",
    "matplotlib.backends.backend_svg",
    "matplotlib.backends.backend_pdf",
)


class TrackerProcess:
    """A tracker whose calls are made in another process, one after another.

    Args:
        tracker: a copy of it makes the calls.
    """

    def __init__(self, tracker: Tracker) -> None:
        self.tracker = tracker
        begin()

    def sweep(self, folder: SweepFolder) -> str | None:
        """As the tracker's.

        Raises:
            TrackingUnavailable: the store did not take them, or its process ended.
        """
        return call(_sweep, self.tracker, folder)

    def run(self, folder: RunFolder) -> str | None:
        """As the tracker's.

        Raises:
            TrackingUnavailable: the store did not take it, or its process ended.
        """
        return call(_run, self.tracker, folder)


def _sweep(tracker: Tracker, folder: SweepFolder) -> str | None:
    return tracker.sweep(folder)


def _run(tracker: Tracker, folder: RunFolder) -> str | None:
    return tracker.run(folder)


def begin() -> None:
    """Begin the process, unless it is there, and do not wait until it is ready."""
    _worker.start()


def call(function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """What a function of a module returns, which is called in the process that has MLflow.

    Raises:
        TrackingUnavailable: that process ended meanwhile. Else what the function raises.
    """
    result: T = _worker.call(partial(function, *args, **kwargs))
    return result


class _Worker:
    """The process, which all sweeps of this one share; a new one follows one that died."""

    def __init__(self) -> None:
        self._one_calls = threading.Lock()
        self._pipe: Connection | None = None

    def start(self) -> None:
        with self._one_calls:
            self._started()

    def call(self, function: Callable[[], Any]) -> Any:  # noqa: ANN401  what the function returns
        """Call it there. Raises what it raises."""
        with self._one_calls:
            pipe = self._started()
            try:
                pipe.send((function, dict(os.environ)))
                result, raised = pipe.recv()
            except (EOFError, OSError) as error:
                self._pipe = None
                lost = "the process that writes to the store has ended"
                hint = "is the memory full? The sweep's folder holds everything"
                raise TrackingUnavailable(f"{lost}; {hint}; run `earmark sync NAME`") from error
        if raised is not None:
            raise raised
        return result

    def _started(self) -> Connection:
        if self._pipe is None:
            context = get_context("spawn")  # a fork would copy locks that other threads hold
            self._pipe, theirs = context.Pipe()
            # Ended with this process: what it had not written is written at the next sync.
            context.Process(target=_serve, args=(theirs, os.getpid()), daemon=True).start()
            theirs.close()
        return self._pipe


_worker = _Worker()


def _serve(pipe: Connection, parent: int) -> None:
    """Make the calls that come through the pipe, until its other end is closed."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the process that runs the sweep
    end_with(parent)
    _import_ahead()
    while True:
        try:
            function, environment = pipe.recv()
        except EOFError:
            return
        os.environ.clear()
        os.environ.update(environment)
        answer: tuple[Any, Exception | None]
        try:
            answer = function(), None
        except Exception as error:  # noqa: BLE001  it is raised where the call was made
            error.add_note(traceback.format_exc())
            answer = None, error
        pipe.send(answer)


def _import_ahead() -> None:
    """Import what will be needed, before there is something to write."""
    from earmark.tracking.connection import silence

    silence()
    for name in AHEAD:
        importlib.import_module(name)
    gc.freeze()  # these modules stay: no collection has to look through them
