"""The hyperencoder: an autoencoder over the latents of another one.

Letters: B batch, C audio channels, T samples, E outer latent channels, F outer frames, D inner channels, L inner
frames.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor, nn

from narrows.models.autoencoders.audio import AudioAutoencoder
from narrows.models.bottlenecks import Bottleneck
from narrows.models.streaming import Lengths


class Hyperencoder(AudioAutoencoder):
    """Encoder, bottleneck and decoder between outer latents and inner ones.

    It is trained on pre-encoded latents and knows no audio: `encode`, `decode`, `decode_tokens`, `encode_latents` and
    `decode_latents` go between outer and inner latents. `encode_audio` and `decode_audio` go through the outer model,
    which belongs to the hyperencoder or is given in the call.

    Args:
        encoder: `(B, E, F)` to `(B, D, L)`.
        decoder: `(B, D, L)` to `(B, E, F)`.
        latent_dim: inner channels, after the bottleneck.
        downsampling_ratio: outer frames per inner frame.
        sample_rate: of the audio behind the outer latents, in Hz.
        in_channels: outer latent channels.
        out_channels: outer latent channels on the way out, where they differ.
        bottleneck: None for a plain autoencoder.
        outer: the model whose latents these are; frozen, and saved with this one. None leaves it out.
        standardize: bring each outer channel to mean 0 and standard deviation 1 for the encoder, and back behind the
            decoder; see `set_statistics`.
    """

    latent_mean: Tensor
    latent_std: Tensor

    # The attribute names are part of the checkpoint format.
    def __init__(
        self,
        encoder: nn.Module,
        decoder: nn.Module,
        latent_dim: int,
        downsampling_ratio: int,
        sample_rate: int,
        in_channels: int,
        out_channels: int | None = None,
        bottleneck: Bottleneck | None = None,
        outer: AudioAutoencoder | None = None,
        soft_clip: bool = False,
        standardize: bool = False,
    ) -> None:
        super().__init__(
            encoder,
            decoder,
            latent_dim,
            downsampling_ratio,
            sample_rate,
            io_channels=in_channels,
            bottleneck=bottleneck,
            out_channels=out_channels,
            soft_clip=soft_clip,
        )
        self.standardize = standardize
        if standardize:
            self.register_buffer("latent_mean", torch.zeros(in_channels))
            self.register_buffer("latent_std", torch.ones(in_channels))
        self.outer = outer
        if outer is not None:
            self._fits(outer)
            outer.requires_grad_(False).eval()

    def train(self, mode: bool = True) -> Hyperencoder:
        """Set training mode; the outer model stays in evaluation mode."""
        super().train(mode)
        if self.outer is not None:
            self.outer.eval()
        return self

    def requires_grad_(self, requires_grad: bool = True) -> Hyperencoder:
        """Set whether parameters are trained; those of the outer model never are."""
        super().requires_grad_(requires_grad)
        if self.outer is not None:
            self.outer.requires_grad_(False)
        return self

    def set_statistics(self, mean: Tensor, std: Tensor) -> None:
        """Set what `standardize` goes by, which is saved with the weights: 0 and 1 until then.

        Args:
            mean: `(E,)`, of each outer channel.
            std: `(E,)`, its standard deviation.

        Raises:
            ValueError: other channels, or a deviation that is not above 0.
        """
        if mean.shape != self.latent_mean.shape or std.shape != self.latent_std.shape:
            raise ValueError(f"The statistics are of {len(mean)} channels, the hyperencoder takes {self.in_channels}")
        if not (std > 0).all():
            raise ValueError("A standard deviation must be above 0")
        self.latent_mean.copy_(mean)
        self.latent_std.copy_(std)

    def encode(self, audio: Tensor, *args: Any, **kwargs: Any) -> Any:
        """Inner latents `(B, D, L)` of outer ones `(B, E, F)`; see `AudioAutoencoder.encode`."""
        if self.standardize:
            self._check("latents", audio, self.in_channels)
            audio = (audio - self.latent_mean[:, None]) / self.latent_std[:, None]
        return super().encode(audio, *args, **kwargs)

    def decode(self, latents: Tensor, **kwargs: Any) -> Tensor:
        """Outer latents `(B, E, F)` of inner ones `(B, D, L)`; see `AudioAutoencoder.decode`."""
        out = super().decode(latents, **kwargs)
        return out * self.latent_std[:, None] + self.latent_mean[:, None] if self.standardize else out

    def encode_latents(self, latents: Tensor, chunk_size: int | None = None, **kwargs: Any) -> Any:
        """Inner latents of outer ones of any length, padded with zeros to whole inner frames.

        Args:
            latents: `(B, E, F)`.
            chunk_size: inner frames to work on at a time; None for all.
            kwargs: as for `AudioAutoencoder.encode_audio`; `lengths` are in outer frames.

        Returns:
            `(B, D, ceil(F / downsampling_ratio))`, and the info when `return_info` is given.
        """
        return super().encode_audio(latents, chunk_size, **kwargs)

    def decode_latents(self, latents: Tensor, chunk_size: int | None = None, **kwargs: Any) -> Tensor:
        """Outer latents of inner ones of any length: `(B, D, L)` → `(B, E, L * downsampling_ratio)`."""
        return super().decode_audio(latents, chunk_size, **kwargs)

    def encode_audio(
        self,
        audio: Tensor,
        chunk_size: int | None = None,
        *,
        lengths: Lengths | None = None,
        outer: AudioAutoencoder | None = None,
        **kwargs: Any,
    ) -> Any:
        """Inner latents of audio of any length, through the outer model.

        Args:
            audio: `(B, C, T)`.
            chunk_size: inner frames to work on at a time; None for all.
            lengths: samples of each clip of a padded batch.
            outer: the outer model, where this one has none.
            kwargs: for the inner model, as for `encode_latents`.
        """
        through = self._through(outer)
        frames = through.encode_audio(audio, self._outer_chunk(chunk_size), lengths=lengths)
        inside = None if lengths is None else [math.ceil(int(n) / through.downsampling_ratio) for n in lengths]
        return self.encode_latents(frames, chunk_size, lengths=inside, **kwargs)

    def decode_audio(
        self,
        latents: Tensor,
        chunk_size: int | None = None,
        *,
        lengths: Lengths | None = None,
        outer: AudioAutoencoder | None = None,
        **kwargs: Any,
    ) -> Tensor:
        """Audio of inner latents, through the outer model; the counterpart of `encode_audio`."""
        through = self._through(outer)
        inside = None if lengths is None else [math.ceil(int(n) / through.downsampling_ratio) for n in lengths]
        frames = self.decode_latents(latents, chunk_size, lengths=inside, **kwargs)
        return through.decode_audio(frames, self._outer_chunk(chunk_size), lengths=lengths)

    def preprocess_audio_list_for_encoder(
        self, audio_list: Sequence[Tensor], in_sr_list: int | Sequence[int]
    ) -> Tensor:
        """Clips as one batch that `encode_audio` takes; see `AudioAutoencoder`."""
        return self._through(None).preprocess_audio_list_for_encoder(audio_list, in_sr_list)

    def _outer_chunk(self, chunk_size: int | None) -> int | None:
        return None if chunk_size is None else chunk_size * self.downsampling_ratio

    def _through(self, outer: AudioAutoencoder | None) -> AudioAutoencoder:
        through = outer if outer is not None else self.outer
        if through is None:
            raise ValueError("This hyperencoder has no outer model: give one as `outer`, or name it in model.outer")
        self._fits(through)
        return through

    def _fits(self, outer: AudioAutoencoder) -> None:
        if outer.latent_dim != self.in_channels:
            raise ValueError(
                f"The outer model has {outer.latent_dim} latent channels, the hyperencoder takes {self.in_channels}"
            )
        if outer.sample_rate != self.sample_rate:
            raise ValueError(
                f"The outer model works at {outer.sample_rate} Hz, the hyperencoder was made for {self.sample_rate} Hz"
            )
