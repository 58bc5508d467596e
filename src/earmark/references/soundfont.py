"""Instrument recordings, played: a General MIDI soundfont -> notes, short melodies and chords.

The samples in the soundfont are recordings of instruments; what they play is our own seeded choice.
It needs tinysoundfont.
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from earmark.errors import MetricUnavailable
from earmark.references.debian import HINT, Unpacked
from earmark.references.store import Recording

RATE_HZ = 44100
MELODIC = range(112)  # the last sixteen programs of General MIDI are percussion and sound effects
EACH = 3  # of an instrument; more are more of the same few samples
RELEASE_SECONDS = 0.6
DRUMS = 128  # the bank of the drum kits
MAJOR, MINOR = (0, 4, 7), (0, 3, 7)
SCALE = (0, 2, 4, 5, 7, 9, 11, 12)


@dataclass(frozen=True)
class Played:
    """A key held from one moment to another; velocity 1..127."""

    key: int
    start_seconds: float
    end_seconds: float
    velocity: int


def notes(package: Unpacked, rng: random.Random, most: int | None) -> Iterator[Recording]:
    """Recordings by seeded choice, every instrument in turn: `most`, or EACH of every instrument.

    Half are single notes, a quarter melodies, a quarter chords.
    """
    count = EACH * len(MELODIC) if most is None else most
    fonts = sorted(package.folder.rglob("*.sf[23]"))
    if not fonts:
        raise MetricUnavailable(
            f"{package.package} {package.version}: must hold a soundfont, it holds none; {HINT}"
        )
    try:
        import tinysoundfont
    except ImportError as error:
        raise MetricUnavailable(
            f"tinysoundfont is not installed; install requirements/offline.txt, or {HINT}"
        ) from error
    synth = tinysoundfont.Synth(samplerate=RATE_HZ)
    font = synth.sfload(str(fonts[0]))
    programs: list[int] = []
    for _ in range(1 + count // len(MELODIC)):
        programs += rng.sample(MELODIC, len(MELODIC))
    for k, program in zip(range(count), programs, strict=False):
        kind = (single, melody, single, chord)[k % 4]
        phrase, instrument = kind(rng), str(synth.sfpreset_name(font, 0, program))
        name = f"{instrument} {' '.join(str(note.key) for note in phrase)}"
        caption = f"{instrument.lower()} playing a {'note' if kind is single else kind.__name__}"
        load = partial(render, synth, font, program, phrase)
        yield Recording(name, package.package, load, caption, group=instrument)


def single(rng: random.Random) -> tuple[Played, ...]:
    """One key between A1 and C7, held for 0.5 to 3 seconds."""
    return (Played(rng.randint(33, 96), 0.0, rng.uniform(0.5, 3.0), rng.randint(60, 120)),)


def melody(rng: random.Random) -> tuple[Played, ...]:
    """Three to eight keys of a major scale, one after the other."""
    tonic, beat, velocity = rng.randint(48, 72), rng.uniform(0.2, 0.6), rng.randint(70, 110)
    keys = [tonic + rng.choice(SCALE) for _ in range(rng.randint(3, 8))]
    return tuple(Played(key, k * beat, (k + 0.9) * beat, velocity) for k, key in enumerate(keys))


def chord(rng: random.Random) -> tuple[Played, ...]:
    """A major or minor triad held for 1 to 3 seconds."""
    root, held, velocity = rng.randint(43, 72), rng.uniform(1.0, 3.0), rng.randint(60, 110)
    return tuple(Played(root + step, 0.0, held, velocity) for step in rng.choice((MAJOR, MINOR)))


def render(
    synth: Any,  # noqa: ANN401  # tinysoundfont has no types
    font: int,
    program: int,
    phrase: tuple[Played, ...],
    *,
    bank: int = 0,
) -> tuple[NDArray[np.float32], int]:
    """(frames, 2) float32 of a phrase with its release, and the rate in Hz.

    Bank 128 holds the drum kits.
    """
    synth.sounds_off()
    synth.program_select(0, font, bank % DRUMS, program, is_drums=bank == DRUMS)
    parts, now = [], 0
    for at, key, velocity in _events(phrase):
        frames = round(at * RATE_HZ) - now
        if frames > 0:
            samples = np.frombuffer(bytes(synth.generate_simple(frames)), np.float32)
            parts.append(samples.reshape(-1, 2))
            now += frames
        if velocity:
            synth.noteon(0, key, velocity)
        elif key:
            synth.noteoff(0, key)
    return np.concatenate(parts), RATE_HZ


def _events(phrase: tuple[Played, ...]) -> list[tuple[float, int, int]]:
    """(seconds, key, velocity) in order: 0 releases a key, and key 0 ends the recording."""
    starts = [(note.start_seconds, note.key, note.velocity) for note in phrase]
    ends = [(note.end_seconds, note.key, 0) for note in phrase]
    last = max(note.end_seconds for note in phrase) + RELEASE_SECONDS
    return [*sorted(starts + ends), (last, 0, 0)]
