"""What launching a run costs besides the run itself: `python benchmarks/launching.py [RUNS]`.

The same grid of runs that do nothing, by Hydra's own sweeper and by ours, each in a process of its
own: milliseconds of a run, and kilobytes that are still held of it when the last one begins, as
ratios to Hydra's. Hydra composes each run anew (and once more before the first begins, which is not
counted), and keeps two configurations of it to the end.
"""

import gc
import os
import subprocess
import sys
import time
import tracemalloc
from tempfile import TemporaryDirectory

from earmark.config.grid import compose_grid
from earmark.config.jobs import run_jobs
from earmark.config.schema import RunConfig

FIXED = ("model=silence", "tier=notes", "embedder=none", "reference=none", "tracking=none")
RUNS, WARM = 100, 10  # those before the warm ones are past hold what is made at the first call


def main() -> int:
    """Print the table, or measure one sweeper in this process."""
    if len(sys.argv) > 2:
        return measure(sys.argv[1], int(sys.argv[2]))
    runs = sys.argv[1] if len(sys.argv) > 1 else str(RUNS)
    floors: list[float] = []
    print(f"{'':12}{'ms a run':>10}{'ratio':>8}{'kB held of a run':>18}{'ratio':>8}")
    for name in ("Hydra's", "ours"):
        with TemporaryDirectory(prefix="earmark-launching-") as root:
            command = [sys.executable, __file__, name, runs]
            environment = {**os.environ, "EARMARK_ROOT": root}
            printed = subprocess.check_output(command, env=environment, text=True)
        milliseconds, kilobytes = map(float, printed.split()[-2:])
        floors = floors or [milliseconds, kilobytes]
        ratios = milliseconds / floors[0], kilobytes / floors[1]
        print(f"{name:12}{milliseconds:10.1f}{ratios[0]:8.2f}{kilobytes:18.1f}{ratios[1]:8.2f}")
    return 0


def measure(sweeper: str, runs: int) -> int:
    """Launch a grid twice, for its time and for its memory; print both for a run."""
    seeds = tuple(f"seed={number}" for number in range(runs))
    words = ["-m", *FIXED, f"seed={','.join(map(str, range(runs)))}"]

    def launch() -> None:
        points = compose_grid(FIXED, (seeds,)) if sweeper == "ours" else ()
        began.clear()
        held.clear()
        run_jobs(words, note, points=points)

    began: list[float] = []
    held: list[int] = []

    def note(_: RunConfig) -> None:
        began.append(time.perf_counter())
        if tracemalloc.is_tracing() and len(began) in (WARM, runs):
            gc.collect()
            held.append(tracemalloc.get_traced_memory()[0])

    launch()
    milliseconds = (began[-1] - began[0]) * 1000 / (runs - 1)
    tracemalloc.start()
    launch()
    print(milliseconds, (held[1] - held[0]) / 1000 / (runs - WARM))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
