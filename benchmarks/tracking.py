"""Measures what a store costs on top of writing files, and how soon a finished sweep is done.

Run it alone on the machine: `python benchmarks/tracking.py`. The peer of one written run is the
same run by MLflow's fluent calls, one at a time, in the same store; rounds take turns. A large
store is searched as MLflow's pages do. The finished sweep has 500 drawn runs under a line of 500
points, and is started in a process of its own.
"""

import argparse
import os
import shutil
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from earmark.config.schema import ModelConfig
from earmark.storage.run_folder import RunFolder
from earmark.storage.sweep_folder import SweepFolder
from earmark.sweep import resume
from earmark.testing.sweeps import config, make_run, make_sweep
from earmark.tracking import run_content
from earmark.tracking.connection import silence
from earmark.tracking.mlflow_store import MlflowTracker

RUNS = 500
WITH_TRACES = config(samples=25)
HUNDRED = replace(WITH_TRACES, tracking=replace(WITH_TRACES.tracking, traces=False))


def main() -> int:
    """Print what was measured."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=8)
    parser.add_argument("--attempts", type=int, default=10_000, help="in the large store")
    parser.add_argument("--brief", action="store_true", help="leave out the finished sweep")
    args = parser.parse_args()
    silence()
    print(f"load {os.getloadavg()[0]:.1f} on {len(os.sched_getaffinity(0))} cores")
    with TemporaryDirectory(prefix="earmark-benchmark-") as place:
        one_run(Path(place), args.rounds)
        many(Path(place), args.attempts)
        if not args.brief:
            finished_sweep(Path(place))
    return 0


def one_run(root: Path, rounds: int) -> None:
    """A run of 100 attempts: files alone, with a store, and the store by single calls."""
    uri = f"sqlite:///{root}/one.db"
    tracker = MlflowTracker(uri, str(root / "artifacts"))
    tracker.sweep(SweepFolder(root / "multirun" / "none"))  # the tables are there
    spent: dict[str, list[tuple[float, float]]] = defaultdict(list)
    for number in range(rounds + 1):
        bare = make_run(SweepFolder(root / "multirun" / f"bare-{number}"), HUNDRED, tasks=4)
        run = make_run(SweepFolder(root / "multirun" / f"round-{number}"), WITH_TRACES, tasks=4)
        ways: dict[str, Callable[[], object]] = {
            "files": partial(write_without_a_store, run, root / "plain" / str(number)),
            "without traces": partial(tracker.run, bare),
            "with traces": partial(tracker.run, run),
            "one call at a time": partial(one_call_at_a_time, uri, run),
        }
        for name, way in ways.items():
            began, worked = time.perf_counter(), time.process_time()
            way()
            took = (time.perf_counter() - began, time.process_time() - worked)
            spent[name] += [took] if number else []  # the first round imports
    files = median(seconds for seconds, _ in spent["files"])
    attempts = len(list(run.attempts()))
    print(f"\none run with {attempts} attempts, sqlite, median of {rounds}")
    print(f"{'':24}{'seconds':>8}{'beyond files':>14}{'processor':>11}")
    for name, times in spent.items():
        seconds, processor = (median(each) for each in zip(*times, strict=True))
        print(f"{name:24}{seconds:8.2f}{seconds - files:+14.2f}{processor:11.2f}")


def many(root: Path, attempts: int) -> None:
    """A store with many attempts: writing them, and the searches behind MLflow's pages."""
    from mlflow import MlflowClient

    uri = f"sqlite:///{root}/many.db"
    sweep = SweepFolder(root / "multirun" / "many")
    runs = max(attempts // 100, 1)
    sweep.save_facts({"runs": runs})
    for number in range(runs):
        make_run(sweep, replace(WITH_TRACES, model=ModelConfig(f"drawn-{number}")), tasks=4)
    began = time.perf_counter()
    MlflowTracker(uri, str(root / "artifacts")).sweep(sweep)
    print(f"\n{runs} runs, {attempts} attempts: written in {time.perf_counter() - began:.0f} s")
    client = MlflowClient(uri)
    experiment = client.get_experiment_by_name("earmark")
    assert experiment is not None
    place = [experiment.experiment_id]
    one = client.search_runs(place, "tags.`earmark.kind` = 'run'", max_results=1)[0].info.run_id
    pages: dict[str, Callable[[], object]] = {
        "traces, a page": lambda: client.search_traces(
            locations=place, max_results=25, include_spans=False
        ),
        "traces of one run": lambda: client.search_traces(
            locations=place, run_id=one, max_results=500, include_spans=False
        ),
        "failures, a page": lambda: client.search_traces(
            locations=place,
            filter_string="trace.status = 'ERROR'",
            max_results=25,
            include_spans=False,
        ),
        "runs": lambda: client.search_runs(place, max_results=100),
    }
    for name, page in pages.items():
        began = time.perf_counter()
        page()
        print(f"{name:24}{time.perf_counter() - began:8.2f} s")


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
