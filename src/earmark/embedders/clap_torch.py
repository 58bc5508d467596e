"""A CLAP checkpoint by torch and transformers: on a GPU, and where there is no graph of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from earmark.embedders.checkpoints import content_digest, folder_of, quiet, read_model
from earmark.embedders.clap_weights import Floats, Weights
from earmark.embedders.log_mel import LogMel

RATE_HZ = 48000
# Windows in a forward pass of a GPU. Always as many, silent ones added: a device chooses its
# arithmetic by the shape, and a row must not depend on its company.
GPU_BATCH = 8


@dataclass(frozen=True)
class TorchNetworks:
    """A ClapModel. On a CPU one window at a time: there batches are no faster."""

    model: Any
    device: str
    batch: int

    def audio(self, spectra: NDArray[np.float32]) -> Floats:
        """(n, d) rows of (n, frames, mels) spectra."""
        parts = [spectra[k : k + self.batch] for k in range(0, len(spectra), self.batch)]
        return np.concatenate([self._batch(part) for part in parts])

    def _batch(self, spectra: NDArray[np.float32]) -> Floats:
        import torch

        full = np.zeros((self.batch, *spectra.shape[1:]), np.float32)
        full[: len(spectra)] = spectra
        with torch.inference_mode():
            output = audio_rows(self.model, torch.from_numpy(full)[:, None].to(self.device))
        rows: Floats = output.double().cpu().numpy()[: len(spectra)]
        return rows

    def text(self, tokens: Sequence[int]) -> Floats:
        """(d,) row of a caption's tokens."""
        import torch

        with torch.inference_mode():
            output = text_rows(self.model, torch.tensor([list(tokens)]).to(self.device))
        row: Floats = output[0].double().cpu().numpy()
        return row


@dataclass(frozen=True)
class TorchClap:
    """A checkpoint as torch has it, with what an export reads besides the weights."""

    weights: Weights
    model: Any
    tokenizer: Any


def audio_rows(model: Any, mels: Any) -> Any:  # noqa: ANN401  # tensors of transformers: no types
    """(n, d) of (n, 1, frames, mels)."""
    import torch

    fusion = bool(model.config.audio_config.enable_fusion)
    # A fused checkpoint takes four views. Of one window they are four times the same, marked as
    # the stock extractor marks a clip on its own.
    views = mels.repeat(1, 4, 1, 1) if fusion else mels
    longer = torch.zeros_like(mels[:, :, 0, 0]) == (0 if fusion else 1)
    return model.get_audio_features(input_features=views, is_longer=longer).pooler_output


def text_rows(model: Any, tokens: Any) -> Any:  # noqa: ANN401  # tensors of transformers: no types
    """(1, d) of (1, tokens), none of which is padding."""
    import torch

    mask = torch.ones_like(tokens)
    return model.get_text_features(input_ids=tokens, attention_mask=mask).pooler_output


@quiet()
def read(checkpoint: str, *, device: str) -> TorchClap:
    """A checkpoint on a device.

    Raises:
        ValueError: it holds another model, or one of another rate. transformers raises others.
    """
    from transformers import AutoConfig, AutoTokenizer, ClapFeatureExtractor, ClapModel

    config = AutoConfig.from_pretrained(checkpoint)
    if config.model_type != "clap":
        raise ValueError(f"it must hold a ClapModel, it holds a {config.model_type} model")
    extractor = ClapFeatureExtractor.from_pretrained(checkpoint)
    if extractor.sampling_rate != RATE_HZ:
        raise ValueError(
            f"its extractor's rate must be {RATE_HZ} Hz, it is {extractor.sampling_rate} Hz"
        )
    tokenizer = AutoTokenizer.from_pretrained(checkpoint)
    model = read_model(ClapModel, checkpoint, device=device)
    limit = max_tokens(config)

    def tokens(caption: str) -> list[int]:
        numbers: list[int] = tokenizer(caption, truncation=True, max_length=limit)["input_ids"]
        return numbers

    fusion, folder = bool(model.config.audio_config.enable_fusion), folder_of(checkpoint)
    weights = Weights(
        networks=TorchNetworks(model, device, 1 if device == "cpu" else GPU_BATCH),
        mel=front_end(extractor, fusion=fusion),
        tokens=tokens,
        width=int(model.config.projection_dim),
        fusion=fusion,
        content="hub" if folder is None else content_digest(folder),
        runtime="torch",
    )
    return TorchClap(weights, model, tokenizer)


def max_tokens(config: Any) -> int:  # noqa: ANN401  # a configuration of transformers
    """Positions of the text model less the two that RoBERTa keeps for padding."""
    return int(config.text_config.max_position_embeddings) - 2


def front_end(extractor: Any, *, fusion: bool) -> LogMel:  # noqa: ANN401  # of transformers
    """The extractor's spectrogram. Fused checkpoints have HTK mels, the others Slaney's."""
    return LogMel(
        filters=np.asarray(
            extractor.mel_filters if fusion else extractor.mel_filters_slaney, np.float64
        ),
        size=int(extractor.fft_window_size),
        hop=int(extractor.hop_length),
        window=int(extractor.nb_max_samples),
    )
