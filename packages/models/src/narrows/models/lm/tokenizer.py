"""Tokens of a pretransform in one layout, `(B, K, T)`, whatever its bottleneck reports."""

from __future__ import annotations

from inspect import signature
from typing import Any

import torch
from torch import Tensor

from narrows.models.bottlenecks import DiscreteBottleneck
from narrows.models.pretransforms import Pretransform
from narrows.models.pretransforms.autoencoder import AutoencoderPretransform


def bottleneck_of(pretransform: Pretransform) -> DiscreteBottleneck:
    """The bottleneck that makes tokens.

    Raises:
        TypeError: there is none.
    """
    bottleneck = pretransform.model.bottleneck if isinstance(pretransform, AutoencoderPretransform) else None
    if not isinstance(bottleneck, DiscreteBottleneck):
        raise TypeError(f"A language model needs a tokenizer with a discrete bottleneck; this is a {_name(bottleneck)}")
    return bottleneck


@torch.no_grad()
def tokens_of(pretransform: AutoencoderPretransform, audio: Tensor) -> Tensor:
    """Tokens `(B, K, T)` of audio `(B, C, samples)`, the same at every call.

    Variational bottlenecks quantize the mean, and dither is drawn from a seed: a language model must not learn noise.
    """
    bottleneck, model = bottleneck_of(pretransform), pretransform.model
    latents = model.encode(audio.to(pretransform.dtype), skip_bottleneck=True)
    options: dict[str, Any] = {"generator": torch.Generator(latents.device).manual_seed(0)}
    if "deterministic" in signature(bottleneck.forward).parameters:
        options["deterministic"] = True
    encoded, info = bottleneck.encode(latents, return_info=True, **options)
    if getattr(bottleneck, "quantize_on_decode", False):
        quantizer: Any = bottleneck.quantizer
        return quantizer(encoded, None, None, None).codes  # type: ignore[no-any-return]
    return bottleneck.tokens(info)


@torch.no_grad()
def audio_of(pretransform: AutoencoderPretransform, codes: Tensor, chunk_size: int | None = None) -> Tensor:
    """Audio `(B, C, samples)` of tokens `(B, K, T)`, decoded in pieces of `chunk_size` frames where that is given."""
    bottleneck, model = bottleneck_of(pretransform), pretransform.model
    decoder_input = bottleneck.decode_tokens(codes.transpose(1, 2) if bottleneck.frames_first else codes)
    audio = model.decode_audio(decoder_input.to(pretransform.dtype), chunk_size, skip_bottleneck=True)
    return audio.float() if pretransform.model_half else audio


def _name(bottleneck: object) -> str:
    return "tokenizer without bottleneck" if bottleneck is None else type(bottleneck).__name__
