"""Write embedders/yamnet_prior.csv: what recordings of all tiers give each of YAMNet's classes.

The recordings are the package references of the three tiers, whose digests head the table. Run it
again after any change of the audio half of the stand-in: `python benchmarks/yamnet_prior.py`. The
table in use is of the sets that the packages gave before they had three more for the environment.
"""

import numpy as np

from earmark import paths
from earmark.embedders.waveform import wave
from earmark.embedders.yamnet import RATE_HZ, labels
from earmark.embedders.yamnet_minilm import PRIOR, activation, network_outputs
from earmark.references.packages import TIERS, Packages
from earmark.storage.atomic import write_text


def main() -> None:
    """Write the table."""
    packages = Packages(cache=str(paths.cache()))
    sets = {tier: packages.for_tier(tier) for tier in TIERS}
    clips = [clip for reference in sets.values() for clip in reference.clips]
    waves = (wave(clip, rate_hz=RATE_HZ) for clip in clips)
    rows = np.stack([activation(network_outputs(mono)[0]) for mono in waves])
    head = [
        f"# {tier}: {len(reference.clips)} recordings, digest {reference.digest[:16]}"
        for tier, reference in sets.items()
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
