"""The runs of a sweep in this process: run each, track it, remember which were not finished."""

import sys
import threading
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from math import ceil
from pathlib import Path

from earmark.analysis.labels import config_label
from earmark.config.build import close
from earmark.config.compose import run_name
from earmark.config.factory import build_parts, design_of, tasks_of
from earmark.config.schema import ConcurrencyConfig, RunConfig
from earmark.errors import HarnessError, printable
from earmark.identity import answer_key, run_key
from earmark.models.wrappers.completion_store import CompletionStore
from earmark.pipeline import Parts
from earmark.records import Attempt, Json, Run
from earmark.run import run_one
from earmark.storage.foreign import own_files
from earmark.storage.run_folder import RunFolder
from earmark.storage.sweep_folder import SweepFolder
from earmark.sweep.logs import log_attempt, log_file
from earmark.sweep.outage import try_tracking
from earmark.sweep.progress import Progress, line
from earmark.sweep.provenance import git_state, versions
from earmark.sweep.store import recorded, session_tracker, tracker_of
from earmark.sweep.worker import end_with_sweep
from earmark.tracking import Tracker

SPARE_RUNS = 2  # beyond those that use up the limits: one begins and one ends
MAX_RUNS_AT_ONCE = 32
MAX_UNREPORTED = 64  # a run that ended is held until those before it are reported


class Session:
    """The sweep that this process runs; runs in worker processes have none.

    Its runs overlap: while one is scored and written to the store, the next ones ask. They share
    the limits of `concurrency`, and are reported in the order in which they were started.
    """

    def __init__(
        self, folder: SweepFolder, tracker: Tracker, progress: Progress, *, runs_at_once: int
    ) -> None:
        self.folder, self.tracker, self.progress = folder, tracker, progress
        self.stopped: dict[str, str] = {}  # folder name -> why
        self.runs: set[str] = set()
        self._abandoned = threading.Event()
        self._pool = ThreadPoolExecutor(runs_at_once, thread_name_prefix="run")
        self._room = threading.Semaphore(runs_at_once)
        self._under_way: deque[tuple[RunConfig, Future[Run | HarnessError]]] = deque()
        self._tracking = ThreadPoolExecutor(1, thread_name_prefix="tracking")
        self._tracked: list[Future[bool]] = []
        self._opening = threading.Lock()
        self._opened = False
        self._slots: dict[tuple[str, int], threading.Semaphore] = {}

    def start(self, config: RunConfig) -> None:
        """Begin a run, once there is room for one more."""
        name = run_folder(config).path.name
        if name in self.runs:
            return
        self.runs.add(name)
        self._room.acquire()
        self._report_ended()
        begun = self._pool.submit(_try_run, config, self)
        begun.add_done_callback(lambda _: self._room.release())
        self._under_way.append((config, begun))

    def wait(self) -> None:
        """Wait until every run has ended and the store has all of them."""
        while self._under_way:
            self._report_first()
        self.open_store()

    def open_store(self) -> None:
        """Bring the sweep to the store now, before workers come to it with their runs."""
        self._open_store()
        self._look_at_tracking(wait=True)

    def abandon(self, *, wait: bool) -> None:
        """Begin nothing more; with `wait` what is under way ends first."""
        self._abandoned.set()
        for pool in (self._pool, self._tracking):
            pool.shutdown(wait=wait, cancel_futures=True)

    def track(self, call: Callable[[], object]) -> None:
        """Make a call to the store, after those before it, while the runs go on."""
        self._open_store()
        self._tracked.append(self._tracking.submit(try_tracking, call))

    def shared(self, parts: Parts, limits: ConcurrencyConfig) -> Parts:
        """The parts of a run with the limits that all runs of this process have together."""
        return replace(
            parts,
            requests=self._slot("requests", limits.requests),
            programs=self._slot("programs", limits.programs),
            scoring=self._slot("scoring", limits.scoring),
            on_phase=self.progress.phase,
        )

    def on_attempt(self, config: RunConfig, attempt: Attempt) -> None:
        """Count an attempt of a run; KeyboardInterrupt where the sweep was abandoned."""
        if self._abandoned.is_set():
            raise KeyboardInterrupt
        self.progress.attempt(attempt, answer=answer_key(config.model, attempt.request))
        self._open_store()

    def _open_store(self) -> None:
        """Bring the sweep to the store, once there is something to show."""
        with self._opening:
            if not self._opened:
                self._opened = True
                call = partial(self.tracker.sweep, self.folder)
                self._tracked.append(self._tracking.submit(try_tracking, call))

    def _slot(self, name: str, count: int) -> threading.Semaphore:
        return self._slots.setdefault((name, count), threading.Semaphore(count))

    def _report_ended(self) -> None:
        """Report the runs before the first that is under way, and raise what no run expects."""
        for _, one in self._under_way:
            if one.done():
                one.result()
        while self._under_way and self._under_way[0][1].done():
            self._report_first()
        while len(self._under_way) >= MAX_UNREPORTED:
            self._report_first()

    def _report_first(self) -> None:
        """Wait for the run that was started first, and say what came of it."""
        config, future = self._under_way.popleft()
        result, folder = future.result(), run_folder(config)
        if isinstance(result, HarnessError):
            self.stopped[folder.path.name] = str(result)
            self.progress.run_stopped(run_key(config))
            _print_stopped(folder, result)
        else:
            self.progress.run_finished(result)
            self.track(lambda: self.tracker.run(folder))
        self._look_at_tracking()

    def _look_at_tracking(self, *, wait: bool = False) -> None:
        """Raise what the store brought to light, such as a damaged run of an earlier start."""
        for one in [one for one in self._tracked if wait or one.done()]:
            self._tracked.remove(one)
            one.result()


