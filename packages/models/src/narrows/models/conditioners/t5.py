"""Text through a T5 encoder (Raffel et al. 2020; stable-audio-tools)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from narrows.configs import T5ConditionerConfig
from narrows.models._options import options
from narrows.models.conditioners import build_conditioner
from narrows.models.conditioners.encoded_text import EncodedTextConditioner, Precision
from narrows.models.conditioners.encoders import place, width_at
from narrows.models.conditioners.pretrained import from_pretrained, without_weights
from narrows.models.conditioners.texts import Tokens
from narrows.models.extras import quiet
from narrows.models.pretransforms import Pretransform

# Width, width of a head, of the feed-forward layer, layers, heads, gated feed-forward layers; of published encoders.
PUBLISHED: dict[str, tuple[int, int, int, int, int, bool]] = {
    "t5-small": (512, 64, 2048, 6, 8, False),
    "t5-base": (768, 64, 3072, 12, 12, False),
    "t5-large": (1024, 64, 4096, 24, 16, False),
    "t5-3b": (1024, 128, 16384, 24, 32, False),
    "t5-11b": (1024, 128, 65536, 24, 128, False),
    "google/flan-t5-small": (512, 64, 1024, 8, 6, True),
    "google/flan-t5-base": (768, 64, 2048, 12, 12, True),
    "google/flan-t5-large": (1024, 64, 2816, 24, 16, True),
    "google/flan-t5-xl": (2048, 64, 5120, 24, 32, True),
    "google/flan-t5-xxl": (4096, 64, 10240, 24, 64, True),
    "google/t5-v1_1-xl": (2048, 64, 5120, 24, 32, True),
    "google/t5-v1_1-xxl": (4096, 64, 10240, 24, 64, True),
}
VOCABULARY = 32128
BUCKETS = 32
"""Distances that the attention tells apart."""


class T5Conditioner(EncodedTextConditioner):
    """The last hidden states of a T5 encoder, padded with zeros to `max_length`.

    Args:
        output_dim: width (D).
        t5_model_name: published encoder, looked up in the local cache; its width is known without it.
        model_path: folder of an encoder, which counts instead.
        max_length: tokens (N); longer texts are cut, with a warning that names the words.
        enable_grad: train the encoder.
        project_out: project even where the widths are equal.
        precision: of a frozen encoder; `auto` is float32 on a processor, else float16 as in the reference.

    Shape:
        texts → `(B, N, D)`, mask `(B, N)` bool
    """

    suited = torch.float16

    def __init__(
        self,
        output_dim: int,
        t5_model_name: str = "t5-base",
        model_path: str | None = None,
        max_length: int = 128,
        enable_grad: bool = False,
        project_out: bool = False,
        precision: Precision = "auto",
    ) -> None:
        names = () if model_path else (t5_model_name, f"google-t5/{t5_model_name}")[: 1 + ("/" not in t5_model_name)]
        self_place = place(model_path, names)
        super().__init__(
            (width_at(self_place) if model_path else None) or PUBLISHED[t5_model_name][0],
            output_dim,
            max_length=max_length,
            enable_grad=enable_grad,
            project_out=project_out,
            precision=precision,
        )
        self.place = self_place
        self.published_size = None if model_path else published_parameters(t5_model_name)
        if enable_grad:
            self.train_encoder()

    def load(self) -> nn.Module:
        """See `EncodedTextConditioner.load`."""
        with quiet() as transformers:
            return from_pretrained(transformers.T5EncoderModel, self.place.find())

    def skeleton(self) -> nn.Module:
        """See `EncodedTextConditioner.skeleton`."""
        with quiet() as transformers:
            return without_weights(transformers.T5EncoderModel, self.place.find())

    def files(self) -> list[Path]:
        """See `EncodedTextConditioner.files`."""
        return [self.place.find()]

    def tokenizer_folder(self) -> Path:
        """See `EncodedTextConditioner.tokenizer_folder`; diffusers keeps it beside the encoder."""
        found = self.place.find()
        beside = found.parent / "tokenizer"
        own = any((found / name).is_file() for name in ("tokenizer.json", "tokenizer_config.json", "spiece.model"))
        return beside if beside.is_dir() and not own else found

    def hidden(self, encoder: nn.Module, tokens: Tokens) -> Tensor:
        """See `EncodedTextConditioner.hidden`."""
        states: Tensor = encoder(input_ids=tokens.ids, attention_mask=tokens.mask).last_hidden_state
        return states


def published_parameters(name: str) -> int:
    """Parameters of a published T5 encoder."""
    width, head, inner, layers, heads, gated = PUBLISHED[name]
    layer = 4 * width * heads * head + (2 + gated) * width * inner + 2 * width
    return VOCABULARY * width + layers * layer + BUCKETS * heads + width


@build_conditioner.register
def _(config: T5ConditionerConfig, cond_dim: int, pretransform: Pretransform | None = None) -> T5Conditioner:
    arguments: dict[str, Any] = options(config) | {"output_dim": config.config.output_dim or cond_dim}
    return T5Conditioner(**arguments)
