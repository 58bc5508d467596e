"""A CLAP checkpoint by onnxruntime, on a CPU: exported once, and compared with torch before use.

What was exported is read without torch and transformers, and torch's copy of the weights is not
kept. Each session reads its network when it is first needed: with every caption in the cache, the
text network, four fifths of a checkpoint, is never in memory.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from earmark.embedders.checkpoints import content_digest
from earmark.embedders.clap_torch import TorchClap, audio_rows, max_tokens, text_rows
from earmark.embedders.clap_weights import Floats, Weights
from earmark.embedders.known_sounds import known_sounds
from earmark.embedders.log_mel import LogMel
from earmark.embedders.onnx_graphs import (
    ExportError,
    export,
    graphs,
    require_close,
    session,
    thread_count,
)
from earmark.records import Json

AUDIO, TEXT, TOKENIZER, FILTERS = "audio.onnx", "text.onnx", "tokenizer.json", "filters.npy"
# Of few and of more tokens than a network takes, on which a graph is compared with torch.
CAPTIONS = ("rain", "the sound of a dog that barks twice", "a bell rings " * 200)

ReadTorch = Callable[[], TorchClap]


@dataclass(frozen=True)
class OnnxNetworks:
    """Both graphs of a folder."""

    folder: Path

    def audio(self, spectra: NDArray[np.float32]) -> Floats:
        """(n, d) rows of (n, frames, mels) spectra; one at a time, as batches are no faster."""
        batches = [spectra[k : k + 1, None] for k in range(len(spectra))]
        rows = [self._audio.run(["rows"], {"mels": batch})[0] for batch in batches]
        return np.concatenate(rows).astype(np.float64)

    def text(self, tokens: Sequence[int]) -> Floats:
        """(d,) row of a caption's tokens."""
        numbers = np.array([tokens], np.int64)
        return np.asarray(self._text.run(["rows"], {"tokens": numbers})[0][0], np.float64)

    @cached_property
    def _audio(self) -> Any:  # noqa: ANN401  # onnxruntime ships no types
        return session(self.folder / AUDIO, threads=thread_count())

    @cached_property
    def _text(self) -> Any:  # noqa: ANN401  # onnxruntime ships no types
        return session(self.folder / TEXT)  # one thread: the other session has the only pool


def read(folder: Path | None, read_torch: ReadTorch) -> Weights:
    """The checkpoint in a folder.

    Args:
        folder: with the checkpoint's files; None where they are nowhere on this machine.
        read_torch: reads them by torch, where they must be exported.

    Raises:
        ExportError: there is no graph whose rows are those of torch.
    """
    if folder is None:
        raise ExportError("the hub's cache does not hold its files")
    content = content_digest(folder)
    made, facts = graphs("clap", content, read_torch, _make)
    return _open(made, facts, content=content)


def _open(folder: Path, facts: Json, *, content: str) -> Weights:
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(folder / TOKENIZER))
    tokenizer.no_padding()
    tokenizer.enable_truncation(facts["max_tokens"])
    filters = np.load(folder / FILTERS, allow_pickle=False)

    def tokens(caption: str) -> list[int]:
        numbers: list[int] = tokenizer.encode(caption).ids
        return numbers

    return Weights(
        networks=OnnxNetworks(folder),
        mel=LogMel(filters, facts["size"], facts["hop"], facts["window"]),
        tokens=tokens,
        width=facts["width"],
        fusion=facts["fusion"],
        content=content,
        runtime="onnxruntime",
    )


def _make(checkpoint: TorchClap, folder: Path) -> Json:
    """Export a checkpoint, and compare what was exported with torch."""
    import torch

    weights, model = checkpoint.weights, checkpoint.model
    silence = weights.mel.of(np.zeros(weights.mel.window, np.float32))
    mels, tokens = (
        torch.from_numpy(silence)[None, None],
        torch.tensor([weights.tokens(CAPTIONS[1])]),
    )
    export(_module(model, audio_rows), mels, folder / AUDIO, input_name="mels")
    export(_module(model, text_rows), tokens, folder / TEXT, input_name="tokens", free_axis=1)
    checkpoint.tokenizer.backend_tokenizer.save(str(folder / TOKENIZER))
    np.save(folder / FILTERS, weights.mel.filters)
    facts = {
        "size": weights.mel.size,
        "hop": weights.mel.hop,
        "window": weights.mel.window,
        "max_tokens": max_tokens(model.config),
        "width": weights.width,
        "fusion": weights.fusion,
    }
    exported = _open(folder, facts, content=weights.content)
    return {**facts, **compare(exported, weights)}


def compare(exported: Weights, of_torch: Weights) -> dict[str, float]:
    """The largest differences between rows of both, over known sounds and captions.

    Raises:
        ExportError: one is above TOLERANCE, or the tokens of a caption differ.
    """
    window = of_torch.mel.window
    sounds = [np.resize(sound, window).astype(np.float32) for sound in known_sounds().values()]
    sounds.append(np.zeros(window, np.float32))
    spectra = np.stack([of_torch.mel.of(sound) for sound in sounds])
    tokens = [of_torch.tokens(caption) for caption in CAPTIONS]
    if [exported.tokens(caption) for caption in CAPTIONS] != tokens:
        raise ExportError("clap text: the tokens of a caption must be those of transformers")
    ours, theirs = exported.networks, of_torch.networks
    return {
        "audio difference": require_close("clap audio", ours.audio(spectra), theirs.audio(spectra)),
        "text difference": require_close(
            "clap text", [ours.text(one) for one in tokens], [theirs.text(one) for one in tokens]
        ),
    }


def _module(model: Any, rows: Callable[[Any, Any], Any]) -> Any:  # noqa: ANN401  # torch modules
    """One function of a model as a module of its own, which is what torch exports."""
    import torch

    class Rows(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.model = model

        def forward(self, values: Any) -> Any:  # noqa: ANN401  # tensors
            return rows(self.model, values)

    return Rows()
