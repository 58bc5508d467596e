"""The runs of a sweep in this process: run each, track it, remember which were not finished."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

from earmark.analysis.labels import config_label
from earmark.config.build import close
from earmark.config.compose import run_name
from earmark.config.factory import (
    build_parts,
    design_of,
    tasks_of,
)
from earmark.config.schema import RunConfig
from earmark.errors import HarnessError, printable
from earmark.identity import answer_key
from earmark.models.wrappers.completion_store import CompletionStore
from earmark.records import Attempt, Json, Run
from earmark.run import run_one
from earmark.storage.foreign import own_files
from earmark.storage.run_folder import RunFolder
from earmark.storage.sweep_folder import SweepFolder
from earmark.sweep.logs import log_attempt, log_file
from earmark.sweep.outage import try_tracking
from earmark.sweep.progress import Progress, line
from earmark.sweep.provenance import git_state, versions
from earmark.sweep.store import recorded, tracker_of
from earmark.sweep.worker import end_with_sweep
from earmark.tracking import Tracker


@dataclass
class Session:
    """The sweep that this process runs; runs in worker processes have none."""

    folder: SweepFolder
    tracker: Tracker
    progress: Progress
    stopped: dict[str, str] = field(default_factory=dict)  # folder name -> why
    runs: set[str] = field(default_factory=set)


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
    progress = Progress(
        total_runs=facts["runs"], attempts_per_run=len(tasks_of(config)) * config.samples
    )
    opened = Session(folder, tracker_of(config), progress)
    try_tracking(lambda: opened.tracker.sweep(folder))
    _current.append(opened)
    progress.start()
    try:
        yield opened
    finally:
        _current.remove(opened)
        progress.stop()
        close()


def run_folder(config: RunConfig) -> RunFolder:
    """The folder of a run."""
    return RunFolder(SweepFolder.named(config.name).path / run_name(config))


def run_job(config: RunConfig) -> Run | None:
    """Run one run and track it.

    A HarnessError ends this run, not the sweep: None, and the session remembers why.
    """
    folder = run_folder(config)
    opened = _current[-1] if _current else None
    if opened is not None:
        opened.runs.add(folder.path.name)
    else:
        end_with_sweep()
    try:
        own_files(folder.path)  # of a sweep from elsewhere: nothing is written through a link
        with log_file(folder):
            run = _run(config, folder, opened)
    except HarnessError as error:
        if opened is not None:
            opened.stopped[folder.path.name] = str(error)
        # Now, not at the end: a person may want to do something about it.
        reason = printable(f"{folder.path.name}: {error}")
        print(f"run stopped: {reason}", file=sys.stderr, flush=True)
        return None
    tracker = opened.tracker if opened is not None else tracker_of(config)
    try_tracking(lambda: tracker.run(folder))
    return run


def _run(config: RunConfig, folder: RunFolder, opened: Session | None) -> Run:
    def on_attempt(attempt: Attempt) -> None:
        log_attempt(attempt)
        if opened is not None:
            opened.progress.attempt(attempt, answer=answer_key(config.model, attempt.request))

    if opened is not None:
        opened.progress.run_started(config_label(config))
    if folder.finished:
        run = folder.run()
        for attempt in run.attempts:
            on_attempt(attempt)
    else:
        design = design_of(config)
        parts = build_parts(config, design)
        if opened is not None:
            parts = replace(parts, on_phase=opened.progress.phase)
        run = run_one(recorded(config), folder, design=design, parts=parts, on_attempt=on_attempt)
    if opened is not None:
        opened.progress.run_finished(run)
    else:
        print(line(run), file=sys.stderr, flush=True)
    return run
