"""How few clips FAD supports: does a set of another kind pass the null's 95 % point?

For each tier and n: the null (n recordings against the m others), and sets of n recordings of
another tier or clips of white noise against m recordings, by the packaged stand-in. A row prints
their means, and in brackets the share of draws above the null's 95 % point. It sets
metrics.fad.MIN_CLIPS: `OMP_NUM_THREADS=1 python benchmarks/null_study.py`.
"""

import numpy as np
from numpy.typing import NDArray

from earmark import paths
from earmark.embedders.cached import Cached
from earmark.embedders.yamnet_minilm import YamnetMinilm
from earmark.metrics.frechet import Pool, one_thread
from earmark.references.noise import white_noise
from earmark.references.packages import TIERS, Packages

SIZES = (8, 12, 16, 24, 32, 48)
NULLS, DRAWS = 199, 100
Rows = NDArray[np.floating]


def main() -> None:
    """Print the table."""
    embedder = Cached(YamnetMinilm(), str(paths.cache() / "embeddings"))
    packages, folder = Packages(), paths.cache() / "references"
    rows: dict[str, Rows] = {
        tier: embedder.embed_features(packages.for_tier(tier).clips) for tier in TIERS
    }
    rows["noise"] = embedder.embed_features(white_noise(max(SIZES), folder).clips)
    rng = np.random.default_rng(0)
    with one_thread():
        for tier in TIERS:
            for n in SIZES:
                print(row(tier, n, rows, rng), flush=True)


def row(tier: str, n: int, rows: dict[str, Rows], rng: np.random.Generator) -> str:
    """One line of the table."""
    reference = rows[tier]
    m = len(reference) - n
    nulls = []
    for _ in range(NULLS):
        order = rng.permutation(len(reference))
        nulls.append(Pool.of(reference[order[:n]], reference[order[n:]]).distance())
    high = np.quantile(nulls, 0.95)
    columns = [f"{tier:12} n={n:2} m={m:3} null {np.mean(nulls):4.0f} (95 %: {high:.0f})"]
    for other in sorted(rows.keys() - {tier}):
        distances = []
        for _ in range(DRAWS):
            drawn = rows[other][rng.permutation(len(rows[other]))[:n]]
            against = reference[rng.permutation(len(reference))[:m]]
            distances.append(Pool.of(drawn, against).distance())
        share = np.mean(np.array(distances) > high)
        columns.append(f"{other} {np.mean(distances):.0f} ({share:.2f})")
    return "  ".join(columns)


if __name__ == "__main__":
    main()
