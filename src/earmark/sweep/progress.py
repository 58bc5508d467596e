"""What a sweep shows while it runs: a bar on a terminal, elsewhere a line for each run, and one
for every half minute in which nothing else was to be said.

It shows runs, attempts, the share of valid ones, the mean score of each tier, cost and time left.
Safe to call from several threads.
"""

import sys
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from statistics import fmean
from typing import TYPE_CHECKING, TextIO, TypeVar

from earmark.analysis.labels import label
from earmark.errors import counted, printable
from earmark.records import Attempt, Run

if TYPE_CHECKING:
    from rich.progress import Progress as Bar
    from rich.progress import TaskID

T = TypeVar("T")
REPORT_SECONDS = 2.0
HEARTBEAT_SECONDS = 30.0


class Progress:
    """Counts for one sweep; `attempts_per_run` is a guess, or None where strategies decide it."""

    def __init__(
        self, *, total_runs: int, attempts_per_run: int | None = None, stream: TextIO | None = None
    ) -> None:
        self.total_runs, self.attempts_per_run = total_runs, attempts_per_run
        self.stream = stream or sys.stderr
        self.runs = self.attempts = self.valid = self.unpriced = 0
        self._in_run: dict[str, int] = {}  # attempts of the runs under way, by the run's key
        self.cost_usd = 0.0
        self._scores: dict[str, list[float]] = {}  # of finished runs, by tier
        self._counted: set[str] = set()  # keys of attempts, answers and runs
        self._run = self._phase = ""
        self._printed = time.monotonic()
        self._stopped = threading.Event()
        self._bar: Bar | None = None
        self._task: TaskID | None = None
        self._started = time.monotonic()
        self._lock = threading.Lock()

    @property
    def mean_scores(self) -> dict[str, float]:
        """Mean headline score of the finished runs of each tier: tiers have no common scale."""
        return {tier: fmean(scores) for tier, scores in self._scores.items()}

    def start(self) -> None:
        """Show the bar where there is a terminal, else say at times that all goes on."""
        self._started = time.monotonic()
        if not self.stream.isatty():
            threading.Thread(target=self._beat, daemon=True).start()
            return
        from rich.console import Console
        from rich.progress import BarColumn, TextColumn
        from rich.progress import Progress as Bar

        self._bar = Bar(
            TextColumn("{task.description}"),
            BarColumn(bar_width=24),
            TextColumn("{task.fields[facts]}"),
            console=Console(file=self.stream),
        )
        self._task = self._bar.add_task("starting", total=self.total_runs, facts="")
        self._bar.start()

    def stop(self) -> None:
        """Leave the terminal as it was; safe to call twice."""
        self._stopped.set()
        if self._bar is not None:
            self._bar.stop()
        self._bar = None

    def run_started(self, name: str) -> None:
        """A run begins; `name` is what a person calls it."""
        with self._lock:
            self._run, self._phase = name, ""
            self._show(name)

    def phase(self, words: str) -> None:
        """What takes its time just now: `making baselines, 12 of 60`."""
        with self._lock:
            self._phase = words
            self._show(words)
            if self._bar is None and time.monotonic() - self._printed > REPORT_SECONDS:
                self._print(words)

    def heartbeat(self) -> str:
        """That the sweep goes on, and how far it is, in one line."""
        if self.runs >= self.total_runs:
            return f"writing the last runs to the store | {self.facts()}"
        under_way, made = len(self._in_run), sum(self._in_run.values())
        whole = (self.attempts_per_run or 0) * max(under_way, 1)
        attempts = f"{made} of {whole} attempts" if whole else f"{made} attempts"
        name = f"{under_way} runs" if under_way > 1 else self._run or "starting"
        return f"{name}: {self._phase or attempts} | {self.facts()}"

    def _beat(self) -> None:
        while not self._stopped.wait(HEARTBEAT_SECONDS / 10):
            with self._lock:
                if time.monotonic() - self._printed > HEARTBEAT_SECONDS:
                    self._print(self.heartbeat())

    def _print(self, text: str) -> None:
        print(text, file=self.stream, flush=True)
        self._printed = time.monotonic()

    def attempt(self, attempt: Attempt, *, answer: str) -> None:
        """An attempt was made, or found; `answer` names its answer, which other runs may share."""
        with self._lock:
            if attempt.key in self._counted:
                return
            self.attempts += 1
            self._in_run[attempt.run] = self._in_run.get(attempt.run, 0) + 1
            self.valid += attempt.valid
            if attempt.completion is not None and answer not in self._counted:
                self.cost_usd += attempt.completion.cost_usd or 0.0
                self.unpriced += attempt.completion.cost_usd is None
            self._counted |= {attempt.key, answer}
            self._show(None)

    def run_stopped(self, key: str) -> None:
        """A run has ended without its scores."""
        with self._lock:
            self._in_run.pop(key, None)

    def run_finished(self, run: Run) -> None:
        """A run has its scores."""
        with self._lock:
            self._in_run.pop(run.key, None)
            self._phase = ""
            if run.key in self._counted:
                return
            self._counted.add(run.key)
            self.runs += 1
            score = run.scores.get(run.config.embedder.name)
            if score is not None:
                self._scores.setdefault(run.config.tier.name, []).append(score)
            self._show(None)
            if self._bar is None:
                self._print(f"{line(run)} | {self.facts()}")

    def facts(self) -> str:
        """The counts in one line."""
        share = f"{self.valid / self.attempts:.0%} valid" if self.attempts else "none valid yet"
        means = [f", mean {mean:.3f} on {tier}" for tier, mean in self.mean_scores.items()]
        cost = f"${self.cost_usd:.4f}" + (f" and {self.unpriced} unpriced" if self.unpriced else "")
        parts = [
            f"{self.runs}/{self.total_runs} runs",
            f"{counted(self.attempts, 'attempt')}, {share}{''.join(means)}",
            cost,
        ]
        left = self.seconds_left()
        return ", ".join([*parts, *([f"{_clock(left)} left"] if left is not None else [])])

    def seconds_left(self) -> float | None:
        """Time left at the pace so far; None before the first run and after the last."""
        done = self.runs + self._part()
        if done <= 0 or self.runs >= self.total_runs:
            return None
        return (time.monotonic() - self._started) / done * (self.total_runs - done)

    def _part(self) -> float:
        if not self.attempts_per_run or self.runs >= self.total_runs:
            return 0.0
        return sum(min(count / self.attempts_per_run, 1.0) for count in self._in_run.values())

    def _show(self, name: str | None) -> None:
        if self._bar is None or self._task is None:
            return
        if name is not None:
            self._bar.update(self._task, description=name)
        self._bar.update(
            self._task, completed=min(self.runs + self._part(), self.total_runs), facts=self.facts()
        )


