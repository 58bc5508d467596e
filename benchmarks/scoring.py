"""Time our CLAP path against the stock path and the bare forward pass, and FAD against its library.

It uses random weights of the true architecture and seeded rows, and prints a table. Run it alone on
the machine: `OMP_NUM_THREADS=2 python benchmarks/scoring.py`.
"""

import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import soundfile
import torch
from frechet_audio_distance import FrechetAudioDistance
from transformers import ClapConfig, ClapFeatureExtractor, ClapModel

from earmark.audio import read_clip, samples
from earmark.embedders.clap import Clap, Weights
from earmark.metrics.frechet import Pool, frechet, one_thread

ROUNDS = 8


class RandomClap(Clap):
    """The real path over random weights, which cost as much as trained ones."""

    def load(self) -> Weights:
        """Weights made once, in memory."""
        return WEIGHTS


def seconds(work: Callable[[], object], rounds: int = ROUNDS) -> float:
    """Median of several rounds after one to warm up."""
    work()
    spent = []
    for _ in range(rounds):
        start = time.perf_counter()
        work()
        spent.append(time.perf_counter() - start)
    return median(spent)


def clap(folder: Path) -> None:
    """Clips of 10 s per second, three ways, and how far the rows are apart."""
    soundfile.write(
        folder / "a.wav",
        np.random.default_rng(0).normal(scale=0.1, size=480000),
        48000,
        subtype="FLOAT",
    )
    clip, extractor, model = read_clip(folder / "a.wav"), WEIGHTS.extractor, WEIGHTS.model
    features = extractor(samples(clip)[0][:, 0], sampling_rate=48000, return_tensors="pt")

    def bare() -> Any:  # noqa: ANN401  # a tensor of an untyped library
        with torch.inference_mode():
            return model.get_audio_features(**features).pooler_output

    def stock() -> Any:  # noqa: ANN401  # a tensor of an untyped library
        with torch.inference_mode():
            made = extractor(samples(clip)[0][:, 0], sampling_rate=48000, return_tensors="pt")
            return model.get_audio_features(**made).pooler_output

    ours = RandomClap()
    times = {
        "bare forward": seconds(bare),
        "ours": seconds(lambda: ours.embed_audio([clip])),
        "stock": seconds(stock),
    }
    for name, spent in times.items():
        share = times["bare forward"] / spent
        print(f"clap {name:13} {1 / spent:6.2f} clips/s  {share:.2f} of the bare forward")
    difference = np.abs(ours.embed_audio([clip]) - stock().numpy()).max()
    print(f"clap largest difference to stock: {difference:.1e}")


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
    torch.manual_seed(0)
    WEIGHTS = Weights(
        ClapModel(ClapConfig()).eval(),
        ClapFeatureExtractor(truncation="rand_trunc"),
        None,
        fusion=False,
        bytes_id="random",
    )
    with TemporaryDirectory() as place:
        clap(Path(place))
    fad()