_current: list[Session] = []


@contextmanager
def session(config: RunConfig, facts: Json) -> Iterator[Session]:
    """Everything that lasts as long as the runs run.

    Args:
        config: any run of the sweep.
        facts: what sweep.json holds besides versions and start: at least the number of `runs`.
    """
    folder = SweepFolder.named(config.name)
    folder.tidy()
    CompletionStore(Path(config.cassette)).tidy()
    started = {"started": datetime.now(UTC).isoformat(timespec="seconds"), **folder.facts()}
    folder.save_facts({**started, **facts, "versions": versions(), "git": git_state()})
    per_run = len(tasks_of(config)) * config.samples
    progress = Progress(total_runs=facts["runs"], attempts_per_run=per_run)
    overlapping = runs_at_once(config.concurrency, per_run)
    opened = Session(folder, session_tracker(config), progress, runs_at_once=overlapping)
    _current.append(opened)
    progress.start()
    try:
        yield opened
        opened.wait()
    except BaseException as error:
        opened.abandon(wait=isinstance(error, Exception))
        raise
    finally:
        _current.remove(opened)
        progress.stop()
        close()


def runs_at_once(limits: ConcurrencyConfig, attempts_per_run: int) -> int:
    """How many runs overlap, so that none of the limits idles while there are runs to begin."""
    return min(ceil(limits.total / attempts_per_run) + SPARE_RUNS, MAX_RUNS_AT_ONCE)


def run_folder(config: RunConfig) -> RunFolder:
    """The folder of a run."""
    return RunFolder(SweepFolder.named(config.name).path / run_name(config))


def start_job(config: RunConfig) -> None:
    """Begin a run of the session; in a worker process, run it, and the session will count it."""
    if _current:
        _current[-1].start(config)
    else:
        _run_on_worker(config)


def run_job(config: RunConfig) -> Run | None:
    """Run one run and track it.

    A HarnessError ends this run, not the sweep: None, and the session remembers why.
    """
    folder = run_folder(config)
    if _current:
        _current[-1].start(config)
        _current[-1].wait()
        return folder.run() if folder.finished else None
    if (result := _run_on_worker(config)) is not None:  # of a search: no session knows of it
        print(line(result), file=sys.stderr, flush=True)
    return result


def _run_on_worker(config: RunConfig) -> Run | None:
    folder = run_folder(config)
    end_with_sweep()
    result = _try_run(config, None)
    if isinstance(result, HarnessError):
        _print_stopped(folder, result)
        return None
    try_tracking(lambda: tracker_of(config).run(folder))
    return result


def _try_run(config: RunConfig, opened: Session | None) -> Run | HarnessError:
    folder = run_folder(config)
    try:
        own_files(folder.path)  # of a sweep from elsewhere: nothing is written through a link
        with log_file(folder):
            return _run(config, folder, opened)
    except HarnessError as error:
        return error


def _print_stopped(folder: RunFolder, error: HarnessError) -> None:
    # Now, not at the end: a person may want to do something about it.
    reason = printable(f"{folder.path.name}: {error}")
    print(f"run stopped: {reason}", file=sys.stderr, flush=True)


def _run(config: RunConfig, folder: RunFolder, opened: Session | None) -> Run:
    def on_attempt(attempt: Attempt) -> None:
        log_attempt(attempt)
        if opened is not None:
            opened.on_attempt(config, attempt)

    if opened is not None:
        opened.progress.run_started(config_label(config))
    if folder.finished:
        run = folder.run()
        for attempt in run.attempts:
            on_attempt(attempt)
        return run
    design = design_of(config)
    parts = build_parts(config, design)
    if opened is not None:
        parts = opened.shared(parts, config.concurrency)
    return run_one(recorded(config), folder, design=design, parts=parts, on_attempt=on_attempt)
