"""Measures `make setup` in a clean clone: `python benchmarks/set_up.py [COMMIT ...]`.

For each commit (HEAD without any): what a person waits, the processor time of everything that it
starts, and the size of `.venv`, with the heaviest packages by name. Nothing that an earlier clone
downloaded is used unless pip or uv keep it. Needs the network that pip is set to use.
"""

import argparse
import os
import resource
import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

CHECKOUT = Path(__file__).parents[1]
MB = 1024 * 1024
HEAVIEST = 8


def main() -> int:
    """Print one line per commit, and its heaviest packages."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("commits", nargs="*", default=["HEAD"])
    for commit in parser.parse_args().commits:
        with TemporaryDirectory() as folder:
            print(measure(commit, Path(folder, "clone")), flush=True)
    return 0


def measure(commit: str, clone: Path) -> str:
    """Clone, set up, and say what it took."""
    named = ["git", "-C", str(CHECKOUT), "rev-parse", "--short", commit]
    name = subprocess.check_output(named, text=True).strip()
    subprocess.run(["git", "clone", "-q", str(CHECKOUT), str(clone)], check=True)
    subprocess.run(["git", "-C", str(clone), "checkout", "-q", name], check=True)
    before, load = resource.getrusage(resource.RUSAGE_CHILDREN), os.getloadavg()[0]
    begun = time.perf_counter()
    python = f"PYTHON={sys.executable}"
    subprocess.run(["make", "setup", python], cwd=clone, check=True, capture_output=True)
    wall = time.perf_counter() - begun
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    user, system = after.ru_utime - before.ru_utime, after.ru_stime - before.ru_stime
    [packages] = (clone / ".venv").glob("lib/python*/site-packages")
    heaviest = sorted(((megabytes(one), one.name) for one in packages.iterdir()), reverse=True)
    names = ", ".join(f"{name} {size:.0f}" for size, name in heaviest[:HEAVIEST])
    return (
        f"{name}: wall {wall:.0f} s, user {user:.0f} s, system {system:.0f} s, load {load:.1f};"
        f" .venv {megabytes(clone / '.venv'):.0f} MB, of which {names}"
    )


def megabytes(place: Path) -> float:
    """What a file or a folder takes on disk; a file with several names counts once."""
    files = [place, *place.rglob("*")]
    found = {one.st_ino: one.st_blocks * 512 for one in (path.lstat() for path in files)}
    return sum(found.values()) / MB


if __name__ == "__main__":
    raise SystemExit(main())
