"""What the stand-in misses, the checks measure: a wrong pitch, a wrong count."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import soundfile
import yaml

from earmark.audio import read_clip, samples
from earmark.checks import check
from earmark.embedders.waveform import resampled
from earmark.embedders.yamnet_minilm import YamnetMinilm
from earmark.extract import extract
from earmark.metrics.text_audio import TextAudio
from earmark.models.baselines.expert import Expert
from earmark.paths import conf
from earmark.records import Request, Sampling, Task
from earmark.tasks.loading import load

SEMITONES = 3
CASES = [
    ("notes", "sine_a4", "higher"),
    ("notes", "metronome_120", "twice"),
    ("environment", "door_knock", "twice"),
]
CASES += [("speech", "la_la_la_la", "twice")]


def altered(sound: np.ndarray, rate_hz: int, way: str) -> np.ndarray:
    """Three semitones higher, or the whole sound once more."""
    if way == "twice":
        return np.concatenate([sound, sound])
    return resampled(sound[:, 0], rate_hz, round(rate_hz / 2 ** (SEMITONES / 12)))


def task_of(tier: str, name: str) -> Task:
    return next(
        one
        for one in load(
            yaml.safe_load((conf() / "tier" / f"{tier}.yaml").read_text(encoding="utf-8"))
        )
        if one.id == name
    )


@pytest.mark.parts
@pytest.mark.parametrize(("tier", "name", "way"), CASES, ids=[case[1] for case in CASES])
def test_the_checks_measure_what_the_stand_in_cannot(
    tier: str, name: str, way: str, tmp_path: Path
) -> None:
    task = task_of(tier, name)
    source = extract(
        Expert().complete(Request(name, task.seconds, 0, 0, (), Sampling())).text
    ).source
    subprocess.run([sys.executable, "-c", source], cwd=tmp_path, check=True)
    right, wrong = tmp_path / "out.wav", tmp_path / "wrong.wav"
    soundfile.write(wrong, altered(*samples(right), way), samples(right)[1])
    embedder = TextAudio(YamnetMinilm(), cache=str(tmp_path / "rows"))
    before, after = (
        embedder.score(read_clip(path), task).values["yamnet_minilm"] for path in (right, wrong)
    )
    assert after > before - 0.02
    assert check(*samples(right), task.spec).values["check_ok"] == 1
    assert check(*samples(wrong), task.spec).values["check_ok"] < 1
