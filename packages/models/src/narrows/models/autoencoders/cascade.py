"""A codec of audio and a codec of its latents as one codec of audio.

Letters: B batch, C audio channels, T samples, E outer latent channels, F outer frames, D inner channels, L inner
frames.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator
from typing import Any, final

from torch import Tensor, nn

from narrows.models.autoencoders.coding import as_option
from narrows.models.bottlenecks import Bottleneck
from narrows.models.interfaces import Codec, Lengths, NotACodecError, Signal
from narrows.models.receptive_field import ReceptiveField, chain, obstacle
from narrows.models.streaming import DecodeStream, EncodeStream, streamed
from narrows.models.streaming.bottlenecks import mean_options


@final
class CascadedCodec(nn.Module):
    """An outer codec of audio followed by an inner codec of its latents; a `Codec` of audio.

    The latents, tokens and bottleneck are those of the inner codec. A variational bottleneck of the outer codec gives
    its mean, so that only the inner one draws noise and chunks do not change the result.

    Args:
        outer: codec of audio.
        inner: codec of the outer latents, a hyperencoder.

    Raises:
        NotACodecError: they do not fit.
    """

    signal: Signal = "audio"

    def __init__(self, outer: Codec, inner: Codec) -> None:
        super().__init__()
        self.check(outer, inner)
        self.outer: Any = outer
        self.inner: Any = inner
        self.sample_rate = outer.sample_rate
        self.downsampling_ratio = outer.downsampling_ratio * inner.downsampling_ratio
        self.latent_dim = inner.latent_dim
        self.in_channels = outer.in_channels
        self.out_channels = outer.out_channels
        self.channel_policy = outer.channel_policy
        self._outer_draws = getattr(outer.bottleneck, "noise_augment_dim", 0) > 0
        self.stochastic_decoder = outer.stochastic_decoder or inner.stochastic_decoder or self._outer_draws

    @staticmethod
    def check(outer: Codec, inner: Codec) -> None:
        """Raise a `NotACodecError` unless the inner codec takes the latents of the outer one."""
        if outer.latent_dim != inner.in_channels:
            raise NotACodecError(
                f"The outer model has {outer.latent_dim} latent channels, the hyperencoder takes {inner.in_channels}"
            )
        if outer.sample_rate != inner.sample_rate:
            raise NotACodecError(
                f"The outer model works at {outer.sample_rate} Hz, the hyperencoder was made for {inner.sample_rate} Hz"
            )

    @property
    def config(self) -> Any:
        """The configuration of the inner model."""
        return getattr(self.inner, "config", None)

    @property
    def identity(self) -> nn.Module:
        """The module whose weights identify this codec: the inner one, where it holds the outer one."""
        holds = getattr(self.inner, "outer", None) is self.outer
        return self.inner if holds else self

    @property
    def encoder(self) -> nn.Module:
        """The inner encoder."""
        encoder: nn.Module = self.inner.encoder
        return encoder

    @property
    def decoder(self) -> nn.Module:
        """The inner decoder."""
        decoder: nn.Module = self.inner.decoder
        return decoder

    @property
    def bottleneck(self) -> Bottleneck | None:
        """The inner bottleneck."""
        bottleneck: Bottleneck | None = self.inner.bottleneck
        return bottleneck

    @property
    def front_end(self) -> nn.Module | None:
        """The outer codec."""
        outer: nn.Module = self.outer
        return outer

    @property
    def export_obstacle(self) -> str | None:
        """That of either codec."""
        reason: str | None = self.outer.export_obstacle or self.inner.export_obstacle
        return reason

    @property
    def is_discrete(self) -> bool:
        """Whether the inner latents are made of codes."""
        return bool(self.inner.is_discrete)

    @property
    def min_length(self) -> int:
        """Lengths of audio that need no padding are multiples of this, in samples."""
        return math.lcm(self.outer.min_length, self.outer.downsampling_ratio * self.inner.min_length)

    def encode(self, audio: Tensor, return_info: bool = False, *, iterate_batch: bool = False, **kwargs: Any) -> Any:
        """Inner latents `(B, D, L)` of audio `(B, C, T)`; see `Codec.encode`."""
        mean = mean_options(self.outer.bottleneck)
        frames = self.outer.encode(audio, iterate_batch=iterate_batch, **mean)
        return self.inner.encode(frames, return_info, iterate_batch=iterate_batch, **kwargs)

    def decode(self, latents: Tensor, *, iterate_batch: bool = False, **kwargs: Any) -> Tensor:
        """Audio `(B, C, T)` of inner latents `(B, D, L)`; see `Codec.decode`. Both codecs draw from `generator`."""
        frames = self.inner.decode(latents, iterate_batch=iterate_batch, **kwargs)
        return self._outer_audio(self.outer.decode, frames, kwargs, iterate_batch=iterate_batch)

    def forward(self, audio: Tensor, **kwargs: Any) -> Tensor:
        """Encode and decode: `(B, C, T)` → `(B, C, T)`."""
        return self.decode(self.encode(audio, **kwargs))

    def decode_tokens(self, codes: Tensor, **kwargs: Any) -> Tensor:
        """Audio of the inner tokens; see `Codec.decode_tokens`."""
        return self._outer_audio(self.outer.decode, self.inner.decode_tokens(codes, **kwargs), kwargs)

    def encode_audio(
        self, audio: Tensor, chunk_size: int | None = None, *, lengths: Lengths | None = None, **kwargs: Any
    ) -> Any:
        """Inner latents of audio of any length; see `Codec.encode_audio`. Other options are for the inner codec."""
        mean = mean_options(self.outer.bottleneck)
        frames = self.outer.encode_audio(audio, self._outer_chunk(chunk_size), lengths=lengths, **mean)
        return self.inner.encode_latents(frames, chunk_size, lengths=self._frames(lengths), **kwargs)

    def decode_audio(
        self, latents: Tensor, chunk_size: int | None = None, *, lengths: Lengths | None = None, **kwargs: Any
    ) -> Tensor:
        """Audio of inner latents of any length; see `Codec.decode_audio`. Other options are for the inner codec."""
        frames = self.inner.decode_latents(latents, chunk_size, lengths=self._frames(lengths), **kwargs)
        chunk = self._outer_chunk(chunk_size)
        return self._outer_audio(self.outer.decode_audio, frames, kwargs, chunk_size=chunk, lengths=lengths)

    def encode_stream(self, blocks: Iterable[Tensor], **kwargs: Any) -> Iterator[Tensor]:
        """Inner latents of audio that comes in blocks; see `Codec.encode_stream`."""
        return streamed(EncodeStream(self, **kwargs), blocks)

    def decode_stream(self, blocks: Iterable[Tensor], **kwargs: Any) -> Iterator[Tensor]:
        """Audio of inner latents that come in blocks; see `Codec.decode_stream`."""
        return streamed(DecodeStream(self, **kwargs), blocks)

    def encode_field(self) -> ReceptiveField:
        """Receptive field of both encoders."""
        return chain(self.outer.encode_field(), self.inner.encode_field())

    def decode_field(self) -> ReceptiveField:
        """Receptive field of both decoders."""
        outer: ReceptiveField = self.outer.decode_field()
        if self._outer_draws:
            outer = obstacle(self.outer.bottleneck, "draws noise for the whole clip when it decodes").then(outer)
        return chain(self.inner.decode_field(), outer)

    def for_audio(self) -> Codec:
        """Itself."""
        return self

    @staticmethod
    def _outer_audio(decode: Callable[..., Tensor], frames: Tensor, given: dict[str, Any], **options: Any) -> Tensor:
        """Audio of outer latents; of the options of the call only the generator is for the outer codec."""
        return decode(frames, **options, **as_option(given.get("generator")))

    def _outer_chunk(self, chunk_size: int | None) -> int | None:
        return None if chunk_size is None else chunk_size * self.inner.downsampling_ratio

    def _frames(self, lengths: Lengths | None) -> list[int] | None:
        """Outer frames of clips of these lengths in samples."""
        return None if lengths is None else [math.ceil(int(n) / self.outer.downsampling_ratio) for n in lengths]
