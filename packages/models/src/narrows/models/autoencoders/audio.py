"""The audio autoencoder.

Letters: B batch, C audio channels, T samples, D latent channels, L latent frames.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Literal, final, overload

import torch
from torch import Generator, Tensor, nn

from narrows.configs import AutoencoderConfig
from narrows.configs.rules.autoencoder import latent_dim as latent_channels
from narrows.models.autoencoders import coding
from narrows.models.autoencoders.pieces import in_pieces, piece_channels
from narrows.models.bottlenecks import Bottleneck
from narrows.models.bottlenecks.base import Info
from narrows.models.building import build_model
from narrows.models.components import (
    create_decoder_from_config,
    create_encoder_from_config,
    optional_bottleneck,
    optional_pretransform,
)
from narrows.models.interfaces import ChannelPolicy, Codec, Lengths, Signal
from narrows.models.pretransforms import Pretransform
from narrows.models.receptive_field import ReceptiveField, chain
from narrows.models.streaming import DecodeStream, EncodeStream, streamed


@final
class AudioAutoencoder(nn.Module):
    """Encoder, bottleneck and decoder; a `Codec` of audio.

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
        channel_policy: how audio with other channels is converted (see `narrows.models.codec.channels`).
    """

    signal: Signal = "audio"
    stochastic_decoder: bool = False
    export_obstacle: str | None = None

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
        if pretransform is not None:
            self.export_obstacle = pretransform.export_obstacle
        self.latent_dim = latent_dim
        self.downsampling_ratio = downsampling_ratio
        self.sample_rate = sample_rate
        self.io_channels = io_channels
        self.in_channels = in_channels or io_channels
        self.out_channels = out_channels or io_channels
        self.soft_clip = soft_clip
        self.channel_policy = channel_policy

    @property
    def front_end(self) -> nn.Module | None:
        """The pretransform."""
        return self.pretransform

    @property
    def is_discrete(self) -> bool:
        """Whether the latents are made of codes."""
        return coding.is_discrete(self.bottleneck)

    @property
    def min_length(self) -> int:
        """Lengths of audio that need no padding are multiples of this, in samples."""
        return coding.whole_frames(self)

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
            return_info: return `(latents, info)`; the info has `pre_bottleneck_latents` and the bottleneck's info.
            skip_bottleneck: return the encoder's output.
            skip_pretransform: `audio` is the encoder's input already.
            iterate_batch: transform and encode one item at a time, to save memory; the bottleneck sees the batch.
            kwargs: for the bottleneck and the encoder, e.g. `generator`; see `narrows.models.encoders`.

        Returns:
            `(B, D, T / downsampling_ratio)`
        """
        if not skip_pretransform:
            coding.check_shape("audio", audio, self.in_channels)
            audio = coding.transform(self.pretransform, audio, iterate_batch, kwargs.get("generator"))
        latents, info = coding.run_encoder(
            self.encoder,
            self.bottleneck,
            audio,
            skip_bottleneck=skip_bottleneck,
            iterate_batch=iterate_batch,
            **kwargs,
        )
        return (latents, info) if return_info else latents

    def decode(
        self,
        latents: Tensor,
        *,
        skip_bottleneck: bool = False,
        skip_pretransform: bool = False,
        iterate_batch: bool = False,
        **kwargs: Any,
    ) -> Tensor:
        """Audio of latents.

        Args:
            latents: `(B, D, L)`.
            skip_bottleneck: the latents are decoder input already.
            skip_pretransform: return the decoder's output; `audio_of` makes audio of it.
            iterate_batch: decode one item at a time, to save memory; the bottleneck sees the batch.
            kwargs: for the bottleneck and the decoder, e.g. `generator`; see `narrows.models.encoders`.

        Returns:
            `(B, C, L * downsampling_ratio)`
        """
        transformed = coding.run_decoder(
            self.decoder,
            self.bottleneck,
            latents,
            self.latent_dim,
            skip_bottleneck=skip_bottleneck,
            iterate_batch=iterate_batch,
            **kwargs,
        )
        if skip_pretransform:
            return transformed
        return self.audio_of(transformed, iterate_batch=iterate_batch, generator=kwargs.get("generator"))

    def audio_of(
        self, transformed: Tensor, *, iterate_batch: bool = False, generator: Generator | None = None
    ) -> Tensor:
        """Audio of the decoder's output: the pretransform is undone.

        Args:
            transformed: `(B, E, L)`.
            iterate_batch: one item at a time, to save memory.
            generator: for pretransforms that draw noise.

        Returns:
            `(B, C, T)`
        """
        audio = coding.invert_transform(self.pretransform, transformed, iterate_batch, generator)
        return torch.tanh(audio) if self.soft_clip else audio

    def forward(self, audio: Tensor, **kwargs: Any) -> Tensor:
        """Encode and decode: `(B, C, T)` → `(B, C, T)`."""
        return self.decode(self.encode(audio, **kwargs))

    def decode_tokens(self, codes: Tensor, **kwargs: Any) -> Tensor:
        """Audio of tokens; see `Codec.decode_tokens`."""
        return coding.decode_tokens(self, codes, **kwargs)

    def preprocess_audio_for_encoder(self, audio: Tensor, in_sr: int) -> Tensor:
        """A clip as a batch of one that `encode` takes; see `preprocess_audio_list_for_encoder`."""
        return coding.preprocess(self, [audio], in_sr)

    def preprocess_audio_list_for_encoder(
        self, audio_list: Sequence[Tensor], in_sr_list: int | Sequence[int]
    ) -> Tensor:
        """Clips as one batch that `encode` takes; see `narrows.models.autoencoders.coding.preprocess`."""
        return coding.preprocess(self, audio_list, in_sr_list)

    def encode_audio(
        self, audio: Tensor, chunk_size: int | None = None, *, lengths: Lengths | None = None, **kwargs: Any
    ) -> Any:
        """Latents of audio of any length; see `Codec.encode_audio`."""
        return coding.encode_chunked(self, audio, chunk_size, lengths=lengths, **kwargs)

    def decode_audio(
        self, latents: Tensor, chunk_size: int | None = None, *, lengths: Lengths | None = None, **kwargs: Any
    ) -> Tensor:
        """Audio of latents of any length; see `Codec.decode_audio`."""
        return coding.decode_chunked(self, latents, chunk_size, lengths=lengths, **kwargs)

    def encode_stream(self, blocks: Iterable[Tensor], **kwargs: Any) -> Iterator[Tensor]:
        """Latents of audio that comes in blocks; see `Codec.encode_stream`."""
        return streamed(EncodeStream(self, **kwargs), blocks)

    def decode_stream(self, blocks: Iterable[Tensor], **kwargs: Any) -> Iterator[Tensor]:
        """Audio of latents that come in blocks; see `Codec.decode_stream`."""
        return streamed(DecodeStream(self, **kwargs), blocks)

    def encode_field(self) -> ReceptiveField:
        """Receptive field of pretransform and encoder."""
        return chain(coding.transform_field(self.pretransform, "encode_field"), self.encoder)

    def decode_field(self) -> ReceptiveField:
        """Receptive field of decoder and pretransform."""
        return chain(self.decoder, coding.transform_field(self.pretransform, "decode_field"))

    def for_audio(self) -> Codec:
        """Itself."""
        return self


