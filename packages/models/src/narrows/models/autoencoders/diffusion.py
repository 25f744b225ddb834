"""The diffusion autoencoder: an encoder, and a diffusion model that makes audio of its latents.

Preechakul et al. 2022 (images), Schneider et al. 2023 (audio); stable-audio-tools. Letters as in
`narrows.models.autoencoders.audio`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch
from torch import Generator, Tensor, nn
from torch.nn import functional as F

from narrows.models.autoencoders.audio import AudioAutoencoder
from narrows.models.blocks.draws import gaussian
from narrows.models.bottlenecks import Bottleneck
from narrows.models.diffusion.backbones import Backbone
from narrows.models.diffusion.backbones.base import halve
from narrows.models.diffusion.samplers import sample
from narrows.models.pretransforms import Pretransform
from narrows.models.streaming import NotExactError

if TYPE_CHECKING:
    from narrows.models.codec.channels import ChannelPolicy

SAMPLERS = {"v": "v-ddim", "rectified_flow": "euler", "rf_denoiser": "pingpong"}
"""How each objective is sampled, in equal steps of time, as in stable-audio-tools."""


class DiffusionAutoencoder(AudioAutoencoder):
    """Encoder, bottleneck, and a diffusion that the latents condition.

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
        channel_policy: what becomes of files with other channels.
    """

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
        super().__init__(
            encoder or nn.Identity(),
            decoder or nn.Identity(),
            latent_dim=latent_dim,
            downsampling_ratio=frames_per_latent * (pretransform.downsampling_ratio if pretransform else 1),
            sample_rate=sample_rate,
            io_channels=pretransform.io_channels if pretransform else io_channels,
            bottleneck=bottleneck,
            pretransform=pretransform,
            channel_policy=channel_policy,
        )
        self.diffusion = diffusion
        self.frames_per_latent = frames_per_latent
        halve(self.encoder)

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
            self._check("latents", latents, self.latent_dim)
            latents = self.bottleneck.decode(latents, generator=generator, **kwargs)
        shape = (len(latents), self.diffusion.io_channels, latents.shape[-1] * self.frames_per_latent)
        if noise is None:
            noise = gaussian(latents.new_empty(shape), generator)
        if noise.shape != shape:
            raise ValueError(f"noise must be of shape {shape}, got {tuple(noise.shape)}")
        size = 1 if iterate_batch else len(latents)
        parts = zip(torch.split(latents, size), torch.split(noise, size), strict=True)
        return torch.cat([self._sample(part, start, steps, generator) for part, start in parts])

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
        if self.pretransform is None:
            return frames
        return self.pretransform.decode(frames, **({} if generator is None else {"generator": generator}))

    def decode_audio(self, latents: Tensor, chunk_size: int | None = None, **kwargs: Any) -> Tensor:
        """Audio of latents; see `decode`. Each sampling starts from noise of its own, so that chunks do not join.

        Raises:
            NotExactError: a `chunk_size` is given.
        """
        if chunk_size is not None:
            raise NotExactError("A diffusion decoder cannot work in chunks: leave chunk_size out")
        return self.decode(latents, **kwargs)

    @property
    def min_length(self) -> int:
        """Audio lengths that fit the network are multiples of it, in samples."""
        return self.downsampling_ratio * self.diffusion.length_multiple
