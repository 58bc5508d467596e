"""What the checks of pitch, onsets, melodies and chords measure in recorded instruments.

    OMP_NUM_THREADS=1 PYTHONPATH=. python benchmarks/notes.py [COUNT [KIND ...]]

Instruments of three soundfonts play keys that are known; COUNT draws of each kind (120) by a fixed
seed, or of the kinds that are named. The checks were developed on FluidR3. The two other fonts are
not wholly held out: of three settings of the onsets one was chosen by draws of them, these among
them, and tasks of tests/checks/recordings.yaml are played by them. Prints the share of draws that
are measured right.
"""

import random
import sys
from collections.abc import Callable, Sequence

import numpy as np

from earmark.checks.harmony import chord, melody
from earmark.checks.pitch import midi
from earmark.checks.rhythm import onset_seconds
from earmark.checks.sound import Sound, Unmeasurable, sound
from earmark.references.soundfont import RATE_HZ, Played, render
from tests.checks.recordings import FONTS, synth_of

SOLO = (0, 1, 4, 6, 11, 12, 24, 25, 46, 56, 57, 60, 64, 65, 68, 71, 73, 74, 79)
RINGING = (0, 9, 10, 11, 14, 46)
ORGANS = (16, 17, 18, 19, 20, 21)
CHORDAL = (0, 4, 5, 20, 24, 25, 48, 52, 61)
LOW = (0, 32, 33, 35, 43, 58)
SEVENTHS = ((0, 4, 7, 10), (0, 3, 7, 10), (0, 4, 7, 11))
Draw = Callable[[str, random.Random], bool]


def main(count: int, only: Sequence[str]) -> None:
    """Print a row for each kind of draw, a column for each font."""
    print(f"{'':34}" + "".join(f"{font.split('-')[0]:>16}" for font in FONTS))
    for name, draw in KINDS.items():
        if only and name not in only:
            continue
        shares = [np.mean([draw(font, random.Random(k)) for k in range(count)]) for font in FONTS]
        print(f"{name:34}" + "".join(f"{share:16.2f}" for share in shares), flush=True)


def played(font: str, program: int, phrase: Sequence[Played]) -> Sound:
    """The phrase as the checks measure it."""
    return sound(render(*synth_of(font), program, tuple(phrase))[0], RATE_HZ)


def one_onset(font: str, rng: random.Random) -> bool:
    """A held note of any instrument has one onset."""
    key = rng.choice((48, 60, 72))
    line = played(font, rng.randrange(80), [Played(key, 0.0, 1.5, 100)])
    return len(onset_seconds(line)) == 1


def pitch(font: str, rng: random.Random) -> bool:
    """A note of a solo instrument lies within 30 cents of its key."""
    return _is_key(font, rng.choice(SOLO), rng.randint(48, 84))


def low_pitch(font: str, rng: random.Random) -> bool:
    """A note from C1 to C2 (32.7 to 65 Hz) lies within 30 cents of its key."""
    return _is_key(font, rng.choice(LOW), rng.randint(24, 36))


def _is_key(font: str, program: int, key: int) -> bool:
    line = played(font, program, [Played(key, 0.0, 1.5, 100)])
    try:
        return midi(line, key, {"cents": 30}).met
    except Unmeasurable:
        return False


def repeated(font: str, rng: random.Random) -> bool:
    """Six notes of half a second, of which two or more are repeated: as many onsets."""
    keys = _repeating(rng)
    return len(onset_seconds(played(font, rng.choice(SOLO), _line(keys, 0.5, 0.85)))) == len(keys)


def repeated_melody(font: str, rng: random.Random) -> bool:
    """The same as a melody."""
    keys = _repeating(rng)
    return _is_melody(played(font, rng.choice(SOLO), _line(keys, 0.5, 0.85)), keys)


def legato(font: str, rng: random.Random) -> bool:
    """Six notes of half a second without a gap, none repeated."""
    keys = _wandering(rng)
    return _is_melody(played(font, rng.choice(SOLO), _line(keys, 0.5, 1.0)), keys)


def ringing(font: str, rng: random.Random) -> bool:
    """Six notes of half a second that ring over the next ones: bells, harp, a piano with pedal."""
    keys = _wandering(rng)
    return _is_melody(played(font, rng.choice(RINGING), _line(keys, 0.5, 4.0)), keys)


def seventh(font: str, rng: random.Random) -> bool:
    """A seventh chord is met."""
    return _is_chord(font, rng.choice(CHORDAL), rng, wrong=False)


def organ_seventh(font: str, rng: random.Random) -> bool:
    """A seventh chord of an organ is met, whose stops sound an octave below as well."""
    return _is_chord(font, rng.choice(ORGANS), rng, wrong=False)


def other_seventh(font: str, rng: random.Random) -> bool:
    """A chord with one note a semitone off is not met."""
    return not _is_chord(font, rng.choice(CHORDAL + ORGANS), rng, wrong=True)


def _is_chord(font: str, program: int, rng: random.Random, *, wrong: bool) -> bool:
    root, steps = rng.randint(50, 60), rng.choice(SEVENTHS)
    keys = [root + step for step in steps]
    line = played(font, program, [Played(key, 0.0, 1.5, 100) for key in keys])
    wanted = [keys[0], keys[1] + 1 if steps[1] == 3 else keys[1] - 1, *keys[2:]] if wrong else keys
    try:
        return chord(line, wanted, {"octaves": 1} if program in ORGANS else {}).met
    except Unmeasurable:
        return False


def _is_melody(line: Sound, keys: Sequence[int]) -> bool:
    try:
        return melody(line, keys, {}).met
    except Unmeasurable:
        return False


def _line(keys: Sequence[int], beat: float, held: float) -> list[Played]:
    return [Played(key, k * beat, (k + held) * beat, 100) for k, key in enumerate(keys)]


def _wandering(rng: random.Random) -> list[int]:
    keys = [rng.randint(57, 76)]
    while len(keys) < 6:
        keys.append(keys[-1] + rng.choice((-5, -4, -3, -2, -1, 1, 2, 3, 4, 5)))
    return keys


def _repeating(rng: random.Random) -> list[int]:
    keys = _wandering(rng)
    for k in rng.sample(range(1, 6), 2):
        keys[k] = keys[k - 1]
    return keys


KINDS: dict[str, Draw] = {
    "single note: one onset": one_onset,
    "single note: pitch": pitch,
    "low note: pitch": low_pitch,
    "repeated notes: onsets": repeated,
    "repeated notes: melody": repeated_melody,
    "legato: melody": legato,
    "ringing over: melody": ringing,
    "seventh: met": seventh,
    "organ seventh: met": organ_seventh,
    "other seventh: refused": other_seventh,
}

if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 120, sys.argv[2:])
