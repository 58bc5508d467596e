"""Audiobox Aesthetics: its loading, its windows, and its reasons where a part is missing."""

import sys
from pathlib import Path

import numpy as np
import pytest

from earmark.config.build import build
from earmark.config.compose import compose
from earmark.metrics.aesthetics import NAMES, RATE_HZ, WINDOW, Aesthetics, padded_windows
from earmark.records import Clip, Task
from earmark.testing.metrics import require_complete


def test_windows_lie_side_by_side_and_the_last_is_padded() -> None:
    parts, shares = padded_windows(np.ones(WINDOW + RATE_HZ, np.float32))
    assert parts.shape == (2, WINDOW)
    assert shares.tolist() == [1.0, 0.1]
    assert parts[1].sum() == RATE_HZ


def test_without_a_checkpoint_there_is_a_reason(clip: Clip, task: Task) -> None:
    scores = Aesthetics().score(clip, task)
    require_complete(scores, NAMES)
    assert "needs a checkpoint, none is set" in scores.unscored["aesthetics_quality"]
    assert Aesthetics().id.startswith("aesthetics none ")


def test_without_the_package_there_is_a_reason(
    clip: Clip, task: Task, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "audiobox_aesthetics", None)
    scores = Aesthetics(checkpoint=str(tmp_path)).score(clip, task)
    require_complete(scores, NAMES)
    assert "audiobox_aesthetics is not installed" in scores.unscored["aesthetics_quality"]


def test_a_folder_without_a_checkpoint_is_named(clip: Clip, task: Task, tmp_path: Path) -> None:
    pytest.importorskip("audiobox_aesthetics", reason="audiobox_aesthetics is not installed")
    scores = Aesthetics(checkpoint=str(tmp_path)).score(clip, task)
    assert "must hold config.json and model.safetensors" in scores.unscored["aesthetics_quality"]


@pytest.mark.long  # a network of 95 million weights, drawn at random
def test_a_checkpoint_on_disk_is_loaded_and_agrees_with_the_package(
    clip: Clip, task: Task, tmp_path: Path
) -> None:
    aes = pytest.importorskip("audiobox_aesthetics.model.aes")
    import torch

    torch.manual_seed(0)
    scale = {axis: {"mean": 5.0 + k, "std": 2.0} for k, axis in enumerate(aes.AXES_NAME)}
    network = aes.AesMultiOutput(target_transform=scale).eval()
    network.save_pretrained(tmp_path / "aes")
    metric = Aesthetics(checkpoint=str(tmp_path / "aes"))
    scores = metric.score(clip, task)
    require_complete(scores, NAMES)
    assert scores == metric.score(clip, task)
    parts, _ = padded_windows(np.zeros(WINDOW, np.float32))
    from earmark.embedders.waveform import wave

    mono = wave(clip, rate_hz=RATE_HZ)
    parts[0, : len(mono)] = mono
    batch = {
        "wav": torch.from_numpy(parts)[:, None],
        "mask": (torch.arange(WINDOW) < len(mono))[None, None],
    }
    with torch.inference_mode():
        raw = float(network(batch)["PQ"][0])
    assert scores.values["aesthetics_quality"] == pytest.approx(raw * 2 + 8, abs=1e-4)


def test_the_configuration_adds_it_to_the_default() -> None:
    clip = compose(["metric=aesthetics"]).metric.clip
    assert {"text_audio", "checks", "aesthetics"} <= clip.keys()
    assert isinstance(build(clip["aesthetics"]), Aesthetics)
