"""Makes src/earmark/embedders/yamnet_prior.csv: what recordings of all three tiers give each of YAMNet's classes.

In: the package references of the three tiers (fetched when they are not cached). Out: the table, with the digests of the sets in its head.
Run it again after changing anything of the audio half of the stand-in: `python benchmarks/yamnet_prior.py`.
"""

import numpy as np

from earmark import paths
from earmark.embedders.waveform import wave
from earmark.embedders.yamnet import RATE_HZ, labels
from earmark.embedders.yamnet_minilm import PRIOR, activation, hear
from earmark.references.packages import TIERS, Packages
from earmark.storage.atomic import write_text


def main() -> None:
    """Write the table."""
    packages = Packages(cache=str(paths.cache()))
    sets = {tier: packages.for_tier(tier) for tier in TIERS}
    rows = np.stack(
        [
            activation(hear(wave(clip, rate_hz=RATE_HZ))[0])
            for found in sets.values()
            for clip in found.clips
        ]
    )
    head = [
        f"# {tier}: {len(found.clips)} recordings, digest {found.digest[:16]}"
        for tier, found in sets.items()
    ]
    lines = [
        f"{name},{mean:.5f},{sd:.5f}"
        for name, mean, sd in zip(
            map(_quoted, labels()), rows.mean(axis=0), rows.std(axis=0), strict=True
        )
    ]
    write_text(PRIOR, "\n".join([*head, "class,mean,sd", *lines]) + "\n")


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"' if any(sign in name for sign in ',"') else name


if __name__ == "__main__":
    main()
