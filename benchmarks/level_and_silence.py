"""How far level and leading silence move a score, by the stand-in on the packaged recordings.

    OMP_NUM_THREADS=1 python benchmarks/level_and_silence.py

For each rule of embedder.level and embedder.trim: the mean absolute change of the cosine with the
recording's own caption when the recording is 20 dB softer, or half a second later. A rule that
removes the effect prints 0.
"""

from collections.abc import Callable
from itertools import product
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import soundfile
from numpy.typing import NDArray

from earmark.audio import read_clip
from earmark.config.embedder_choice import build_embedder
from earmark.metrics.text_audio import TextAudio
from earmark.references.packages import Packages

EVERY = 4  # recordings are many and alike
Sound = NDArray[np.float32]


def main() -> None:
    """Print a row for each rule."""
    captioned = Packages().for_tier("environment").captioned()[::EVERY]
    print(f"{len(captioned)} recordings")
    for level, trim in product(("asis", "peak"), ("none", "silence")):
        settings = [f"embedder.level={level}", f"embedder.trim={trim}"]
        embedder = build_embedder("yamnet_minilm", settings)
        changes: dict[str, list[float]] = {"20 dB softer": [], "0.5 s later": []}
        with TemporaryDirectory() as folder:
            metric = TextAudio(embedder, cache=folder)
            for clip, caption in captioned:
                sound, rate_hz = soundfile.read(clip.path, dtype="float32", always_2d=True)
                before = score(sound, rate_hz, caption, metric, Path(folder))
                for name, change in changed(rate_hz).items():
                    after = score(change(sound), rate_hz, caption, metric, Path(folder))
                    changes[name].append(abs(after - before))
        means = "  ".join(f"{name} {np.mean(values):.3f}" for name, values in changes.items())
        print(f"level={level:5} trim={trim:8} {means}", flush=True)


def changed(rate_hz: int) -> dict[str, Callable[[Sound], Sound]]:
    """The two changes of a sound."""
    half = round(0.5 * rate_hz)
    return {
        "20 dB softer": lambda sound: sound * np.float32(0.1),
        "0.5 s later": lambda sound: np.pad(sound, ((half, 0), (0, 0))),
    }


def score(sound: Sound, rate_hz: int, caption: str, metric: TextAudio, folder: Path) -> float:
    """The text-audio score of samples."""
    path = folder / "a.wav"
    soundfile.write(path, sound, rate_hz, subtype="FLOAT")
    return float(metric.cosines(read_clip(path), [caption]).mean())


if __name__ == "__main__":
    main()
