"""Text and audio encoders with random weights, small enough to be made in a test, as folders of transformers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch

WORDS = [
    "<pad>",
    "<unk>",
    "</s>",
    "a",
    "slow",
    "fast",
    "drum",
    "loop",
    "with",
    "guitar",
    "and",
    "reverb",
    "in",
    "the",
    "big",
    "hall",
    "techno",
    "house",
]
WIDTH = 32


def tokenizer(folder: Path, padding_side: str = "right") -> None:
    """A tokenizer of whole words that ends every text with a token of its own."""
    from tokenizers import Tokenizer, models, pre_tokenizers, processors
    from transformers import PreTrainedTokenizerFast

    inner = Tokenizer(models.WordLevel({word: row for row, word in enumerate(WORDS)}, unk_token="<unk>"))
    inner.pre_tokenizer = pre_tokenizers.Whitespace()
    inner.post_processor = processors.TemplateProcessing(single="$A </s>", special_tokens=[("</s>", 2)])
    special = {"pad_token": "<pad>", "unk_token": "<unk>", "eos_token": "</s>"}
    PreTrainedTokenizerFast(tokenizer_object=inner, padding_side=padding_side, **special).save_pretrained(folder)


def t5(folder: Path) -> Any:
    """A T5 encoder in a folder."""
    from transformers import T5Config, T5EncoderModel

    config = T5Config(d_model=WIDTH, d_kv=8, num_layers=2, num_heads=4, d_ff=64, vocab_size=64)
    return _saved(T5EncoderModel, config, folder)


def t5gemma(folder: Path) -> Any:
    """A T5Gemma encoder in a folder; its texts are padded on the left, as the published ones are."""
    from transformers import T5GemmaConfig, T5GemmaEncoderModel

    size = {"hidden_size": WIDTH, "intermediate_size": 64, "num_hidden_layers": 2, "head_dim": 16, "vocab_size": 64}
    heads = {"num_attention_heads": 2, "num_key_value_heads": 1, "sliding_window": 8}
    config = T5GemmaConfig(encoder={**size, **heads}, is_encoder_decoder=False, vocab_size=64)
    return _saved(T5GemmaEncoderModel, config, folder, "left")


def bert(folder: Path) -> Any:
    """A BERT in a folder."""
    from transformers import BertConfig, BertModel

    size = {"hidden_size": WIDTH, "intermediate_size": 64, "num_hidden_layers": 2, "num_attention_heads": 4}
    return _saved(BertModel, BertConfig(vocab_size=64, max_position_embeddings=64, **size), folder)


def clap(folder: Path, fusion: bool = True) -> Any:
    """A CLAP in a folder."""
    from transformers import ClapConfig, ClapModel

    text = {"hidden_size": WIDTH, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 64}
    audio = {"patch_embeds_hidden_size": 16, "depths": [1, 1, 1, 1], "num_attention_heads": [1, 1, 2, 2]}
    config = ClapConfig(
        text_config={**text, "vocab_size": 64, "max_position_embeddings": 96},
        audio_config={**audio, "hidden_size": 128, "enable_fusion": fusion, "fusion_type": "aff_2d"},
        projection_dim=16,
    )
    return _saved(ClapModel, config, folder)


def _saved(cls: Any, config: Any, folder: Path, padding_side: str = "right") -> Any:
    with torch.random.fork_rng():
        torch.manual_seed(3)
        model = cls(config).eval()
        for parameter in model.parameters():  # the usual initial values are so small that much of a network is unseen
            parameter.data.normal_(std=0.2)
    model.save_pretrained(folder)
    tokenizer(folder, padding_side)
    return model