def print_facts(facts: Mapping[str, str]) -> None:
    """Print names and values, one to a line."""
    for name, value in facts.items():
        print(f"{name:24} {value}", file=sys.stderr, flush=True)


def print_phase(words: str) -> None:
    """Say on stderr what takes its time before the first run."""
    print(f"{words} …", file=sys.stderr, flush=True)


def report(items: Sequence[T], done: str) -> Iterator[T]:
    """The items, with a line on stderr every few seconds: `estimated 60 of 252 runs`."""
    printed = time.monotonic()
    for count, item in enumerate(items):
        if time.monotonic() - printed > REPORT_SECONDS:
            print(f"{done} {count} of {counted(len(items), 'run')}", file=sys.stderr, flush=True)
            printed = time.monotonic()
        yield item


@contextmanager
def progress(
    *, total_runs: int, attempts_per_run: int | None = None, stream: TextIO | None = None
) -> Iterator[Progress]:
    """A Progress that is started, and stopped whatever happens."""
    shown = Progress(total_runs=total_runs, attempts_per_run=attempts_per_run, stream=stream)
    shown.start()
    try:
        yield shown
    finally:
        shown.stop()


def line(run: Run) -> str:
    """A finished run in one line."""
    return printable(f"{label(run)}: {_result(run)}")


def _result(run: Run) -> str:
    name = run.config.embedder.name
    score = (
        f"{name} {run.scores[name]:.3f}"
        if name in run.scores
        else f"{name} not scored ({run.unscored.get(name, 'no reason given')})"
    )
    return f"{score}, {run.scores.get('valid_rate', 0.0):.0%} valid"


def _clock(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{rest:02d}" if hours else f"{minutes}:{rest:02d}"
