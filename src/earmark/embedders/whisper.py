"""Whisper as a recogniser, by any Whisper checkpoint of transformers: a hub name or a folder.

Greedy, so that a clip always gets the same words; the first 30 s at most. Like every recogniser it
invents text on noise: checks.words runs a voice detector first.
"""

import threading
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from earmark.embedders.checkpoints import load_checkpoint, quiet, read_model
from earmark.errors import ConfigError

RATE_HZ = 16000
MAX_TOKENS = 200


class Whisper:
    """One checkpoint, read at once, so that a missing one is known before a completion is paid."""

    name = "whisper"

    def __init__(self, *, checkpoint: str) -> None:
        self._processor, self._model = load_checkpoint(
            checkpoint, _read_checkpoint, error=partial(_error, checkpoint)
        )
        self._lock = threading.Lock()

    def transcribe(self, mono: NDArray[np.floating]) -> str:
        """The words in (n,) samples at 16 kHz, in lower case."""
        import torch

        features = self._processor(
            np.asarray(mono, np.float32), sampling_rate=RATE_HZ, return_tensors="pt"
        ).input_features
        max_tokens = min(MAX_TOKENS, self._model.config.max_target_positions - 8)
        with self._lock, torch.inference_mode(), quiet():
            tokens = self._model.generate(
                features, max_new_tokens=max_tokens, do_sample=False, num_beams=1
            )
        text: str = self._processor.batch_decode(tokens, skip_special_tokens=True)[0]
        return text.strip().lower()


@quiet()
def _read_checkpoint(checkpoint: str) -> tuple[Any, Any]:
    from transformers import WhisperForConditionalGeneration, WhisperProcessor

    processor = WhisperProcessor.from_pretrained(checkpoint)
    return processor, read_model(WhisperForConditionalGeneration, checkpoint)


def _error(checkpoint: str, reason: str) -> ConfigError:
    rule = f"must be a Whisper checkpoint, cannot be loaded ({reason})"
    hint = "set it to a folder that holds one, or metric=default for the packaged recogniser"
    return ConfigError(f"recogniser checkpoint {checkpoint!r}: {rule}; {hint}")
