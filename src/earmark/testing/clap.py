"""Checkpoints of CLAP with random weights."""

# ruff: noqa: S106  # tokens of a vocabulary

from pathlib import Path
from typing import Any

WORDS = [
    "<s>",
    "<pad>",
    "</s>",
    "<unk>",
    "<mask>",
    "a",
    "dog",
    "barks",
    "rain",
    "the",
    "sound",
    "of",
    "bell",
    "twice",
]


def save_checkpoint(folder: Path, *, full_size: bool = False, fusion: bool = False) -> Path:
    """A ClapModel with its extractor and a tokenizer of few words, in a folder.

    Args:
        folder: is made.
        full_size: the architecture of laion/clap-htsat-unfused, 600 MB; else a small one.
        fusion: as the fused checkpoints are.
    """
    import torch
    from transformers import ClapConfig, ClapFeatureExtractor, ClapModel

    torch.manual_seed(7)
    audio = {
        "patch_embeds_hidden_size": 16,
        "depths": [1, 1, 1, 1],
        "num_attention_heads": [2, 2, 2, 2],
        "hidden_size": 128,
        "projection_dim": 24,
        "enable_fusion": fusion,
    }
    text = {
        "vocab_size": 64,
        "hidden_size": 32,
        "num_hidden_layers": 2,
        "num_attention_heads": 2,
        "intermediate_size": 64,
    }
    text |= {"max_position_embeddings": 66, "projection_dim": 24}
    config = (
        ClapConfig()
        if full_size
        else ClapConfig(audio_config=audio, text_config=text, projection_dim=24)
    )
    ClapModel(config).eval().save_pretrained(folder)
    ClapFeatureExtractor(
        truncation="fusion" if fusion else "rand_trunc", padding="repeatpad"
    ).save_pretrained(folder)
    _tokenizer().save_pretrained(folder)
    return folder


def _tokenizer() -> Any:  # noqa: ANN401  # of transformers
    from tokenizers import Tokenizer, models, pre_tokenizers, processors
    from transformers import PreTrainedTokenizerFast

    words = Tokenizer(
        models.WordLevel({word: k for k, word in enumerate(WORDS)}, unk_token="<unk>")
    )
    words.pre_tokenizer = pre_tokenizers.Whitespace()
    words.post_processor = processors.TemplateProcessing(
        single="<s> $A </s>", special_tokens=[("<s>", 0), ("</s>", 2)]
    )
    return PreTrainedTokenizerFast(
        tokenizer_object=words,
        bos_token="<s>",
        eos_token="</s>",
        pad_token="<pad>",
        unk_token="<unk>",
    )