@build_model.register
def _(config: AutoencoderConfig) -> AudioAutoencoder:
    model = config.model
    encoder, decoder = create_encoder_from_config(model.encoder), create_decoder_from_config(model.decoder)
    bottleneck = optional_bottleneck(model.bottleneck)
    latent_dim, ratio = latent_channels(model), model.downsampling_ratio
    if model.pieces is not None:
        pieces = model.pieces.model_dump()
        encoder, decoder, bottleneck = in_pieces(encoder, decoder, bottleneck, ratio=ratio, **pieces)
        latent_dim, ratio = piece_channels(latent_dim, ratio, encoder.length, encoder.normalize), encoder.hop
    made = AudioAutoencoder(
        encoder=encoder,
        decoder=decoder,
        bottleneck=bottleneck,
        pretransform=optional_pretransform(model.pretransform, config.sample_rate),
        latent_dim=latent_dim,
        downsampling_ratio=ratio,
        sample_rate=config.sample_rate,
        io_channels=model.io_channels,
        in_channels=model.in_channels,
        out_channels=model.out_channels,
        soft_clip=model.decoder.soft_clip,
        channel_policy=model.channel_policy,
    )
    if model.pieces is not None:
        made.export_obstacle = "it codes audio in pieces; a graph of the networks within one has no use alone"
    return made
