"""What the sandbox costs: `python benchmarks/sandbox.py [--runs N]`.

Prints a table with the median and the 90th percentile per program: bare python (`python -c
PROGRAM`, then without `site`), then cold and warm for each isolation that works here, and nsjail
where it is installed. Ratios are against the first line. A second table has programs of each
package that the limits list against one of the standard library, in a warm worker; what a program
computes itself is then taken off both (`beyond`): the rest is the package's cost. Below it stand
programs per second with one worker and with one per core, and what a warm worker holds in memory.
The ways take turns, run by run, so that whatever else the machine does slows all alike.
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
from contextlib import ExitStack, chdir, contextmanager
from pathlib import Path

from earmark.records import Limits, Program
from earmark.sandbox import interpreter
from earmark.sandbox.bubblewrap import Namespaces
from earmark.sandbox.pool import WorkerPool
from earmark.sandbox.probe import problem_with
from earmark.sandbox.process import Process

PLAIN = """
import wave
with wave.open("out.wav", "wb") as f:
    f.setparams((1, 2, 16000, 0, "NONE", ""))
    f.writeframes(bytes(32000))
"""
SYNTHESIS = """
import numpy as np
from scipy import signal
from scipy.io import wavfile
t = np.arange(44100) / 44100
x = signal.lfilter([0.1], [1, -0.9], np.sin(2 * np.pi * 440 * t))
wavfile.write("out.wav", 44100, (x / np.abs(x).max() * 32000).astype(np.int16))
"""
SOUNDFILE = """
import numpy as np
import soundfile as sf
t = np.arange(44100) / 44100
sf.write("out.wav", 0.5 * np.sin(2 * np.pi * 440 * t), 44100)
"""
SOURCES = {"stdlib": PLAIN, "numpy+scipy": SYNTHESIS, "numpy+soundfile": SOUNDFILE}
NUMPY = "import numpy as np\n"
# What a program of each listed package costs against one of the standard library, by import alone
# and with a second of sound computed; the file is written as the standard library's is, or by it.
BESIDE = {
    "stdlib": PLAIN,
    "numpy": NUMPY + PLAIN,
    "numpy, a tone": f"{NUMPY}np.sin(np.arange(44100) / 16)\n{PLAIN}",
    "numpy, noise and fft": f"{NUMPY}x = np.random.default_rng(0).standard_normal(44100)\n"
    f"np.fft.irfft(np.fft.rfft(x))\n{PLAIN}",
    "scipy.signal": f"import scipy.signal\n{PLAIN}",
    "scipy.signal, filters": f"{NUMPY}from scipy import signal\n"
    'sos = signal.butter(4, [200, 2000], "band", fs=44100, output="sos")\n'
    f"signal.sosfilt(sos, np.ones(44100))\n{PLAIN}",
    "scipy.signal, fftconvolve": f"{NUMPY}from scipy.signal import fftconvolve\n"
    f"fftconvolve(np.ones(44100), np.ones(1000))\n{PLAIN}",
    "scipy.io.wavfile": f"{NUMPY}from scipy.io import wavfile\n"
    'wavfile.write("out.wav", 44100, np.zeros(44100, np.int16))\n',
    "soundfile": SOUNDFILE,
}
KINDS: dict[str, type[WorkerPool]] = {"namespaces": Namespaces, "process": Process}
Run = Callable[[str], None]


def bare(command: list[str]) -> Run:
    """A new interpreter per program, with the packages and the one BLAS thread of the sandbox."""
    packages = str(Path(next(iter(interpreter.package_paths(("numpy",)).values()))).parent)
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
def sandboxed(kind: type[WorkerPool], *, workers: int, warm: bool) -> Iterator[Run]:
    """Programs through a sandbox; a run that does not end well stops the benchmark."""
    with (
        tempfile.TemporaryDirectory() as place,
        kind(limits=Limits(), workers=workers, warm=warm) as sandbox,
    ):

        def run(source: str) -> None:
            ended = sandbox.execute(Program(source), folder=Path(place))
            if ended.exit_code != 0:
                raise SystemExit(f"{kind.isolation}: a benign program failed: {ended.stderr}")

        yield run


def rows(ways: dict[str, Run], runs: int) -> None:
    """Let the ways take turns, and print a line per way and program, with ratios to the first way.

    The first run of each does not count.
    """
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
        ratio = f"{median - base:+9.1f}{median / base:8.2f}x"
        print(f"{name:<24}{kind:<17}{median:9.1f}{p90:9.1f}{ratio}", flush=True)


def against_standard_library(run: Run, runs: int) -> None:
    """Print what programs of each package take in a warm worker, as a ratio to the first."""
    taken: dict[str, list[float]] = {name: [] for name in BESIDE}
    for number in range(runs + 1):
        for name, source in BESIDE.items():
            started = time.perf_counter()
            run(source)
            taken[name] += [(time.perf_counter() - started) * 1000] if number else []
    columns = "".join(f"{column:>9}" for column in ("median", "ratio", "itself", "beyond"))
    print(f"\n{'against the standard library':<41}{columns}")
    base, base_itself = statistics.median(taken["stdlib"]), itself(PLAIN, runs)
    for name, milliseconds in taken.items():
        median, own = statistics.median(milliseconds), itself(BESIDE[name], runs)
        beyond = (median - own) / (base - base_itself)
        print(f"{name:<41}{median:9.1f}{median / base:8.2f}x{own:9.1f}{beyond:8.2f}x", flush=True)


def itself(source: str, runs: int) -> float:
    """Milliseconds of a program's own work: in this process, where all is imported by then."""
    code, taken = compile(source, "program.py", "exec"), []
    with tempfile.TemporaryDirectory() as place, chdir(place):
        for _ in range(runs + 1):
            started = time.perf_counter()
            exec(code, {"__name__": "__main__"})
            taken.append((time.perf_counter() - started) * 1000)
    return statistics.median(taken[1:])


