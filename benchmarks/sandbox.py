"""What the sandbox costs: `python benchmarks/sandbox.py [--runs N]`.

In: this machine. Out: a table of bare python (`python -c PROGRAM`, as anybody would start it; then without `site`, barer still), then
cold and warm of each isolation that works here: median and 90th percentile per program; programs per second with one worker and with one
per core; what a warm worker holds in memory; nsjail where it is installed. Ratios are against the first line. The rows take turns, run by
run, so that what else the machine does falls on all alike.
"""

import argparse
import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path

from earmark.records import Limits, Program
from earmark.sandbox import interpreter
from earmark.sandbox.bubblewrap import Namespaces
from earmark.sandbox.probe import why_not
from earmark.sandbox.process import Process
from earmark.sandbox.workers import Workers

PLAIN = "import wave\nwith wave.open('out.wav', 'wb') as f:\n    f.setparams((1, 2, 16000, 0, 'NONE', ''))\n    f.writeframes(bytes(32000))\n"
SYNTHESIS = """
import numpy as np
from scipy import signal
from scipy.io import wavfile
t = np.arange(44100) / 44100
x = signal.lfilter([0.1], [1, -0.9], np.sin(2 * np.pi * 440 * t))
wavfile.write("out.wav", 44100, (x / np.abs(x).max() * 32000).astype(np.int16))
"""
SOURCES = {"stdlib": PLAIN, "numpy+scipy": SYNTHESIS}
KINDS: dict[str, type[Workers]] = {"namespaces": Namespaces, "process": Process}
Run = Callable[[str], None]


def bare(command: list[str]) -> Run:
    """A new interpreter per program, with the same packages and one thread for BLAS as in the sandbox."""
    packages = str(Path(next(iter(interpreter.visible(("numpy",)).values()))).parent)
    environment = {
        "PYTHONPATH": packages,
        "OPENBLAS_NUM_THREADS": "1",
        "PYTHONDONTWRITEBYTECODE": "1",
    }

    def run(source: str) -> None:
        with tempfile.TemporaryDirectory() as place:
            subprocess.run(
                [*command, "-c", source],
                cwd=place,
                check=True,
                capture_output=True,
                env=environment,
            )

    return run


@contextmanager
def sandboxed(kind: type[Workers], *, workers: int, warm: bool) -> Iterator[Run]:
    """Programs through a sandbox; a run that does not end well stops the benchmark."""
    with (
        tempfile.TemporaryDirectory() as place,
        kind(limits=Limits(), workers=workers, warm=warm) as sandbox,
    ):

        def run(source: str) -> None:
            ended = sandbox.run(Program(source), folder=Path(place))
            if ended.exit_code != 0:
                raise SystemExit(f"{kind.isolation}: a benign program failed: {ended.stderr}")

        yield run


def rows(ways: dict[str, Run], runs: int) -> None:
    """Let the ways take turns, after one run each that does not count; print a line per way and program, held against the first way."""
    taken: dict[tuple[str, str], list[float]] = {
        (name, kind): [] for name in ways for kind in SOURCES
    }
    for number in range(runs + 1):
        for (name, kind), times in taken.items():
            started = time.perf_counter()
            ways[name](SOURCES[kind])
            times.extend([(time.perf_counter() - started) * 1000] if number else [])
    for (name, kind), milliseconds in taken.items():
        median, p90 = statistics.median(milliseconds), statistics.quantiles(milliseconds, n=10)[-1]
        base = statistics.median(taken[next(iter(ways)), kind])
        print(
            f"{name:<24}{kind:<14}{median:9.1f}{p90:9.1f}{median - base:+9.1f}{median / base:8.2f}x",
            flush=True,
        )


def memory() -> None:
    """Print what the largest worker of this machine holds, a worker being known by its command."""
    page, held = resource.getpagesize(), [0]
    for path in Path("/proc").glob("[0-9]*"):
        try:
            if b"earmark.sandbox.inside.worker" in (path / "cmdline").read_bytes() and not (
                path / "comm"
            ).read_text().startswith("bwrap"):
                held.append(int((path / "statm").read_text().split()[1]) * page)
        except OSError:
            continue  # ended since it was listed
    print(f"a warm worker holds at most {max(held) / 1024**2:.0f} MiB", flush=True)


def throughput(kind: type[Workers], cores: int, runs: int) -> None:
    """Print programs per second with so many workers."""
    with sandboxed(kind, workers=cores, warm=True) as run, ThreadPoolExecutor(cores) as threads:
        list(threads.map(run, [SYNTHESIS] * cores * 2))
        started = time.perf_counter()
        list(threads.map(run, [SYNTHESIS] * runs))
        print(
            f"{kind.isolation}: {runs / (time.perf_counter() - started):.0f} numpy+scipy programs/s with {cores} warm workers",
            flush=True,
        )


def main() -> int:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=20, help="runs per line (default 20)")
    runs, cores = parser.parse_args().runs, len(os.sched_getaffinity(0))
    print(
        f"load {os.getloadavg()[0]:.1f} on {cores} cores; milliseconds per program; the rows take turns"
    )
    print(f"{'':<24}{'program':<14}{'median':>9}{'p90':>9}{'over':>9}{'ratio':>9}")
    ways = {
        "bare python": bare([sys.executable]),
        "bare python -S": bare([interpreter.executable(), "-S", "-s"]),
    }
    if nsjail := shutil.which("nsjail"):
        ways["nsjail"] = bare(
            [
                nsjail,
                "-Mo",
                "--chroot",
                "/",
                "--rw",
                "-Q",
                "--",
                interpreter.executable(),
                "-S",
                "-s",
            ]
        )
    working = [kind for name, kind in KINDS.items() if why_not(name, Limits()) is None]
    with ExitStack() as stack:
        for kind, warm in ((kind, warm) for kind in working for warm in (False, True)):
            ways[f"{kind.isolation}, {'warm' if warm else 'cold'}"] = stack.enter_context(
                sandboxed(kind, workers=1, warm=warm)
            )
        rows(ways, runs)
        memory()
    for kind in working:
        for workers in (1, cores):
            throughput(kind, workers, runs * 5)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
