"""Time `earmark score` on many clips and texts: 207 of each are 42,849 pairs.

    OMP_NUM_THREADS=1 python benchmarks/score_pairs.py [COUNT]

Prints wall and processor seconds of the whole command; a busy machine changes the latter little.
"""

import resource
import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import soundfile

RATE_HZ = 16000


def main(count: int) -> None:
    """Make the clips, run the command, print its times."""
    with TemporaryDirectory() as folder:
        paths = clips(Path(folder), count)
        texts = [word for k in range(count) for word in ("--text", f"sound number {k} of a bell")]
        command = [sys.executable, "-m", "earmark", "score", *paths, *texts]
        command += ["--embedder", "yamnet_minilm", "--json"]
        start = time.perf_counter()
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        wall = time.perf_counter() - start
        used = resource.getrusage(resource.RUSAGE_CHILDREN)
        print(f"{count} clips x {count} texts: {wall:.1f} s wall, ", end="")
        print(f"{used.ru_utime + used.ru_stime:.1f} s of processor time")


def clips(folder: Path, count: int) -> list[str]:
    """Clips of two seconds that all differ."""
    rng = np.random.default_rng(0)
    paths = []
    for k in range(count):
        path = folder / f"{k}.wav"
        soundfile.write(path, 0.1 * rng.standard_normal(2 * RATE_HZ), RATE_HZ, subtype="PCM_16")
        paths.append(str(path))
    return paths


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 207)