def memory() -> None:
    """Print what the largest worker of this machine holds; a worker is known by its command."""
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


def throughput(kind: type[WorkerPool], cores: int, runs: int) -> None:
    """Print programs per second with so many workers."""
    with sandboxed(kind, workers=cores, warm=True) as run, ThreadPoolExecutor(cores) as threads:
        list(threads.map(run, [SYNTHESIS] * cores * 2))
        started = time.perf_counter()
        list(threads.map(run, [SYNTHESIS] * runs))
        rate = runs / (time.perf_counter() - started)
        text = f"{rate:.0f} numpy+scipy programs/s with {cores} warm workers"
        print(f"{kind.isolation}: {text}", flush=True)


def main() -> int:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=20, help="runs per line (default 20)")
    runs, cores = parser.parse_args().runs, len(os.sched_getaffinity(0))
    load = os.getloadavg()[0]
    print(f"load {load:.1f} on {cores} cores; milliseconds per program; the ways take turns")
    print(f"{'':<24}{'program':<17}{'median':>9}{'p90':>9}{'over':>9}{'ratio':>9}")
    ways = {
        "bare python": bare([sys.executable]),
        "bare python -S": bare([interpreter.executable(), "-S", "-s"]),
    }
    if nsjail := shutil.which("nsjail"):
        options = ["-Mo", "--chroot", "/", "--rw", "-Q", "--"]
        ways["nsjail"] = bare([nsjail, *options, interpreter.executable(), "-S", "-s"])
    working = [kind for name, kind in KINDS.items() if problem_with(name, Limits()) is None]
    with ExitStack() as stack:
        for kind, warm in ((kind, warm) for kind in working for warm in (False, True)):
            ways[f"{kind.isolation}, {'warm' if warm else 'cold'}"] = stack.enter_context(
                sandboxed(kind, workers=1, warm=warm)
            )
        rows(ways, runs)
        for kind in working:
            against_standard_library(ways[f"{kind.isolation}, warm"], runs)
        memory()
    for kind in working:
        for workers in (1, cores):
            throughput(kind, workers, runs * 5)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
