"""Bottlenecks in pieces: their output for a range of frames must not depend on where the clip was cut.

Every bottleneck works on each frame alone, but for those that say otherwise (`Bottleneck.whole_clip`), so that only its
noise needs care: a stream gives `ClipNoise` as the generator.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import torch
from torch import Generator, Tensor

from narrows.models.bottlenecks.base import Bottleneck, DiscreteBottleneck
from narrows.models.interfaces import Codec
from narrows.models.receptive_field import Obstacle, ReceptiveField


def quantized(bottleneck: Bottleneck | None, x: Tensor, tokens: bool = False, **options: Any) -> Tensor:
    """Latents `(B, D, L)` of a stretch of encoder output `(B, D, L)`, or tokens `(B, K, L)`."""
    return x if bottleneck is None else quantizer(bottleneck, tokens)(x, **options)


def quantizer(bottleneck: Bottleneck, tokens: bool = False) -> Callable[..., Tensor]:
    """The function from the encoder output of whole clips to latents `(B, D, L)`, or to tokens `(B, K, L)`."""
    if not tokens:
        return bottleneck.encode
    discrete = _discrete(bottleneck)

    def encode(frames: Tensor, **options: Any) -> Tensor:
        return discrete.tokens(discrete.encode(frames, return_info=True, **options)[1])

    return encode


def dequantized(bottleneck: Bottleneck | None, x: Tensor, tokens: bool = False, **options: Any) -> Tensor:
    """Decoder input `(B, D, L)` of latents `(B, D, L)`, or of tokens `(B, K, L)`."""
    if tokens:
        x = _discrete(bottleneck).dequantize(x)
    return x if bottleneck is None else bottleneck.decode(x, **options)


def _discrete(bottleneck: Bottleneck | None) -> DiscreteBottleneck:
    if not isinstance(bottleneck, DiscreteBottleneck):
        raise TypeError("Tokens need a discrete bottleneck; this model has none")
    return bottleneck


def decode_stream_field(model: Codec) -> ReceptiveField:
    """Receptive field of `decode` with the bottleneck in front of the decoder: latent frames in, signal out."""
    reason = None if model.bottleneck is None else model.bottleneck.whole_clip
    field = model.decode_field()
    if reason is None:
        return field
    return replace(field, obstacles=(*field.obstacles, Obstacle(model.bottleneck, reason)))


def draws_noise(coder: Callable[..., Any], x: Tensor) -> bool:
    """Whether a side of a bottleneck draws from its generator: found out by trying one frame."""
    generator = Generator(device=x.device)
    before = generator.get_state()
    coder(x[:1, :, :1], generator=generator)
    return not torch.equal(before, generator.get_state())


def mean_options(bottleneck: Bottleneck | None) -> dict[str, Any]:
    """Options of `encode` with which a variational bottleneck returns the mean of its distribution; else none."""
    if bottleneck is None or "deterministic" not in inspect.signature(bottleneck.forward).parameters:
        return {}
    return {"deterministic": True}
