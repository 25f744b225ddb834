"""The audio autoencoder.

Letters: B batch, C audio channels, T samples, D latent channels, L latent frames.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, Literal, overload

import torch
from torch import Generator, Tensor, nn
from torch.nn import functional as F

from narrows.models.autoencoders.preprocessing import preprocess_audio
from narrows.models.bottlenecks import Bottleneck, DiscreteBottleneck
from narrows.models.bottlenecks.base import Info
from narrows.models.pretransforms import Pretransform
from narrows.models.streaming import ChunkedCoder, DecodeStream, EncodeStream, Lengths, streamed
from narrows.models.streaming.call_options import call_options
from narrows.models.streaming.overlap import given, overlapped

if TYPE_CHECKING:
    from narrows.models.codec.channels import ChannelPolicy


class AudioAutoencoder(nn.Module):
    """Encoder, bottleneck and decoder.

    Args:
        encoder: `(B, C, T)` to `(B, D, L)`.
        decoder: `(B, D, L)` to `(B, C, T)`.
        latent_dim: channels of the latents, after the bottleneck.
        downsampling_ratio: samples per latent frame.
        sample_rate: in Hz.
        io_channels: audio channels in and out.
        bottleneck: None for a plain autoencoder.
        in_channels: audio channels in, where they differ.
        out_channels: audio channels out, where they differ.
        soft_clip: pass the output through a tanh.
        pretransform: transform in front of the encoder and behind the decoder; None for none.
        channel_policy: what becomes of files with other channels (see `narrows.models.codec.channels`).
    """

    # The attribute names are part of the checkpoint format.
    def __init__(
        self,
        encoder: nn.Module,
        decoder: nn.Module,
        latent_dim: int,
        downsampling_ratio: int,
        sample_rate: int,
        io_channels: int = 2,
        bottleneck: Bottleneck | None = None,
        in_channels: int | None = None,
        out_channels: int | None = None,
        soft_clip: bool = False,
        pretransform: Pretransform | None = None,
        channel_policy: ChannelPolicy = "duplicate",
    ) -> None:
        super().__init__()
        self.encoder = encoder
        self.decoder = decoder
        self.bottleneck = bottleneck
        self.pretransform = pretransform
        self.latent_dim = latent_dim
        self.downsampling_ratio = downsampling_ratio
        self.sample_rate = sample_rate
        self.io_channels = io_channels
        self.in_channels = in_channels or io_channels
        self.out_channels = out_channels or io_channels
        self.soft_clip = soft_clip
        self.channel_policy = channel_policy

    @property
    def is_discrete(self) -> bool:
        """Whether the latents are made of codes."""
        return self.bottleneck is not None and self.bottleneck.is_discrete

    @overload
    def encode(self, audio: Tensor, return_info: Literal[False] = False, **kwargs: Any) -> Tensor: ...
    @overload
    def encode(self, audio: Tensor, return_info: Literal[True], **kwargs: Any) -> tuple[Tensor, Info]: ...
    def encode(
        self,
        audio: Tensor,
        return_info: bool = False,
        *,
        skip_bottleneck: bool = False,
        skip_pretransform: bool = False,
        iterate_batch: bool = False,
        **kwargs: Any,
    ) -> Tensor | tuple[Tensor, Info]:
        """Latents of audio.

        Args:
            audio: `(B, C, T)`.
            return_info: return `(latents, info)`; the info has `pre_bottleneck_latents` and what the bottleneck says.
            skip_bottleneck: return the encoder's output.
            skip_pretransform: `audio` is the encoder's input already.
            iterate_batch: transform and encode one item at a time, to save memory; the bottleneck sees the batch.
            kwargs: for the bottleneck and the encoder, e.g. `generator`; see `narrows.models.encoders`.

        Returns:
            `(B, D, T / downsampling_ratio)`
        """
        if not skip_pretransform:
            self._check("audio", audio, self.in_channels)
            audio = self._transform(audio, iterate_batch, kwargs.get("generator"))
        call, kwargs = call_options(self.encoder, kwargs)
        latents = _each(partial(self.encoder, **call), audio, iterate_batch)
        info: Info = {"pre_bottleneck_latents": latents}
        if self.bottleneck is not None and not skip_bottleneck:
            latents, reported = self.bottleneck.encode(latents, return_info=True, **kwargs)
            info.update(reported)
        return (latents, info) if return_info else latents

    def decode(
        self, latents: Tensor, *, skip_bottleneck: bool = False, iterate_batch: bool = False, **kwargs: Any
    ) -> Tensor:
        """Audio of latents.

        Args:
            latents: `(B, D, L)`.
            skip_bottleneck: the latents are decoder input already.
            iterate_batch: decode one item at a time, to save memory; the bottleneck sees the batch.
            kwargs: for the bottleneck and the decoder, e.g. `generator`; see `narrows.models.encoders`.

        Returns:
            `(B, C, L * downsampling_ratio)`
        """
        call, kwargs = call_options(self.decoder, kwargs)
        if self.bottleneck is not None and not skip_bottleneck:
            self._check("latents", latents, self.latent_dim)
            latents = self.bottleneck.decode(latents, **kwargs)
        audio = _each(partial(self.decoder, **call), latents, iterate_batch)
        if self.pretransform is not None:
            run = partial(self.pretransform.decode, **_source(kwargs.get("generator")))
            audio = _each(run, audio, iterate_batch)
        return torch.tanh(audio) if self.soft_clip else audio

    def forward(self, audio: Tensor, **kwargs: Any) -> Tensor:
        """Encode and decode: `(B, C, T)` → `(B, C, T)`."""
        return self.decode(self.encode(audio, **kwargs))

    def decode_tokens(self, codes: Tensor, **kwargs: Any) -> Tensor:
        """Audio of the tokens that `encode` reports under `bottleneck.tokens_id`, in the same layout.

        Raises:
            TypeError: the bottleneck is not discrete.
        """
        if not isinstance(self.bottleneck, DiscreteBottleneck):
            raise TypeError("decode_tokens needs a discrete bottleneck; this model has none")
        return self.decode(self.bottleneck.decode_tokens(codes, **kwargs), skip_bottleneck=True)

    def preprocess_audio_for_encoder(self, audio: Tensor, in_sr: int) -> Tensor:
        """A clip as a batch of one that `encode` takes; see `preprocess_audio_list_for_encoder`."""
        return self.preprocess_audio_list_for_encoder([audio], in_sr)

    def preprocess_audio_list_for_encoder(
        self, audio_list: Sequence[Tensor], in_sr_list: int | Sequence[int]
    ) -> Tensor:
        """Clips as one batch that `encode` takes: resampled, padded with silence to whole frames, mixed.

        Args:
            audio_list: clips `(C, T)` or `(T,)`, of any lengths and channels.
            in_sr_list: their sample rates in Hz; one number for all, or one a clip.

        Returns:
            `(B, in_channels, T)`
        """
        return preprocess_audio(
            audio_list,
            in_sr_list,
            sample_rate=self.sample_rate,
            channels=self.in_channels,
            multiple=self.downsampling_ratio,
        )

    def encode_audio(
        self,
        audio: Tensor,
        chunk_size: int | None = None,
        *,
        lengths: Lengths | None = None,
        overlap: int | None = None,
        chunked: bool = False,
        **kwargs: Any,
    ) -> Any:
        """Latents of audio of any length, padded with zeros to whole frames; chunks do not change the result.

        Args:
            audio: `(B, C, T)`.
            chunk_size: latent frames to work on at a time; None for all.
            lengths: samples of each clip of a padded batch. Each gets the latents it would get alone, then zeros.
            overlap: latent frames of context, only for models that cannot be exact (see `narrows.models.streaming`).
            chunked: cut overlapping chunks as stable-audio-tools does, with its seams
                (see `narrows.models.streaming.overlap`).
            kwargs: as for `encode`.

        Returns:
            `(B, D, ceil(T / downsampling_ratio))`, and the info when `return_info` is given.

        Raises:
            NotExactError: the model depends on the whole clip, and no overlap is given.
        """
        if chunked:
            whole = F.pad(audio, (0, -audio.shape[-1] % self.downsampling_ratio))
            run = partial(self.encode, **kwargs)
            return overlapped(run, whole, self.downsampling_ratio, 1, **given(chunk=chunk_size, overlap=overlap))
        return ChunkedCoder(self, chunk_size, overlap).encode(audio, lengths, **kwargs)

    def decode_audio(
        self,
        latents: Tensor,
        chunk_size: int | None = None,
        *,
        lengths: Lengths | None = None,
        overlap: int | None = None,
        chunked: bool = False,
        **kwargs: Any,
    ) -> Tensor:
        """Audio of latents of any length; chunks do not change the result.

        Args:
            latents: `(B, D, L)`.
            chunk_size: latent frames to work on at a time; None for all.
            lengths: samples of each clip. Each gets the audio of its own frames, cut to its length, then zeros.
            overlap: latent frames of context, only for models that cannot be exact.
            chunked: cut overlapping chunks as stable-audio-tools does.
            kwargs: as for `decode`.

        Returns:
            `(B, C, L * downsampling_ratio)`, or `(B, C, max(lengths))`.

        Raises:
            NotExactError: the model depends on the whole clip, and no overlap is given.
        """
        if chunked:
            run = partial(self.decode, **kwargs)
            return overlapped(run, latents, 1, self.downsampling_ratio, **given(chunk=chunk_size, overlap=overlap))
        return ChunkedCoder(self, chunk_size, overlap).decode(latents, lengths, **kwargs)

    def encode_stream(self, blocks: Iterable[Tensor], **kwargs: Any) -> Iterator[Tensor]:
        """Latents of audio that comes in blocks `(B, C, any)`, as soon as they are known; memory does not grow.

        Args:
            blocks: the clip, cut anywhere.
            kwargs: for the bottleneck, e.g. `generator`.
        """
        return streamed(EncodeStream(self, **kwargs), blocks)

    def decode_stream(self, blocks: Iterable[Tensor], **kwargs: Any) -> Iterator[Tensor]:
        """Audio of latents that come in blocks `(B, D, any)`; the counterpart of `encode_stream`."""
        return streamed(DecodeStream(self, **kwargs), blocks)

    def _transform(self, audio: Tensor, iterate_batch: bool, generator: Generator | None) -> Tensor:
        """Encoder input of audio; a frozen pretransform keeps nothing for the backward pass."""
        if self.pretransform is None:
            return audio
        with torch.set_grad_enabled(torch.is_grad_enabled() and self.pretransform.enable_grad):
            return _each(partial(self.pretransform.encode, **_source(generator)), audio, iterate_batch)

    def _check(self, name: str, x: Tensor, channels: int) -> None:
        if x.dim() != 3 or x.shape[1] != channels:
            raise ValueError(f"{name} must be of shape (batch, {channels}, length), got {tuple(x.shape)}")


def _each(function: Callable[[Tensor], Tensor], x: Tensor, one_at_a_time: bool) -> Tensor:
    """Apply a function to a batch, at once or item by item."""
    if not one_at_a_time:
        return function(x)
    return torch.cat([function(item) for item in torch.split(x, 1)])


def _source(generator: Generator | None) -> dict[str, Any]:
    """The source of noise as an option of a call, where there is one."""
    return {} if generator is None else {"generator": generator}
