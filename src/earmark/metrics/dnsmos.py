"""The quality of speech as listeners would rate it, 1 to 5, predicted without a reference: DNSMOS.

The networks are read as data from the installed `speechmos` distribution. They were trained on
telephone and meeting speech: they detect noise and distortion, not whether the words are right, and
what they say of a whistle or of rain means nothing, so that other tiers than speech are unscored.

Source: Reddy et al., DNSMOS P.835 (ICASSP 2022) and DNSMOS (ICASSP 2021). 16 kHz, windows of 9.01 s
every second, a shorter clip repeated; P.808's network reads a 120-band mel spectrogram.
"""

import threading
from collections.abc import Sequence
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from earmark.audio.mel import RANGE_DB, mel_levels_db
from earmark.embedders import EmbeddingError
from earmark.embedders.onnx_graphs import session
from earmark.embedders.packaged import packaged_file, packaged_version
from earmark.embedders.waveform import Wave, wave
from earmark.errors import AudioError, MetricUnavailable
from earmark.records import Clip, Scores, Task

RATE_HZ = 16000
WINDOW = int(9.01 * RATE_HZ)
HOP = RATE_HZ
NAMES = ("dnsmos_overall", "dnsmos_speech", "dnsmos_background", "dnsmos_p808")
PACKAGE = "speechmos"
OTHERWISE = "leave metric=dnsmos out"
# From the networks' raw outputs to ratings, highest power first, as fitted by their authors.
SPEECH = (-0.08397278, 1.22083953, 0.0052439)
BACKGROUND = (-0.13166888, 1.60915514, -0.39604546)
OVERALL = (-0.06766283, 1.11546468, 0.04602535)


class Dnsmos:
    """Predicted ratings of clips of the tiers that hold speech."""

    def __init__(self, *, tiers: Sequence[str] = ("speech",)) -> None:
        self.tiers = tuple(tiers)
        self._lock = threading.Lock()

    @property
    def id(self) -> str:
        """Version of the networks, and the pipeline."""
        try:
            version = packaged_version(PACKAGE, otherwise=OTHERWISE)
        except MetricUnavailable:
            version = "none"
        return f"dnsmos speechmos={version} {RATE_HZ}Hz window=9.01s hop=1s short=repeat level=asis"

    def score(self, clip: Clip, task: Task) -> Scores:
        """Each of NAMES, 1 (bad) to 5 (excellent), or the reason why it is unscored."""
        if task.tier not in self.tiers:
            reason = f"DNSMOS rates speech, the tier is {task.tier}; set metric.clip.dnsmos.tiers"
            return _unscored(reason)
        try:
            ratings = self._ratings(wave(clip, rate_hz=RATE_HZ))
        except (AudioError, EmbeddingError, MetricUnavailable) as error:
            return _unscored(str(error))
        if not np.isfinite(ratings).all():
            return _unscored(f"{clip.path}: its ratings must be finite, they are not")
        return Scores(values=dict(zip(NAMES, map(float, ratings), strict=True)))

    def _ratings(self, mono: Wave) -> NDArray[np.float64]:
        """(4,) mean over the windows, in the order of NAMES."""
        with self._lock:
            ratings = [self._window(part) for part in windows(mono)]
        mean: NDArray[np.float64] = np.mean(ratings, axis=0)
        return mean

    def _window(self, samples: Wave) -> tuple[float, float, float, float]:
        speech, background, overall = self._p835.run(None, {"input_1": samples[None]})[0][0]
        p808 = self._p808.run(None, {"input_1": mel_bands(samples[:-160])[None]})[0][0][0]
        return (
            float(np.polyval(OVERALL, overall)),
            float(np.polyval(SPEECH, speech)),
            float(np.polyval(BACKGROUND, background)),
            float(p808),
        )

    @cached_property
    def _p835(self) -> Any:  # noqa: ANN401  # onnxruntime ships no types
        return _session("sig_bak_ovr.onnx")

    @cached_property
    def _p808(self) -> Any:  # noqa: ANN401  # onnxruntime ships no types
        return _session("model_v8.onnx")


def windows(mono: Wave) -> list[Wave]:
    """Windows of 9.01 s, one every second; a shorter waveform is doubled until it fills one."""
    whole = mono
    while len(whole) < WINDOW:
        whole = np.concatenate([whole, whole])
    count = int(len(whole) // RATE_HZ - WINDOW / RATE_HZ) + 1
    starts = range(0, max(1, count) * HOP, HOP)
    return [whole[k : k + WINDOW] for k in starts if k + WINDOW <= len(whole)]


def mel_bands(samples: Wave) -> NDArray[np.float32]:
    """(frames, 120) mel levels in dB over the loudest, moved and scaled to about -1..1."""
    level = mel_levels_db(samples, RATE_HZ, size=321, hop=160, bands=120)
    level -= level.max()
    level = np.maximum(level, -RANGE_DB)
    return np.asarray((level + 40) / 40, np.float32).T


def _session(name: str) -> Any:  # noqa: ANN401  # onnxruntime ships no types
    path = packaged_file(PACKAGE, f"speechmos/dnsmos_models/{name}", otherwise=OTHERWISE)
    return session(path)


def _unscored(reason: str) -> Scores:
    return Scores(unscored=dict.fromkeys(NAMES, reason))
