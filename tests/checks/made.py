"""What programs that know no task make, and how sounds are held against a task's spec."""

from collections.abc import Collection, Mapping
from contextlib import chdir
from functools import cache
from pathlib import Path
from typing import Any

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
from earmark.tasks.loading import load

TIERS = ("notes", "environment", "speech")
SLOW = ("words", "formants_hz", "melody", "chord", "harmonics", "odd_even_db")
Samples = tuple[NDArray[np.float64], int]


@cache
def tasks(folder: Path | None = None) -> Mapping[str, Task]:
    """Every task of the project, or of another folder of tiers, by id."""
    files = [(folder or paths.conf() / "tier") / f"{tier}.yaml" for tier in TIERS]
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


def is_met(sound: Sound, name: str, spec: Mapping[str, Any]) -> bool | None:
    """Whether a sound meets one fact of a spec; None where it cannot be judged here."""
    try:
        return CHECKS[name].measure(sound, spec[name], spec).met
    except Unmeasurable:
        return False
    except NotJudged:
        return None


def first_unmet(sound: Sound, task: Task, but: Collection[str] = ()) -> str | None:
    """The first fact of a task's spec that a sound does not meet, the quick ones first."""
    facts = [name for name in task.spec if name in CHECKS and name not in but]
    for name in sorted(facts, key=lambda one: one in SLOW):
        if is_met(sound, name, task.spec) is False:
            return name
    return None
