"""Whisper as a recogniser: a waveform -> words, by any Whisper checkpoint of transformers.

In: a hub name or a folder. Out: lower-case text. Greedy, so that the same clip has the same words; at most the first 30 s. Like every
recogniser it invents text on noise: checks.words looks for a voice first.
"""

import threading
from typing import Any

import numpy as np
from numpy.typing import NDArray

from earmark.embedders.checkpoints import folder_of, quiet, unreachable
from earmark.errors import ConfigError

RATE_HZ = 16000
MAX_TOKENS = 200
PROBE_SECONDS = 5.0


class Whisper:
    """One checkpoint, read when it is made: one that cannot be had must be known before a completion is paid."""

    name = "whisper"

    def __init__(self, *, checkpoint: str) -> None:
        reason = None if folder_of(checkpoint) else unreachable(checkpoint, seconds=PROBE_SECONDS)
        if reason is not None:
            raise ConfigError(_refusal(checkpoint, reason))
        from transformers import WhisperForConditionalGeneration, WhisperProcessor

        try:
            with quiet():
                self._processor: Any = WhisperProcessor.from_pretrained(checkpoint)
                self._model: Any = WhisperForConditionalGeneration.from_pretrained(
                    checkpoint
                ).eval()
        except (
            OSError,
            ValueError,
            RuntimeError,
            ImportError,
            KeyError,
            TypeError,
        ) as error:  # whatever a wrong folder makes transformers say
            raise ConfigError(_refusal(checkpoint, " ".join(str(error).split())[:200])) from error
        self._lock = threading.Lock()

    def hear(self, line: NDArray[np.floating]) -> str:
        """The words in (n,) samples at 16 kHz."""
        import torch

        features = self._processor(
            np.asarray(line, np.float32), sampling_rate=RATE_HZ, return_tensors="pt"
        ).input_features
        with self._lock, torch.inference_mode(), quiet():
            most = min(MAX_TOKENS, self._model.config.max_target_positions - 8)
            tokens = self._model.generate(
                features, max_new_tokens=most, do_sample=False, num_beams=1
            )
        text: str = self._processor.batch_decode(tokens, skip_special_tokens=True)[0]
        return text.strip().lower()


def _refusal(checkpoint: str, reason: str) -> str:
    hint = (
        "give a folder that holds one, or metric=default to hear words by the packaged recogniser"
    )
    return f"recogniser checkpoint {checkpoint!r}: must be a Whisper checkpoint, cannot be loaded ({reason}); {hint}"
