"""Sounds to try specs on: what programs that know no task make, and what recordings hold.

A recording is arranged as the prompt asks: one bark becomes four. It stays a recording of the kind.
"""

from collections.abc import Iterator, Mapping
from contextlib import chdir
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import soundfile
import yaml
from numpy.typing import NDArray

from earmark import paths
from earmark.checks import CHECKS
from earmark.checks.detectors import Detectors
from earmark.checks.sound import NotJudged, Sound, Unmeasurable
from earmark.embedders.voice_activity import VoiceActivity
from earmark.embedders.whisper_base import packaged
from earmark.embedders.yamnet_tags import YamnetTags
from earmark.models.baselines import Baseline
from earmark.models.baselines.sine import Sine
from earmark.models.baselines.trivial import KINDS, Trivial
from earmark.records import Request, Sampling, Task
from earmark.references.debian import unpacked
from earmark.tasks.loading import load

TIERS = ("notes", "environment", "speech")
SLOW = ("words", "formants_hz", "melody", "chord", "harmonics", "odd_even_db")
Samples = tuple[NDArray[np.float64], int]


@cache
def tasks() -> Mapping[str, Task]:
    """Every task of the project, by id."""
    files = [paths.conf() / "tier" / f"{tier}.yaml" for tier in TIERS]
    found = [load(yaml.safe_load(file.read_text(encoding="utf-8"))) for file in files]
    return {task.id: task for tier in found for task in tier}


class OneAnswer(YamnetTags):
    """The tagger, which keeps its answers: one sound is tried on many specs."""

    def __init__(self) -> None:
        self.kept: dict[int, Mapping[str, float]] = {}

    def tag(self, mono: NDArray[np.floating]) -> Mapping[str, float]:
        key = hash(mono.tobytes())
        if key not in self.kept:
            self.kept[key] = super().tag(mono)
        return self.kept[key]


DETECTORS = Detectors(tagger=OneAnswer(), voice=VoiceActivity(), recogniser=packaged())


def trivial_programs() -> dict[str, Baseline]:
    """Programs that make one sound for every task."""
    return {"sine_440": Sine(), **{kind: Trivial(kind=kind) for kind in KINDS}}


def sound_of(model: Baseline, seconds: float, folder: Path) -> Samples:
    """What a baseline's program writes, run here: these programs are our own."""
    request = Request("any", seconds, 0, 0, (), Sampling())
    with chdir(folder):
        exec(compile(model.program(request), model.name, "exec"), {})
        samples, rate_hz = soundfile.read("out.wav", always_2d=True)
    return samples, rate_hz


def first_unmet(sound: Sound, task: Task) -> str | None:
    """The first fact of a task's spec that a sound does not meet, the quick ones first."""
    facts = [name for name in task.spec if name in CHECKS]
    for name in sorted(facts, key=lambda one: one in SLOW):
        try:
            finding = CHECKS[name].measure(sound, task.spec[name], task.spec)
        except Unmeasurable:
            return name
        except NotJudged:
            continue
        if not finding.met:
            return name
    return None


@dataclass(frozen=True)
class Recorded:
    """Recordings of a task's kind: files of a package by pattern, and where each starts.

    starts: seconds at which the sound starts; none leaves it as it is.
    cut: of a longer recording, the seconds that are taken.
    """

    package: str
    pattern: str
    starts: tuple[float, ...] = ()
    cut: float | None = None

    def sounds(self, seconds: float) -> Iterator[Samples]:
        """Each file as a clip of about `seconds`. MetricUnavailable where it cannot be had."""
        package = unpacked(self.package, paths.cache() / "packages", seconds_to_fetch=120)
        for path in sorted(package.folder.rglob(self.pattern)):
            samples, rate_hz = soundfile.read(path, always_2d=True)
            samples = samples[: round((self.cut or 2 * seconds) * rate_hz)]
            yield (self._placed(samples, rate_hz, seconds) if self.starts else samples), rate_hz

    def _placed(
        self, samples: NDArray[np.float64], rate_hz: int, seconds: float
    ) -> NDArray[np.float64]:
        whole = np.zeros((round(seconds * rate_hz), samples.shape[1]))
        for start in self.starts:
            room = whole[round(start * rate_hz) :][: len(samples)]
            room += samples[: len(room)] / np.abs(samples).max()
        return whole


STAMPS, MINETEST = "tuxpaint-stamps-default", "minetest-data"
SONIC_PI = "sonic-pi-samples"
RECORDINGS: Mapping[str, Recorded] = {
    "dog_bark": Recorded(STAMPS, "dog.ogg", (0.1, 0.8, 1.5, 2.2), cut=0.4),
    "rooster_crow": Recorded(STAMPS, "rooster.ogg"),
    "pig_grunt": Recorded(STAMPS, "pig_golden.ogg", (0.1, 0.85, 1.6, 2.3)),
    "cat_meow": Recorded(STAMPS, "blackcat.ogg"),
    "hen_cluck": Recorded(STAMPS, "hen.ogg", cut=1.25),
    "crow_caw": Recorded(SONIC_PI, "misc_crow.flac", (0.2, 1.1, 2.0)),
    "fire_crackle": Recorded(MINETEST, "fire_small.ogg"),
    "crickets": Recorded(STAMPS, "grasshopper.ogg"),
    "bird_chirps": Recorded(STAMPS, "blackbird.ogg"),
    "dripping_tap": Recorded(SONIC_PI, "elec_plip.flac", (0.1, 1.1, 2.1, 3.1, 4.1)),
    "toilet_flush": Recorded(STAMPS, "toilet.ogg"),
    "thunder": Recorded(STAMPS, "lightningbolt.ogg"),
    "hand_claps": Recorded(SONIC_PI, "perc_snap*.flac", (0.1, 0.7, 1.3, 1.9, 2.5, 3.1)),
    "footsteps": Recorded(
        MINETEST, "default_hard_footstep*.ogg", tuple(0.1 + 0.6 * k for k in range(8))
    ),
    "door_knock": Recorded(MINETEST, "default_place_node.*.ogg", (0.1, 0.5, 0.9, 1.9, 2.3)),
    "door_creak": Recorded(MINETEST, "doors_fencegate_open.ogg"),
    "glass_breaking": Recorded(MINETEST, "default_break_glass*.ogg"),
    "vacuum_cleaner": Recorded(STAMPS, "vacuum_cleaner.ogg"),
    "police_siren": Recorded(STAMPS, "firetruck.ogg"),
    "church_bell": Recorded(SONIC_PI, "perc_bell.flac"),
    "tower_clock_three": Recorded(SONIC_PI, "perc_bell.flac", (0.0, 2.0, 4.0)),
    "hand_saw": Recorded(STAMPS, "saw.ogg", (0.1, 1.4, 2.7), cut=0.5),
    "hammer_nail": Recorded(STAMPS, "hammer.ogg", (0.3, 0.9, 1.5, 2.1, 2.7)),
    "car_doors": Recorded(MINETEST, "doors_steel_door_close.ogg", (0.5, 2.0)),
    "washing_machine": Recorded(STAMPS, "Washing-machine.ogg", tuple(map(float, range(6)))),
    "mouse_click": Recorded("lomiri-sounds", "camera_click.ogg", (0.3, 1.3, 2.3)),
    "alarm_clock_beep": Recorded("sound-theme-freedesktop", "alarm-clock-elapsed.oga"),
}
