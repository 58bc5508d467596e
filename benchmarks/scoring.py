"""Time FAD against its library, on seeded rows.

Run it alone on the machine: `OMP_NUM_THREADS=2 python benchmarks/scoring.py`.
"""

import time
from collections.abc import Callable
from statistics import median

import numpy as np
from frechet_audio_distance import FrechetAudioDistance

from earmark.metrics.frechet import Pool, frechet, one_thread

ROUNDS = 8


def seconds(work: Callable[[], object], rounds: int = ROUNDS) -> float:
    """Median of several rounds after one to warm up."""
    work()
    spent = []
    for _ in range(rounds):
        start = time.perf_counter()
        work()
        spent.append(time.perf_counter() - start)
    return median(spent)


def fad() -> None:
    """One distance by both forms, and a thousand resamples of ours."""
    rng = np.random.default_rng(0)
    a, b = rng.normal(size=(600, 512)), 1.2 * rng.normal(size=(1000, 512))
    library = FrechetAudioDistance.__new__(FrechetAudioDistance)

    def theirs() -> float:
        return float(
            library.calculate_frechet_distance(
                *library.calculate_embd_statistics(a), *library.calculate_embd_statistics(b)
            )
        )

    with one_thread():
        print(
            f"fad ours      {seconds(lambda: frechet(a, b), 3) * 1e3:8.1f} ms  {frechet(a, b):.6f}"
        )
        print(f"fad library   {seconds(theirs, 1) * 1e3:8.1f} ms  {theirs():.6f}")
        pool = Pool.of(a[:100], b)
        spent = seconds(lambda: pool.bootstrap([str(k) for k in range(100)], 1000, rng), 1)
    print(f"fad 1,000 resamples at n=100, m=1000, d=512: {spent:.2f} s")


if __name__ == "__main__":
    fad()
