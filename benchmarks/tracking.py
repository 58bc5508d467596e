"""Measures what a store costs on top of writing files, and how soon a finished sweep is done.

Run it alone on the machine: `python benchmarks/tracking.py`. The peer of one written run is the
same run by MLflow's fluent calls, one at a time, in the same store; rounds take turns. The finished
sweep has 500 drawn runs under a line of 500 points, and is started in a process of its own.
"""

import argparse
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from earmark.storage.run_folder import RunFolder
from earmark.storage.sweep_folder import SweepFolder
from earmark.sweep import resume
from earmark.testing.sweeps import config, make_run, make_sweep
from earmark.tracking import run_content
from earmark.tracking.connection import silence
from earmark.tracking.mlflow_store import MlflowTracker

RUNS = 500


def main() -> int:
    """Print both tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=8)
    rounds = parser.parse_args().rounds
    silence()
    print(f"load {os.getloadavg()[0]:.1f} on {len(os.sched_getaffinity(0))} cores")
    with TemporaryDirectory(prefix="earmark-benchmark-") as place:
        one_run(Path(place), rounds)
        finished_sweep(Path(place))
    return 0


def one_run(root: Path, rounds: int) -> None:
    """A run of 100 attempts: files alone, files and store, the same store by single calls."""
    uri = f"sqlite:///{root}/one.db"
    spent: dict[str, list[float]] = {"files": [], "earmark": [], "one call at a time": []}
    for number in range(rounds + 1):
        sweep = SweepFolder(root / "multirun" / f"round-{number}")
        run = make_run(sweep, config(samples=25), tasks=4)
        tracker = MlflowTracker(uri, str(root / "artifacts"))
        tracker.sweep(
            SweepFolder(root / "multirun" / "none")
        )  # the client is made, the tables are there
        ways: dict[str, Callable[[], object]] = {
            "files": lambda run=run, number=number: write_without_a_store(
                run, root / "plain" / str(number)
            ),  # type: ignore[misc]
            "earmark": lambda tracker=tracker, run=run: tracker.run(run),  # type: ignore[misc]
            "one call at a time": lambda run=run: one_call_at_a_time(uri, run),  # type: ignore[misc]
        }
        for name, way in ways.items():
            began = time.perf_counter()
            way()
            spent[name] += [(time.perf_counter() - began) * 1000] if number else []
    files = median(spent["files"])
    attempts = len(list(run.attempts()))
    print(f"\none run with {attempts} attempts, sqlite, median of {rounds}")
    print(f"{'':24}{'ms':>8}{'beyond files':>14}")
    for name, times in spent.items():
        print(f"{name:24}{median(times):8.0f}{median(times) - files:+14.0f}")


def write_without_a_store(run: RunFolder, into: Path) -> None:
    """What a run's artifacts cost without any store: written to one folder, copied to another."""
    with TemporaryDirectory() as place:
        run_content.write_files(run.run(), run, Path(place))  # the work that is to be taken off
        shutil.copytree(place, into)
    shutil.copytree(run.path / "attempts", into / "attempts")


def one_call_at_a_time(uri: str, run: RunFolder) -> None:
    """The peer: MLflow as its tutorials show it."""
    import mlflow

    record = run.run()
    mlflow.set_tracking_uri(uri)
    mlflow.set_experiment("earmark")
    with TemporaryDirectory() as place, mlflow.start_run():
        run_content.write_files(record, run, Path(place))
        for name, value in run_content.params(record).items():
            mlflow.log_param(name, value)
        for name, number in run_content.metrics(record).items():
            mlflow.log_metric(name, number)
        for name, text in run_content.tags(record).items():
            mlflow.set_tag(name, text)
        mlflow.log_artifacts(place)
        for attempt in (run.path / "attempts").glob("*/*"):
            mlflow.log_artifacts(str(attempt), str(attempt.relative_to(run.path)))


def finished_sweep(root: Path) -> None:
    """Start a finished line of 500 runs again, the store up to date."""
    line = ["model=silence", f"seed=range(0,{RUNS})", "name=big"]
    names = [f"drawn-{number}" for number in range(RUNS)]
    sweep = make_sweep(root, name="big", models=names, tasks=3)
    environment = {**os.environ, "EARMARK_ROOT": str(root), "EARMARK_CACHE": str(root / "cache")}
    environment.pop("MLFLOW_TRACKING_URI", None)  # the peer's set_tracking_uri leaves it behind
    sweep.save_facts(
        resume.note({**sweep.facts(), "runs": RUNS}, line, [run.path.name for run in sweep.runs()])
    )
    spent = []
    for _ in range(4):  # the first writes the runs
        began = time.perf_counter()
        done = subprocess.run(
            [sys.executable, "-m", "earmark.cli", "-m", *line],
            env=environment,
            capture_output=True,
            text=True,
            check=True,
        )
        spent.append(time.perf_counter() - began)
        assert "nothing to do" in done.stderr, done.stderr
    again = f"{median(spent[1:]):.1f} s; with its runs to write: {spent[0]:.0f} s"
    print(f"\na finished sweep of {RUNS} runs, started again: {again}")


if __name__ == "__main__":
    raise SystemExit(main())
