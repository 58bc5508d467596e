"""Measures what passes before and after the work: `python benchmarks/startup.py`.

Each line is started as a person would start it, in a process of its own and a root of its own, and
is read against a floor of the same run: importing the libraries that every sweep needs,
starting Python, or Hydra composing the same points and nothing else. `wall` is what a person waits,
`cpu` the processor time of the process and its children. Run it alone on the machine, twice: the
first time the caches of references and baselines are filled.
"""

import argparse
import os
import resource
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

LINE = ("model=noise", "tier=notes", "tier.limit=4", "embedder=yamnet_minilm", "name=first")
STUDY = ("experiment=study", "model.on_unsupported=clamp", "dry_run=true")
THOUSAND = (
    "-m",
    "model=gpt_4_1,gpt_4o_mini,claude_haiku_4_5,noise",
    "strategy=zero_shot,few_shot,chain_of_thought,repair,decompose",
    "temperature=0,0.3,0.5,0.7,1",
    "seed=0,1,2,3,4,5,6,7,8,9",
    "tier=notes",
    "dry_run=true",
)
LIBRARIES = "import numpy, scipy.signal, onnxruntime, hydra, mlflow"
COMPOSE = """
import itertools
from hydra import compose, initialize_config_dir
from earmark import paths
from earmark.config.compose import register
register()
axes = [[f"model={name}" for name in "gpt_4_1 noise".split()],
        [f"temperature={one / 10}" for one in range(10)]]
with initialize_config_dir(str(paths.conf())):
    for point in itertools.product(*axes):
        compose("config", list(point), return_hydra_config=True)
"""
COMPOSED = 20


@dataclass(frozen=True)
class Spent:
    """Seconds of one process."""

    wall: float
    cpu: float


def main() -> int:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--brief", action="store_true", help="leave out the plan of 1,000 runs")
    args = parser.parse_args()
    print(f"load {os.getloadavg()[0]:.1f} on {len(os.sched_getaffinity(0))} cores")
    with TemporaryDirectory(prefix="earmark-startup-") as folder:
        root = Path(folder)
        python = spent(["-c", "pass"], root)
        libraries = spent(["-c", LIBRARIES], root)
        composing = spent(["-c", COMPOSE], root)
        began = time.time()
        first = spent(["-m", "earmark", *LINE], root)
        row(f"floor: {LIBRARIES}", libraries, libraries)
        asked = first_attempt(root) - began
        print(f"{'  first program executed after':46} {asked:8.2f}")
        row("first line: 4 attempts", first, libraries)
        row("the finished line again (floor: python -c pass)", earmark(LINE, root), python)
        row("earmark doctor", earmark(["doctor"], root, fails=True), libraries)
        per_point = Spent(composing.wall / COMPOSED, composing.cpu / COMPOSED)
        row(f"floor: Hydra composing, {COMPOSED} points", composing, composing)
        row("dry run of the study, 252 runs", earmark(STUDY, root), times(252, per_point))
        if not args.brief:
            row("dry run of 1,000 runs", earmark(THOUSAND, root), times(1000, per_point))
    return 0


def earmark(words: Sequence[str], root: Path, *, fails: bool = False) -> Spent:
    """One command line; doctor `fails` where something that a sweep needs is missing."""
    return spent(["-m", "earmark", *words], root, fails=fails)


def spent(words: Sequence[str], root: Path, *, fails: bool = False) -> Spent:
    """What Python with these words takes."""
    environment = {**os.environ, "EARMARK_ROOT": str(root), "LITELLM_LOCAL_MODEL_COST_MAP": "True"}
    environment.pop("EARMARK_SWEEP", None)
    began, worked = time.perf_counter(), children()
    ended = subprocess.run(
        [sys.executable, *words], env=environment, capture_output=True, text=True, check=False
    )
    result = Spent(time.perf_counter() - began, children() - worked)
    if ended.returncode and not fails:
        raise SystemExit(f"{' '.join(words)}: {ended.stderr[-2000:]}")
    return result


def children() -> float:
    """Processor seconds of all children that have ended."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def first_attempt(root: Path) -> float:
    """When the first attempt of the first line had its folder: its program begins to run."""
    folders = (root / "multirun" / "first").glob("*/attempts/*/*/")
    return min(_made(folder) for folder in folders)


def _made(folder: Path) -> float:
    return min(path.stat().st_mtime for path in folder.iterdir())


def times(count: int, one: Spent) -> Spent:
    """The floor for so many."""
    return Spent(one.wall * count, one.cpu * count)


def row(name: str, measured: Spent, floor: Spent) -> None:
    """One line of the table."""
    wall, cpu = measured.wall / floor.wall, measured.cpu / floor.cpu
    print(f"{name:46} {measured.wall:8.2f} s {measured.cpu:8.2f} cpu-s", end="")
    print(f"   {wall:6.2f} x wall  {cpu:6.2f} x cpu", flush=True)


if __name__ == "__main__":
    raise SystemExit(main())
