"""Behaviour that the autoencoders share, as functions that each class calls.

Letters: B batch, C signal channels, T samples, D latent channels, L latent frames.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, Protocol

import torch
from torch import Generator, Tensor, nn
from torch.nn import functional as F

from narrows.audio.arrays import audio_batch
from narrows.models.autoencoders.preprocessing import preprocess_audio
from narrows.models.bottlenecks import Bottleneck, DiscreteBottleneck
from narrows.models.bottlenecks.base import Info
from narrows.models.interfaces import Codec, Lengths
from narrows.models.pretransforms import Pretransform
from narrows.models.receptive_field import ReceptiveField, obstacle
from narrows.models.streaming import ChunkedCoder
from narrows.models.streaming.call_options import call_options
from narrows.models.streaming.overlap import given, overlapped


class DecodesTokens(Protocol):
    """The part of a codec that `decode_tokens` uses."""

    @property
    def bottleneck(self) -> Bottleneck | None:
        """The bottleneck."""
        ...

    def decode(self, latents: Tensor, *, skip_bottleneck: bool = False) -> Tensor:
        """Signal of latents."""
        ...


def check_shape(name: str, x: Tensor, channels: int) -> None:
    """Raise a ValueError unless `x` is `(batch, channels, length)`, of floats."""
    audio_batch(x, channels, name)


def run_encoder(
    encoder: nn.Module,
    bottleneck: Bottleneck | None,
    x: Tensor,
    *,
    skip_bottleneck: bool = False,
    iterate_batch: bool = False,
    **kwargs: Any,
) -> tuple[Tensor, Info]:
    """Latents of encoder input, and the info; see `Codec.encode`."""
    call, kwargs = call_options(encoder, kwargs)
    latents = by_item(partial(encoder, **call), x, iterate_batch)
    info: Info = {"pre_bottleneck_latents": latents}
    if bottleneck is not None and not skip_bottleneck:
        latents, reported = bottleneck.encode(latents, return_info=True, **kwargs)
        info.update(reported)
    return latents, info


def run_decoder(
    decoder: nn.Module,
    bottleneck: Bottleneck | None,
    latents: Tensor,
    latent_dim: int,
    *,
    skip_bottleneck: bool = False,
    iterate_batch: bool = False,
    **kwargs: Any,
) -> Tensor:
    """Decoder output of latents; see `Codec.decode`."""
    call, kwargs = call_options(decoder, kwargs)
    if bottleneck is not None and not skip_bottleneck:
        check_shape("latents", latents, latent_dim)
        latents = bottleneck.decode(latents, **kwargs)
    return by_item(partial(decoder, **call), latents, iterate_batch)


def transform(
    pretransform: Pretransform | None,
    audio: Tensor,
    iterate_batch: bool = False,
    generator: Generator | None = None,
) -> Tensor:
    """Encoder input of audio; a frozen pretransform keeps nothing for the backward pass."""
    if pretransform is None:
        return audio
    with torch.set_grad_enabled(torch.is_grad_enabled() and pretransform.enable_grad):
        return by_item(partial(pretransform.encode, **as_option(generator)), audio, iterate_batch)


def invert_transform(
    pretransform: Pretransform | None, x: Tensor, iterate_batch: bool, generator: Generator | None
) -> Tensor:
    """Audio of decoder output."""
    if pretransform is None:
        return x
    return by_item(partial(pretransform.decode, **as_option(generator)), x, iterate_batch)


def decode_tokens(codec: DecodesTokens, codes: Tensor, **kwargs: Any) -> Tensor:
    """See `Codec.decode_tokens`."""
    if not isinstance(codec.bottleneck, DiscreteBottleneck):
        raise TypeError("decode_tokens needs a discrete bottleneck; this model has none")
    return codec.decode(codec.bottleneck.decode_tokens(codes, **kwargs), skip_bottleneck=True)


def is_discrete(bottleneck: Bottleneck | None) -> bool:
    """Whether latents are made of codes."""
    return bottleneck is not None and bottleneck.is_discrete


def encode_chunked(
    codec: Codec,
    signal: Tensor,
    chunk_size: int | None = None,
    *,
    lengths: Lengths | None = None,
    overlap: int | None = None,
    chunked: bool = False,
    **kwargs: Any,
) -> Any:
    """Latents of a signal of any length; see `Codec.encode_audio`, which says this of audio."""
    check_shape(codec.signal, signal, codec.in_channels)
    if chunked:
        whole = F.pad(signal, (0, -signal.shape[-1] % codec.downsampling_ratio))
        run = partial(codec.encode, **kwargs)
        return overlapped(run, whole, codec.downsampling_ratio, 1, **given(chunk=chunk_size, overlap=overlap))
    return ChunkedCoder(codec, chunk_size, overlap).encode(signal, lengths, **kwargs)


def decode_chunked(
    codec: Codec,
    latents: Tensor,
    chunk_size: int | None = None,
    *,
    lengths: Lengths | None = None,
    overlap: int | None = None,
    chunked: bool = False,
    **kwargs: Any,
) -> Tensor:
    """Signal of latents of any length; see `Codec.decode_audio`, which says this of audio."""
    if chunked:
        run = partial(codec.decode, **kwargs)
        return overlapped(run, latents, 1, codec.downsampling_ratio, **given(chunk=chunk_size, overlap=overlap))
    return ChunkedCoder(codec, chunk_size, overlap).decode(latents, lengths, **kwargs)


def preprocess(codec: Codec, clips: Sequence[Tensor], sample_rates: int | Sequence[int]) -> Tensor:
    """Clips of any rate, length and channels as one batch that `encode` takes.

    Args:
        codec: of audio.
        clips: `(C, T)` or `(T,)`.
        sample_rates: in Hz; one number for all, or one a clip.

    Returns:
        `(B, in_channels, T)`, resampled, padded with silence to whole frames and mixed.
    """
    return preprocess_audio(
        clips,
        sample_rates,
        sample_rate=codec.sample_rate,
        channels=codec.in_channels,
        multiple=codec.downsampling_ratio,
        channel_policy=codec.channel_policy,
    )


def transform_field(pretransform: nn.Module | None, method: str) -> ReceptiveField:
    """Receptive field of one side of a transform, which states it in a method `encode_field` or `decode_field`."""
    if pretransform is None:
        return ReceptiveField()
    if not hasattr(pretransform, method):
        return obstacle(pretransform, f"does not tell its reach with {method}()")
    field: ReceptiveField = getattr(pretransform, method)()
    return field


def whole_frames(codec: Codec) -> int:
    """The `min_length` of a codec whose networks take every whole number of latent frames."""
    return max(codec.downsampling_ratio, codec.encode_field().granule)


def by_item(function: Callable[[Tensor], Tensor], x: Tensor, one_at_a_time: bool) -> Tensor:
    """Apply a function to a batch, at once or item by item."""
    if not one_at_a_time:
        return function(x)
    return torch.cat([function(item) for item in torch.split(x, 1)])


def as_option(generator: Generator | None) -> dict[str, Any]:
    """The source of noise as an option of a call, where there is one."""
    return {} if generator is None else {"generator": generator}
