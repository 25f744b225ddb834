"""The diffusion autoencoder: an encoder, and a diffusion model that makes audio of its latents.

Preechakul et al. 2022 (images), Schneider et al. 2023 (audio); stable-audio-tools. Letters as in
`narrows.models.autoencoders.audio`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from fractions import Fraction
from typing import Any, Literal, final, overload

import torch
from torch import Generator, Tensor, nn
from torch.nn import functional as F

from narrows.configs import DiffusionAutoencoderConfig
from narrows.models.autoencoders import coding
from narrows.models.blocks.draws import gaussian
from narrows.models.bottlenecks import Bottleneck
from narrows.models.bottlenecks.base import Info
from narrows.models.building import build_model
from narrows.models.components import (
    create_backbone,
    create_decoder_from_config,
    create_encoder_from_config,
    optional_bottleneck,
    optional_pretransform,
)
from narrows.models.diffusion.backbones import Backbone
from narrows.models.diffusion.backbones.base import halve
from narrows.models.diffusion.samplers import sample
from narrows.models.interfaces import ChannelPolicy, Codec, Lengths, Signal
from narrows.models.pretransforms import Pretransform
from narrows.models.receptive_field import ReceptiveField, chain, obstacle
from narrows.models.streaming import DecodeStream, EncodeStream, NotExactError, streamed

SAMPLERS = {"v": "v-ddim", "rectified_flow": "euler", "rf_denoiser": "pingpong"}
"""How each objective is sampled, in equal steps of time, as in stable-audio-tools."""


@final
class DiffusionAutoencoder(nn.Module):
    """Encoder, bottleneck, and a diffusion that the latents condition; a `Codec` of audio.

    Args:
        diffusion: makes the output; the latents are joined to its input.
        latent_dim: channels of the latents, after the bottleneck.
        frames_per_latent: frames that are diffused per latent frame.
        sample_rate: in Hz.
        io_channels: channels that are diffused.
        encoder: None takes the input itself. Its initial weights are halved, against saturated latents.
        decoder: maps the latents before they condition the diffusion; None leaves them.
        bottleneck: None for a plain autoencoder.
        pretransform: transform in front of the encoder and behind the diffusion; None for none.
        channel_policy: how audio with other channels is converted.
    """

    signal: Signal = "audio"
    stochastic_decoder: bool = True
    export_obstacle: str | None = "its decoder samples step by step from noise, which a graph cannot repeat"

    # The attribute names are part of the checkpoint format.
    def __init__(
        self,
        diffusion: Backbone,
        latent_dim: int,
        frames_per_latent: int,
        sample_rate: int,
        io_channels: int,
        encoder: nn.Module | None = None,
        decoder: nn.Module | None = None,
        bottleneck: Bottleneck | None = None,
        pretransform: Pretransform | None = None,
        channel_policy: ChannelPolicy = "duplicate",
    ) -> None:
        super().__init__()
        self.encoder = encoder or nn.Identity()
        self.decoder = decoder or nn.Identity()
        self.bottleneck = bottleneck
        self.pretransform = pretransform
        self.diffusion = diffusion
        self.latent_dim = latent_dim
        self.frames_per_latent = frames_per_latent
        self.downsampling_ratio = frames_per_latent * (pretransform.downsampling_ratio if pretransform else 1)
        self.sample_rate = sample_rate
        self.io_channels = pretransform.io_channels if pretransform else io_channels
        self.in_channels = self.out_channels = self.io_channels
        self.channel_policy = channel_policy
        halve(self.encoder)

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
        """Lengths of audio that fit the network are multiples of it, in samples."""
        return self.downsampling_ratio * self.diffusion.length_multiple

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
        """Latents `(B, D, T / downsampling_ratio)` of audio `(B, C, T)`; see `AudioAutoencoder.encode`."""
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
        steps: int = 100,
        skip_bottleneck: bool = False,
        iterate_batch: bool = False,
        noise: Tensor | None = None,
        generator: Generator | None = None,
        **kwargs: Any,
    ) -> Tensor:
        """Audio of latents.

        Args:
            latents: `(B, D, L)`.
            steps: sampling steps; more is closer to the distribution, and slower.
            skip_bottleneck: the latents are decoder input already.
            iterate_batch: decode one item at a time, to save memory.
            noise: `(B, C, L * frames_per_latent)` to start from; None draws it.
            generator: source of all noise.
            kwargs: for the bottleneck.

        Returns:
            `(B, C, L * downsampling_ratio)`
        """
        if self.bottleneck is not None and not skip_bottleneck:
            coding.check_shape("latents", latents, self.latent_dim)
            latents = self.bottleneck.decode(latents, generator=generator, **kwargs)
        shape = (len(latents), self.diffusion.io_channels, latents.shape[-1] * self.frames_per_latent)
        if noise is None:
            noise = gaussian(latents.new_empty(shape), generator)
        if noise.shape != shape:
            raise ValueError(f"noise must be of shape {shape}, got {tuple(noise.shape)}")
        size = 1 if iterate_batch else len(latents)
        parts = zip(torch.split(latents, size), torch.split(noise, size), strict=True)
        return torch.cat([self._sample(part, start, steps, generator) for part, start in parts])

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

    def decode_audio(self, latents: Tensor, chunk_size: int | None = None, **kwargs: Any) -> Tensor:
        """Audio of latents; see `decode`. Each sampling starts from its own noise, so chunks do not join.

        Raises:
            NotExactError: a `chunk_size` is given.
        """
        if chunk_size is not None:
            raise NotExactError("A diffusion decoder cannot work in chunks: leave chunk_size out")
        return self.decode(latents, **kwargs)

    def encode_stream(self, blocks: Iterable[Tensor], **kwargs: Any) -> Iterator[Tensor]:
        """Latents of audio that comes in blocks; see `Codec.encode_stream`."""
        return streamed(EncodeStream(self, **kwargs), blocks)

    def decode_stream(self, blocks: Iterable[Tensor], **kwargs: Any) -> Iterator[Tensor]:
        """Not offered: see `decode_audio`.

        Raises:
            NotExactError: always.
        """
        return streamed(DecodeStream(self, **kwargs), blocks)

    def encode_field(self) -> ReceptiveField:
        """Receptive field of pretransform and encoder."""
        return chain(coding.transform_field(self.pretransform, "encode_field"), self.encoder)

    def decode_field(self) -> ReceptiveField:
        """Receptive field of the sampling, in which every sample depends on the whole clip."""
        whole = obstacle(self.diffusion, "samples the whole clip from one draw of noise")
        return ReceptiveField(stride=Fraction(1, self.downsampling_ratio)).then(whole)

    def for_audio(self) -> Codec:
        """Itself."""
        return self

    def _sample(self, latents: Tensor, noise: Tensor, steps: int, generator: Generator | None) -> Tensor:
        condition = self.decoder(latents)
        if condition.shape[-1] != noise.shape[-1]:
            condition = F.interpolate(condition, noise.shape[-1], mode="nearest")

        def predict(x: Tensor, t: Tensor) -> Tensor:
            out: Tensor = self.diffusion(x, t, input_concat_cond=condition)
            return out

        objective = self.diffusion.objective
        frames = sample(
            SAMPLERS[objective],
            predict,
            noise,
            objective=objective,
            steps=steps,
            schedule="linear",
            generator=generator,
        )
        return coding.invert_transform(self.pretransform, frames, False, generator)


@build_model.register
def _(config: DiffusionAutoencoderConfig) -> DiffusionAutoencoder:
    model = config.model
    return DiffusionAutoencoder(
        diffusion=create_backbone(model.diffusion),
        encoder=create_encoder_from_config(model.encoder) if model.encoder else None,
        decoder=create_decoder_from_config(model.decoder) if model.decoder else None,
        bottleneck=optional_bottleneck(model.bottleneck),
        pretransform=optional_pretransform(model.pretransform, config.sample_rate),
        latent_dim=model.latent_dim,
        frames_per_latent=model.downsampling_ratio,
        sample_rate=config.sample_rate,
        io_channels=model.io_channels,
        channel_policy=model.channel_policy,
    )
