"""What `earmark doctor` sees of the tracking store and of the runs that it should hold."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from earmark import paths
from earmark.errors import EarmarkError, HarnessError, TrackingUnavailable, printable
from earmark.storage.sweep_folder import all_sweeps
from earmark.tracking import health
from earmark.tracking.mlflow_store import MlflowTracker
from earmark.tracking.problems import Problem


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at: does it work, what was seen, what to do."""

    area: str
    name: str
    works: bool
    seen: str
    hint: str = ""


def broken(area: str, name: str, error: EarmarkError) -> Finding:
    """What does not work, and why."""
    seen, _, hint = str(error).partition("; ")
    return Finding(area, name, False, seen, hint)


def look_at_store(tracker: MlflowTracker) -> list[Finding]:
    """Does the store answer, and does it hold what the folders hold?"""
    return list(_findings(tracker))


def _findings(tracker: MlflowTracker) -> Iterator[Finding]:
    try:
        yield Finding("store", "mlflow", True, tracker.reachable())
    except TrackingUnavailable as error:
        yield broken("store", "mlflow", error)
    damaged = list(_damaged())
    yield from damaged
    try:
        for one in _problems(tracker):
            yield Finding("runs", one.kind, False, one.message, one.hint)
    except TrackingUnavailable:
        pass  # the finding above says so
    except HarnessError as error:
        if not damaged:  # else it is one of those above
            yield broken("runs", "damaged", error)
    yield Finding("folder", "root", True, f"multirun/, mlflow.db and mlruns/ are in {paths.root()}")


def _damaged() -> Iterator[Finding]:
    """Finished runs that cannot be read whole, their attempts included."""
    for sweep in all_sweeps():
        for run in sweep.finished_runs():
            try:
                run.run()
            except HarnessError as error:
                yield broken("runs", "damaged", error)


def _problems(tracker: MlflowTracker) -> list[Problem]:
    # Linux has it; elsewhere a network's file system looks like a disk.
    mounts = Path("/proc/mounts")
    text = mounts.read_text(encoding="utf-8") if mounts.is_file() else ""
    return health.find_problems(tracker, all_sweeps(), mounts=text)


def mend_store(tracker: MlflowTracker) -> int:
    """Mend until a look finds nothing new to mend. Returns 0, or 1 when something is left."""
    before: list[Problem] = []
    problems = _problems(tracker)
    while problems and problems != before:
        for one in problems:
            print(printable(f"mending  {one.kind:12} {one.message}", keep="\n"), flush=True)
        health.mend(tracker, problems)
        before, problems = problems, _problems(tracker)
    for one in problems:
        print(printable(f"left     {one.kind:12} {one.message}; {one.hint}", keep="\n"))
    if not problems:
        print("the store holds what the folders hold")
    return 1 if problems else 0
