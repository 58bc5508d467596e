"""The random-program baseline: a valid synthesis program drawn from a small grammar, whatever the
task.

It shows what a score is worth: a model must beat sounds made at random. The same (seed, task,
sample, turn) draws the same program.

    program   = 1..3 layers, added, scaled to a drawn peak
    layer     = source · envelope [· filter] [· tremolo] [+ echo]
    source    = sine | saw | square | fm | glide | noise
    envelope  = swell | stroke | strokes
"""

import math
from collections.abc import Mapping
from random import Random
from typing import Any

from earmark.identity import digest
from earmark.models.baselines import Baseline
from earmark.records import Request

HEAD = """import numpy as np
import soundfile as sf
from scipy import signal

RATE = 44100
SECONDS = {seconds!r}
time = np.arange(round(SECONDS * RATE)) / RATE
rng = np.random.default_rng({seed})
mix = np.zeros(len(time))
"""
SOURCES = {
    "sine": "layer = np.sin(2 * np.pi * {pitch_hz} * time)",
    "saw": "layer = signal.sawtooth(2 * np.pi * {pitch_hz} * time)",
    "square": "layer = signal.square(2 * np.pi * {pitch_hz} * time, duty={share})",
    "fm": (
        "layer = np.sin(2 * np.pi * {pitch_hz} * time"
        " + {depth} * np.sin(2 * np.pi * {pitch_hz} * {ratio} * time))"
    ),
    "glide": "layer = signal.chirp(time, {pitch_hz}, SECONDS, {other_hz}, method='logarithmic')",
    "noise": "layer = rng.standard_normal(len(time))",
}
ENVELOPES = {
    "swell": "layer *= np.sin(np.pi * time / SECONDS) ** {depth}",
    "stroke": "layer *= np.exp(-time * {decay}) * np.minimum(1.0, time / {attack})",
    "strokes": (
        "beat = time % {beat}\nlayer *= np.exp(-beat * {decay}) * np.minimum(1.0, beat / {attack})"
    ),
}
CHANGES = {
    "low pass": (
        "layer = signal.sosfilt(signal.butter(2, {pitch_hz}, 'low', fs=RATE, output='sos'), layer)"
    ),
    "band pass": (
        "layer = signal.sosfilt("
        "signal.butter(2, [{pitch_hz} * 0.8, {pitch_hz} * 1.25], 'band', fs=RATE, output='sos'),"
        " layer)"
    ),
    "tremolo": "layer *= 1.0 - {share} * (0.5 + 0.5 * np.sin(2 * np.pi * {rate_hz} * time))",
    "echo": (
        "late = min(len(layer) - 1, round({beat} * RATE))\n"
        "layer[late:] += {share} * layer[: len(layer) - late]"
    ),
}
ADD = "mix += {level} * layer / (np.abs(layer).max() + 1e-9)"
TAIL = """
fade = np.minimum(1.0, np.minimum(time, time[-1] - time) / 0.005)
mix *= fade
sf.write("out.wav", {peak} * mix / (np.abs(mix).max() + 1e-9), RATE, subtype="PCM_16")
"""


class RandomProgram(Baseline):
    """Draws a program; `seed` moves all draws at once."""

    def __init__(
        self, *, name: str = "random_program", baseline: bool = True, seed: int = 0
    ) -> None:
        super().__init__(name=name, baseline=baseline)
        self.seed = seed

    @property
    def identity(self) -> Mapping[str, Any]:
        """Name, seed and grammar."""
        grammar = digest([HEAD, SOURCES, ENVELOPES, CHANGES, ADD, TAIL])[:16]
        return {**super().identity, "seed": self.seed, "grammar": grammar}

    def program(self, request: Request) -> str:
        """A drawn program that writes `request.seconds` of audible sound."""
        drawn = int(digest([self.seed, request.task_id, request.sample, request.turn])[:8], 16)
        rng = Random(drawn)
        layers = [_layer(rng) for _ in range(rng.randint(1, 3))]
        head = HEAD.format(seconds=request.seconds, seed=drawn)
        return "\n".join([head, *layers, TAIL.format(peak=round(rng.uniform(0.3, 0.9), 3))])


def _layer(rng: Random) -> str:
    lines = [SOURCES[rng.choice(list(SOURCES))], ENVELOPES[rng.choice(list(ENVELOPES))]]
    lines += [CHANGES[name] for name in rng.sample(list(CHANGES), rng.randint(0, 2))]
    numbers = _numbers(rng)
    return "\n".join(line.format(**numbers) for line in [*lines, ADD]) + "\n"


def _numbers(rng: Random) -> dict[str, float]:
    """Every number that a layer may need; pitches and times spread evenly by ratio."""

    def between(low: float, high: float) -> float:
        return round(low * math.pow(high / low, rng.random()), 4)

    return {
        "pitch_hz": between(55, 3500),
        "other_hz": between(55, 3500),
        "share": between(0.1, 0.9),
        "depth": between(0.3, 8),
        "ratio": between(0.25, 4),
        "decay": between(0.5, 30),
        "attack": between(0.002, 0.2),
        "beat": between(0.08, 1),
        "rate_hz": between(1, 20),
        "level": between(0.2, 1),
    }
