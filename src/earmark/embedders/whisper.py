"""Whisper as a recogniser, by any Whisper checkpoint of transformers: a hub name or a folder.

Greedy, so that a clip always gets the same words; the first 30 s at most. Like every recogniser it
invents text on noise: checks.words runs a voice detector first.
"""

import threading
from typing import Any

import numpy as np
from numpy.typing import NDArray

from earmark.embedders.checkpoints import LOAD_ERRORS, folder_of, one_line, quiet, unreachable
from earmark.errors import ConfigError

RATE_HZ = 16000
MAX_TOKENS = 200
PROBE_SECONDS = 5.0


class Whisper:
    """One checkpoint, read at once, so that a missing one is known before a completion is paid."""

    name = "whisper"

    def __init__(self, *, checkpoint: str) -> None:
        reason = None if folder_of(checkpoint) else unreachable(checkpoint, seconds=PROBE_SECONDS)
        if reason is not None:
            raise ConfigError(_message(checkpoint, reason))
        try:
            with quiet():
                self._processor, self._model = _read_checkpoint(checkpoint)
        except LOAD_ERRORS as error:
            raise ConfigError(_message(checkpoint, one_line(error))) from error
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


def _read_checkpoint(checkpoint: str) -> tuple[Any, Any]:
    from transformers import WhisperForConditionalGeneration, WhisperProcessor

    processor = WhisperProcessor.from_pretrained(checkpoint)
    model = WhisperForConditionalGeneration.from_pretrained(checkpoint)
    return processor, model.eval().float()  # whatever precision the file holds


def _message(checkpoint: str, reason: str) -> str:
    rule = f"must be a Whisper checkpoint, cannot be loaded ({reason})"
    hint = "set it to a folder that holds one, or metric=default for the packaged recogniser"
    return f"recogniser checkpoint {checkpoint!r}: {rule}; {hint}"
