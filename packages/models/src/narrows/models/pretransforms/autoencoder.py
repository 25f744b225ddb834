"""An autoencoder as the pretransform of another model (stable-audio-tools)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from narrows.configs import AutoencoderConfig, AutoencoderPretransformConfig
from narrows.models.autoencoders.audio import AudioAutoencoder
from narrows.models.blocks.standardization import register_statistics, restored, set_statistics, standardized
from narrows.models.bottlenecks import DiscreteBottleneck
from narrows.models.building import build
from narrows.models.pretransforms import Pretransform, build_pretransform
from narrows.models.receptive_field import ReceptiveField


class AutoencoderPretransform(Pretransform):
    """An autoencoder whose latents another model works on.

    Args:
        model: the autoencoder.
        scale: latents are divided by it; not 0.
        standardize: bring each channel of the latents to mean 0 and standard deviation 1 before.
        model_half: keep and run the model in float16.
        iterate_batch: work on one item at a time.
        chunked: work on overlapping chunks of 128 latent frames, as the reference does, with its seams.
        quantize_on_decode: latents are the encoder's output; the bottleneck works when they are decoded.

    Shape:
        `(B, C, T)` ↔ `(B, latent_dim, T / downsampling_ratio)`
    """

    # `model` is part of the checkpoint format.
    def __init__(
        self,
        model: AudioAutoencoder,
        scale: float = 1.0,
        model_half: bool = False,
        iterate_batch: bool = False,
        chunked: bool = False,
        quantize_on_decode: bool = False,
        standardize: bool = False,
    ) -> None:
        super().__init__(model.io_channels, model.latent_dim, model.downsampling_ratio)
        if scale == 0:
            raise ValueError("scale must not be 0: latents are divided by it")
        self.model = model.half() if model_half else model
        self.scale = scale
        self.standardize = standardize
        if standardize:
            register_statistics(self, model.latent_dim)
        self.model_half = model_half
        self.iterate_batch = iterate_batch
        self.chunked = chunked
        self.quantize_on_decode = quantize_on_decode
        self.sample_rate = model.sample_rate
        self.is_discrete = model.is_discrete
        self.export_obstacle = model.export_obstacle
        if isinstance(model.bottleneck, DiscreteBottleneck):
            self.num_quantizers = model.bottleneck.num_quantizers
            self.codebook_size = model.bottleneck.codebook_size

    def encode(self, audio: Tensor, **kwargs: Any) -> Tensor:
        """Scaled latents of audio; `kwargs` go to the autoencoder."""
        if self.quantize_on_decode:
            kwargs.setdefault("skip_bottleneck", True)
        return self.scaled(self._run(self.model.encode_audio, audio, **kwargs))

    def decode(self, encoded: Tensor, **kwargs: Any) -> Tensor:
        """Audio of scaled latents; `kwargs` go to the autoencoder."""
        latents = encoded * self.scale
        if self.standardize:
            latents = restored(self, latents)
        if self.quantize_on_decode and self.model.bottleneck is not None:
            latents = self.model.bottleneck.encode(self._cast(latents))
        return self._run(self.model.decode_audio, latents, **kwargs)

    def scaled(self, latents: Tensor) -> Tensor:
        """See `Pretransform`."""
        return (standardized(self, latents) if self.standardize else latents) / self.scale

    def set_statistics(self, mean: Tensor, std: Tensor) -> None:
        """Set the statistics that `standardize` uses. They are saved with the weights, and are 0 and 1 until then.

        Args:
            mean: of each channel of the latents, `(D,)`.
            std: its standard deviation, `(D,)`.

        Raises:
            ValueError: other channels, or a deviation that is not above 0.
        """
        set_statistics(self, mean, std, "the autoencoder")

    def tokenize(self, audio: Tensor, **kwargs: Any) -> Tensor:
        """Tokens of audio, in the layout of the autoencoder's bottleneck."""
        if not isinstance(self.model.bottleneck, DiscreteBottleneck):
            raise TypeError("Only an autoencoder with a discrete bottleneck has tokens")
        _, info = self.model.encode(self._cast(audio), return_info=True, **kwargs)
        tokens: Tensor = info[self.model.bottleneck.tokens_id]
        return tokens

    def decode_tokens(self, tokens: Tensor, **kwargs: Any) -> Tensor:
        """Audio of tokens; `scale` has no part in it."""
        audio = self.model.decode_tokens(tokens, **kwargs)
        return audio.float() if self.model_half else audio

    def encode_field(self) -> ReceptiveField:
        """See `narrows.models.streaming`; a bottleneck that draws noise draws it chunk by chunk."""
        return self.model.encode_field()

    def decode_field(self) -> ReceptiveField:
        """See `narrows.models.receptive_field`."""
        return self.model.decode_field()

    def _run(self, function: Callable[..., Tensor], x: Tensor, **kwargs: Any) -> Tensor:
        if self.chunked:
            kwargs.setdefault("chunked", True)
        x = self._cast(x)
        parts = torch.split(x, 1) if self.iterate_batch else (x,)
        out = torch.cat([function(part, **kwargs) for part in parts])
        return out.float() if self.model_half else out

    def _cast(self, x: Tensor) -> Tensor:
        return x.half() if self.model_half else x


@build_pretransform.register
def _(config: AutoencoderPretransformConfig, sample_rate: int) -> AutoencoderPretransform:
    whole = AutoencoderConfig(model_type="autoencoder", sample_rate=sample_rate, model=config.config)
    return AutoencoderPretransform(
        build(whole),
        scale=config.scale,
        model_half=config.model_half,
        iterate_batch=config.iterate_batch,
        chunked=config.chunked,
        standardize=config.standardize,
    )
