"""The trivial baseline: the best single program of a few that hold for every task, whatever it is.

Clicks, hums, chirps, noises, a bell, a vowel: what an answer is worth that never read the task.
Which of them is best under an embedder is decided on the tune split (analysis.baseline_choice).
"""

from collections.abc import Mapping
from typing import Any, Self

from earmark.errors import ConfigError
from earmark.identity import digest
from earmark.models.baselines import Baseline
from earmark.records import Request

HEAD = """# {kind}: the same whatever the task is.
import numpy as np
import soundfile as sf
from scipy import signal

RATE = 44100
time = np.arange(round({seconds!r} * RATE)) / RATE
beat = time % 0.5
white = np.random.default_rng(0).standard_normal(len(time))


def phase(hz):
    return 2 * np.pi * np.cumsum(np.broadcast_to(hz, time.shape)) / RATE


def sine(hz):
    return np.sin(phase(hz))


def saw(hz):
    return signal.sawtooth(phase(hz))


def band(sound, low_hz, high_hz):
    stages = signal.butter(2, [low_hz, high_hz], "band", fs=RATE, output="sos")
    return signal.sosfilt(stages, sound)


def slope(power):
    hz = np.maximum(np.fft.rfftfreq(len(time), 1 / RATE), 20)
    return np.fft.irfft(np.fft.rfft(white) * hz**power, len(time))


def strike(pitch_hz, since):
    partials = [np.exp(-(2 + k) * since) * sine(k * pitch_hz) / k for k in range(1, 9)]
    return sum(partials)


def voice(pitch_hz, formants_hz):
    turn = phase(pitch_hz) / (2 * np.pi) % 1
    open_ = np.where(turn < 0.5, np.sin(2 * np.pi * turn) ** 2, 0)
    sound = np.diff(open_, prepend=0) + 0.002 * white
    for hz, width_hz in zip(formants_hz, (80, 100, 140, 200)):
        pole = np.exp(-np.pi * width_hz / RATE)
        back = [1, -2 * pole * np.cos(2 * np.pi * hz / RATE), pole**2]
        sound = signal.lfilter([sum(back)], back, sound)
    return sound / (np.abs(sound).max() + 1e-9)


AH, EE = (730, 1090, 2440, 3400), (270, 2290, 3010, 3600)
turns = 0.5 + 0.5 * sine(2)
step = np.floor(time / 0.5) % 4
"""
TAIL = """
edge = np.minimum(1, np.minimum(time, time[-1] - time) / 0.005)
sf.write("out.wav", 0.7 * edge * sound / (np.abs(sound).max() + 1e-9), RATE, subtype="PCM_16")
"""
KINDS: Mapping[str, str] = {
    "clicks": "sound = white * ((beat > 0.02) & (beat < 0.023))",
    "crackle": "sound = band(white * (np.abs(white) > 3), 300, 6000)",
    "bursts": "sound = white * ((beat > 0.02) & (beat < 0.15))",
    "claps": "sound = band(white, 700, 4000) * np.exp(-40 * beat)",
    "thumps": "sound = sine(70) * np.exp(-15 * beat)",
    "white_noise": "sound = white",
    "pink_noise": "sound = slope(-0.5)",
    "rumble": "sound = slope(-1.0)",
    "hiss": "sound = band(white, 4000, 12000)",
    "wind": "sound = band(white, 200, 900) * (1.2 + sine(0.4))",
    "low_sine": "sound = sine(110)",
    "hum": "sound = sine(50) + 0.5 * sine(100) + 0.3 * sine(150)",
    "sawtooth": "sound = saw(220)",
    "chord": "sound = sine(262) + sine(330) + sine(392)",
    "strings": "sound = saw(196) + saw(294) + saw(392.5) + saw(393.5)",
    "bell": "sound = (sine(880) + 0.5 * sine(2430)) * np.exp(-3 * time)",
    "plucks": "sound = saw(220) * np.exp(-8 * beat)",
    "piano": "sound = strike(262 * 2 ** (step / 6), beat)",
    "beeps": "sound = sine(1000) * (beat < 0.25)",
    "chirps": "sound = sine(2500 + 3000 * beat) * (beat < 0.25)",
    "siren": "sound = sine(800 + 400 * sine(0.5))",
    "warble": "sound = sine(2500 + 400 * sine(20))",
    "vowel": "sound = voice(210 - 30 * time / time[-1], AH)",
    "syllables": (
        "pitch_hz = 140 + 30 * sine(0.7)\n"
        "sound = turns * voice(pitch_hz, AH) + (1 - turns) * voice(pitch_hz, EE)\n"
        "sound = sound * np.sin(np.pi * (time % 0.2) / 0.2)"
    ),
    "laugh": "sound = voice(250 - 60 * (time % 1.2), AH) * (time % 0.2 < 0.1)",
}


class Trivial(Baseline):
    """Writes the same sound for every task: `kind` of KINDS, or null for the best one.

    A model with null answers only once `choose` has said which is best.
    """

    def __init__(
        self, *, name: str = "trivial", baseline: bool = True, kind: str | None = None
    ) -> None:
        super().__init__(name=name, baseline=baseline)
        if kind is not None and kind not in KINDS:
            choices = ", ".join(KINDS)
            raise ConfigError(
                f"model.kind must be one of {choices}, or null for the best of them, got {kind!r}"
            )
        self.kind = kind

    @property
    def identity(self) -> Mapping[str, Any]:
        """Name, kind and programs."""
        programs = digest([HEAD, dict(KINDS), TAIL])[:16]
        return {**super().identity, "kind": self.kind, "programs": programs}

    @property
    def candidates(self) -> tuple[str, ...]:
        """The programs to choose from; none where the kind is set."""
        return tuple(KINDS) if self.kind is None else ()

    def choose(self, candidate: str) -> Self:
        """The model that answers with this program."""
        return type(self)(name=self.name, kind=candidate)

    def program(self, request: Request) -> str:
        """A program that writes `request.seconds` of the sound."""
        if self.kind is None:
            raise ValueError("which program is best is not known yet: choose one first")
        head = HEAD.format(kind=self.kind, seconds=request.seconds)
        return head + KINDS[self.kind] + TAIL
