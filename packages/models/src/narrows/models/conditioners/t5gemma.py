"""Text through a T5Gemma encoder (Zhang et al. 2025; stable-audio-3)."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from narrows.configs import T5GemmaConditionerConfig
from narrows.models._options import options
from narrows.models.conditioners import build_conditioner
from narrows.models.conditioners.base import Condition, Generators
from narrows.models.conditioners.encoded_text import EncodedTextConditioner, PaddingMode, Precision
from narrows.models.conditioners.encoders import place, width_at
from narrows.models.conditioners.pretrained import config_at, from_pretrained, without_weights
from narrows.models.conditioners.texts import Tokens
from narrows.models.extras import quiet
from narrows.models.pretransforms import Pretransform

PUBLISHED = {"google/t5gemma-b-b-ul2": (768, 281_561_856)}
"""Width and parameters of published encoders."""


class T5GemmaConditioner(EncodedTextConditioner):
    """The last hidden states of a T5Gemma encoder, padded to `max_length`.

    Args:
        output_dim: width (D).
        model_name: published encoder, looked up in the local cache; its width is known without it.
        max_length: tokens (N); longer texts are cut, with a warning that names the words.
        enable_grad: train the encoder; the reference says so too, but never does.
        project_out: project even where the widths are equal.
        padding_mode: what stands in the place of padding: what the encoder makes of it, zeros, or a learned vector.
        model_path: folder of an encoder, which counts instead.
        repo_id: name in the local cache, which counts instead of `model_name`.
        subfolder: inside that folder or cache entry.
        precision: of a frozen encoder; `auto` is float32 on a processor, else bfloat16 where the device has it.

    Shape:
        texts, or tokens as `input_ids` and `attention_mask` → `(B, N, D)`, mask `(B, N)` bool
    """

    def __init__(
        self,
        output_dim: int,
        model_name: str = "google/t5gemma-b-b-ul2",
        max_length: int = 128,
        enable_grad: bool = False,
        project_out: bool = False,
        padding_mode: PaddingMode = "zero",
        model_path: str | None = None,
        repo_id: str | None = None,
        subfolder: str | None = None,
        precision: Precision = "auto",
    ) -> None:
        where = place(model_path, () if model_path else (repo_id or model_name,), subfolder=subfolder)
        width, parameters = PUBLISHED[model_name]
        published = model_path is None and repo_id is None
        super().__init__(
            width if published else width_at(where) or width,
            output_dim,
            max_length=max_length,
            enable_grad=enable_grad,
            project_out=project_out,
            padding_mode=padding_mode,
            precision=precision,
        )
        self.place = where
        self.published_size = parameters if published else None
        if enable_grad:
            self.train_encoder()

    def forward(self, values: Sequence[Any], device: torch.device | str, generator: Generators = None) -> Condition:
        """See `Conditioner.forward`; of a list of texts the first counts, as in the reference."""
        firsts = [value[0] if isinstance(value, (list, tuple)) and value else value for value in values]
        return super().forward(firsts, device, generator)

    def load(self) -> nn.Module:
        """See `EncodedTextConditioner.load`."""
        with quiet() as transformers:
            return from_pretrained(transformers.T5GemmaEncoderModel, self.place.find(), config=self._config())

    def skeleton(self) -> nn.Module:
        """See `EncodedTextConditioner.skeleton`."""
        with quiet() as transformers:
            return without_weights(transformers.T5GemmaEncoderModel, self.place.find(), self._config())

    def files(self) -> list[Path]:
        """See `EncodedTextConditioner.files`."""
        return [self.place.find()]

    def tokenizer_folder(self) -> Path:
        """See `EncodedTextConditioner.tokenizer_folder`."""
        return self.place.find()

    def hidden(self, encoder: nn.Module, tokens: Tokens) -> Tensor:
        """See `EncodedTextConditioner.hidden`."""
        states: Tensor = encoder(input_ids=tokens.ids, attention_mask=tokens.mask).last_hidden_state
        return states

    def _config(self) -> Any:
        config = config_at(self.place.find())
        config.is_encoder_decoder = False  # only its encoder is built
        return config


@build_conditioner.register
def _(config: T5GemmaConditionerConfig, cond_dim: int, pretransform: Pretransform | None = None) -> T5GemmaConditioner:
    return T5GemmaConditioner(**options(config) | {"output_dim": config.config.output_dim or cond_dim})
