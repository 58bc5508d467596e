"""Four sounds that are the same bytes wherever they are made, to compare embedders on."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from earmark.audio import read_clip
from earmark.records import Clip

RATE_HZ = 48000
SECONDS = 1.5

Floats = NDArray[np.float64]


def known_sounds() -> Mapping[str, Floats]:
    """Noise, a beep, a bell and claps: (samples,) at RATE_HZ."""
    t = np.arange(round(SECONDS * RATE_HZ)) / RATE_HZ
    noise = _noise(len(t))
    bursts = sum(np.exp(-60 * (t - at)) * (t >= at) for at in (0.1, 0.6, 1.1))
    partials = sum(
        np.sin(2 * np.pi * 660 * part * t) * np.exp(-2 * part * t) / part
        for part in (1.0, 2.01, 2.99, 4.17)
    )
    beep = np.sin(2 * np.pi * 1000 * t)
    bell, claps = np.asarray(partials), noise * bursts
    return {"noise": 0.3 * noise, "beep": 0.3 * beep, "bell": 0.3 * bell, "claps": 0.7 * claps}


def write_sounds(folder: Path) -> dict[str, Clip]:
    """The sounds as clips in a folder."""
    import soundfile

    clips = {}
    for name, sound in known_sounds().items():
        path, steps = folder / f"{name}.wav", np.round(sound * 32767).astype(np.int16)
        soundfile.write(path, steps, RATE_HZ, subtype="PCM_16")
        clips[name] = read_clip(path)
    return clips


def _noise(count: int) -> Floats:
    """(count,) in -1..1, by the finaliser of SplitMix64 (Steele et al. 2014).

    Not by a library's generator, whose stream may change between releases.
    """
    states = np.arange(1, count + 1, dtype=np.uint64)
    for shift, factor in ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB)):
        states = (states ^ (states >> np.uint64(shift))) * np.uint64(factor)
    return (states >> np.uint64(11)).astype(np.float64) / 2**52 - 1
