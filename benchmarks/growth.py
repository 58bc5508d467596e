"""How time and memory grow with the attempts of a sweep: `python benchmarks/growth.py [N ...]`.

For each N (1,000 and 10,000 where none is given; 100,000 takes an hour and 12 GB, and multiplied.py
makes it in minutes) it makes a sweep of N attempts in runs of 500 by the project's own writer, a
model and a sandbox that take no time. Then each step runs in a process of its own, and a line says
what it takes for an attempt, its peak of memory, and both against the N before. `append` also says
how much longer an attempt takes in the last tenth than in the first, of the sweep and of a lone run
of N attempts; the finished line is started twice, as the first time it has something to conclude.
"""

import argparse
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

# A step is told apart by its peak of memory, so what it needs is imported by it alone.
if TYPE_CHECKING:
    from earmark.config.schema import RunConfig
    from earmark.pipeline import Design, Parts
    from earmark.records import Completion, Execution, Program, Request
    from earmark.storage.sweep_folder import SweepFolder

TASKS, SAMPLES = 50, 10
PER_RUN = TASKS * SAMPLES
TIERS = ("notes", "environment", "speech")
LINE = ["model=silence", "name=big"]
SOURCE = "import numpy as np\nt = np.arange(44100)\n" + "# what the sound is made of\n" * 50
PROMPT = "Write a Python program that makes the sound below. " * 40
VALID_OF = 4  # one program in so many leaves a sound: a spectrogram costs more than all the rest
SCORES = tuple(f"number_{at}" for at in range(24))


@dataclass(frozen=True)
class Instant:
    """A model and a sandbox that answer at once; `clip` is the sound that some programs leave."""

    clip: Path | None

    isolation = "none"

    @property
    def identity(self) -> dict[str, str]:
        """What decides the answers."""
        return {"name": "instant"}

    @property
    def limits(self) -> object:
        """The usual limits."""
        from earmark.records import Limits

        return Limits()

    def complete(self, request: "Request") -> "Completion":
        """The same program with a comment of its own."""
        from earmark.records import Completion

        text = f"Here it is.\n```python\n# {request.task_id} {request.sample}\n{SOURCE}\n```\n"
        asked = request.sampling
        return Completion(text, "instant", "stop", 900, 700, 1.0, 0.001, asked, asked)

    def execute(self, program: "Program", *, folder: Path) -> "Execution":
        """A link to the clip, or no file."""
        from earmark.records import Execution

        task, sample = program.source.split()[1:3]
        number = int(task.removeprefix("tone_")) + int(sample)
        wav = None
        if self.clip is not None and number % VALID_OF == 0:
            wav = folder / "out.wav"
            folder.mkdir(parents=True, exist_ok=True)
            wav.unlink(missing_ok=True)
            os.link(self.clip, wav)
        return Execution(
            *("exit", 0, "done\n", "", 0.2, 0.1, 2**20, "none", "file" if wav else "missing"),
            wav=str(wav) if wav else None,
        )

    def close(self) -> None:
        """Nothing to release."""


class Drawn:
    """Scores that mean nothing, as many as a real clip has."""

    def score(self, clip: object, task: object) -> object:  # noqa: ARG002  a ClipMetric's arguments
        """One number of many digits for each name."""
        from earmark.records import Scores
        from earmark.testing.sweeps import HEADLINE

        number = time.perf_counter() % 1
        return Scores({name: number for name in (HEADLINE, *SCORES)})


def design(run: str, tasks: int, samples: int) -> "Design":
    """What a run asks."""
    from earmark.pipeline import Design
    from earmark.records import Sampling, Task
    from earmark.testing.sweeps import LastValid

    asked = tuple(
        Task(f"tone_{at:02}", "notes", f"a steady tone, number {at}", PROMPT, 0.5)
        for at in range(tasks)
    )
    return Design(run, asked, samples, LastValid(), Sampling(temperature=0.5), seed=0)


def parts(place: Path) -> "Parts":
    """What does the work of a run, in no time."""
    from earmark.pipeline import Parts
    from earmark.testing.audio import tone, wav16

    clip = place / "clip.wav"
    clip.write_bytes(wav16(tone(seconds=0.5)))
    instant = Instant(clip)
    return Parts(instant, instant, metrics=[Drawn()])  # type: ignore[arg-type,list-item]  # enough


def configs(attempts: int) -> "Iterator[RunConfig]":
    """A configuration for each run of the sweep."""
    from earmark.testing.sweeps import config

    for number in range(max(1, attempts // PER_RUN)):
        tier = TIERS[number % len(TIERS)]
        yield config(model=f"drawn-{number // len(TIERS):03}", tier=tier, samples=SAMPLES)


def append(sweep: "SweepFolder", attempts: int) -> None:
    """Make the sweep; print how the last attempts compare with the first."""
    from earmark.analysis.summary import summarise
    from earmark.identity import run_key
    from earmark.records import Run
    from earmark.run import run_episodes
    from earmark.storage.run_folder import RunFolder
    from earmark.testing.sweeps import FACTS, FLOOR, HEADLINE

    sweep.save_facts({"runs": attempts // PER_RUN, "overrides": LINE})
    work = parts(sweep.path.parent)
    spent = []
    for config in configs(attempts):
        key = run_key(config)
        folder = RunFolder(sweep.path / f"{config.model.name}-{config.tier.name}-{key}")
        made = []
        began = time.process_time()
        for one in run_episodes(design(key, TASKS, SAMPLES), parts=work, folder=folder):
            made.append(one)
            now = time.process_time()
            spent.append(now - began)
            began = now
        run = Run(key, sweep.name, config, tuple(made), facts=FACTS)
        run = summarise(
            run, strategy=design(key, 1, 1).strategy, headline=HEADLINE, floor=FLOOR, set_metrics=()
        )
        folder.save_run(run)
    print(f"of the sweep {last_by_first(spent):.2f}", end=", ")
    print(f"of a lone run {last_by_first(list(lone(sweep.path.parent, attempts, work))):.2f}")


def lone(place: Path, attempts: int, work: "Parts") -> Iterator[float]:
    """Processor seconds of each attempt of one run of so many, which leave no sound."""
    from earmark.run import run_episodes
    from earmark.storage.run_folder import RunFolder

    with TemporaryDirectory(dir=place) as folder:
        asked = design("lone", TASKS, attempts // TASKS)
        silent = replace(work, sandbox=Instant(None))  # type: ignore[arg-type]  # as in parts
        began = time.process_time()
        for _ in run_episodes(asked, parts=silent, folder=RunFolder(Path(folder) / "lone")):
            now = time.process_time()
            yield now - began
            began = now


def last_by_first(spent: list[float]) -> float:
    """Mean of the last tenth by that of the first; the very first imports."""
    tenth = max(1, len(spent) // 10)
    return sum(spent[-tenth:]) / sum(spent[tenth // 2 : tenth + tenth // 2])


def again(sweep: "SweepFolder", attempts: int) -> None:  # noqa: ARG001  as every step
    """Note that a line made the sweep, and start it."""
    from earmark import cli
    from earmark.sweep import resume

    names = [run.path.name for run in sweep.runs()]
    if not resume.complete_runs(sweep, LINE):
        sweep.save_facts(resume.note(sweep.facts(), LINE, names))
    raise SystemExit(cli.main(LINE))


def export(sweep: "SweepFolder", attempts: int) -> None:  # noqa: ARG001  as every step
    """Attempts and runs as Parquet and CSV."""
    from earmark.report import export_files as data

    data.export(sweep, sweep.path / "export")


def page(sweep: "SweepFolder", attempts: int) -> None:  # noqa: ARG001  as every step
    """The listening page."""
    from earmark.report import write_leaderboard

    print(f"{write_leaderboard(sweep).stat().st_size / 1e6:.1f} MB")


def sync(sweep: "SweepFolder", attempts: int) -> None:  # noqa: ARG001  as every step
    """An empty sqlite store is brought to the sweep."""
    from earmark.storage.urls import sqlite_url
    from earmark.tracking.connection import silence
    from earmark.tracking.mlflow_store import MlflowTracker

    silence()
    root = sweep.path.parents[1]
    MlflowTracker(sqlite_url(root / "mlflow.db"), str(root / "mlruns" / "artifacts")).sweep(sweep)


STEPS: dict[str, Callable[["SweepFolder", int], None]] = {
    "append": append,
    "export": export,
    "page": page,
    "sync": sync,
    "finished line": again,
    "the same again": again,
}


def measure(step: str, root: Path, attempts: int) -> tuple[float, float, str]:
    """Processor seconds, peak in MB and the last word of one step in a process of its own."""
    line = [sys.executable, __file__, "--step", step, "--root", str(root), str(attempts)]
    environment = {**os.environ, "EARMARK_ROOT": str(root), "EARMARK_CACHE": str(root / "cache")}
    environment["MLFLOW_TRACKING_URI"] = f"sqlite:///{root}/mlflow.db"
    with (root / "said.txt").open("w+") as said:
        began = time.perf_counter()
        process = subprocess.Popen(line, env=environment, stdout=said, stderr=said)
        _, status, usage = os.wait4(process.pid, 0)
        wall_seconds = time.perf_counter() - began
        process.returncode = os.waitstatus_to_exitcode(status)
        said.seek(0)
        lines = said.read().splitlines() or [""]
    if process.returncode:
        raise SystemExit(f"{step}: {' / '.join(lines[-5:])}")
    seconds, words = usage.ru_utime + usage.ru_stime, f"{wall_seconds:.0f} s by the clock"
    if step in ("append", "page"):
        words = f"{words}, {lines[-1]}"
    return seconds, usage.ru_maxrss / 1024, words


def main() -> int:
    """Print the table, or do one step."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("attempts", nargs="*", type=int, default=[1_000, 10_000])
    parser.add_argument("--root", type=Path, help="a folder to work in, kept; a new one else")
    parser.add_argument("--step", choices=STEPS, help=argparse.SUPPRESS)
    parser.add_argument("--only", choices=STEPS, nargs="*", default=list(STEPS))
    args = parser.parse_args()
    if args.step:
        from earmark.storage.sweep_folder import SweepFolder

        STEPS[args.step](SweepFolder(args.root / "multirun" / "big"), args.attempts[0])
        return 0
    print(f"load {os.getloadavg()[0]:.1f} on {len(os.sched_getaffinity(0))} cores")
    heads = f"{'seconds':>9}{'ms each':>9}{'ratio':>7}{'peak MB':>9}{'ratio':>7}"
    print(f"{'attempts':>9}  {'step':<16}{heads}")
    before: dict[str, tuple[float, float]] = {}
    with TemporaryDirectory(prefix="earmark-growth-") as place:
        for attempts in args.attempts:
            root = (args.root or Path(place)) / str(attempts)
            root.mkdir(parents=True, exist_ok=True)
            for step in args.only:
                seconds, peak_mb, words = measure(step, root, attempts)
                each = 1000 * seconds / attempts
                ratios = [f"{'':>7}"] * 2
                if step in before:
                    ratios = [
                        f"{now / then:7.2f}"
                        for now, then in zip((each, peak_mb), before[step], strict=True)
                    ]
                before[step] = each, peak_mb
                line = f"{seconds:9.1f}{each:9.3f}{ratios[0]}{peak_mb:9.0f}{ratios[1]}"
                print(f"{attempts:9,}  {step:<16}{line}  {words}", flush=True)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
