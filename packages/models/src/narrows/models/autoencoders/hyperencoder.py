"""The hyperencoder: an autoencoder over the latents of another one.

Letters: B batch, C audio channels, T samples, E outer latent channels, F outer frames, D inner channels, L inner
frames.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Literal, final, overload

import torch
from torch import Tensor, nn

from narrows.configs import HyperencoderConfig
from narrows.configs.rules import hyperencoder as rules
from narrows.configs.rules.autoencoder import latent_dim as latent_channels
from narrows.models.autoencoders import coding
from narrows.models.autoencoders.cascade import CascadedCodec
from narrows.models.blocks.standardization import register_statistics, restored, set_statistics, standardized
from narrows.models.bottlenecks import Bottleneck
from narrows.models.bottlenecks.base import Info
from narrows.models.building import build, build_model
from narrows.models.checkpoints.load import load_checkpoint
from narrows.models.components import create_decoder_from_config, create_encoder_from_config, optional_bottleneck
from narrows.models.interfaces import ChannelPolicy, Codec, Lengths, NotACodecError, Signal
from narrows.models.receptive_field import ReceptiveField, chain
from narrows.models.streaming import DecodeStream, EncodeStream, streamed


@final
class Hyperencoder(nn.Module):
    """Encoder, bottleneck and decoder between outer latents and inner ones; a `Codec` of latents.

    It is trained on pre-encoded latents and knows no audio: `encode`, `decode`, `decode_tokens`, `encode_latents`,
    `decode_latents` and the streams go between outer and inner latents. `encode_audio` and `decode_audio` go through
    the outer model, which belongs to the hyperencoder or is given in the call; `for_audio` joins both to a codec of
    audio.

    Args:
        encoder: `(B, E, F)` to `(B, D, L)`.
        decoder: `(B, D, L)` to `(B, E, F)`.
        latent_dim: inner channels, after the bottleneck.
        downsampling_ratio: outer frames per inner frame.
        sample_rate: of the audio behind the outer latents, in Hz.
        in_channels: outer latent channels.
        out_channels: outer latent channels on the way out, where they differ.
        bottleneck: None for a plain autoencoder.
        outer: the codec whose latents these are; frozen, and saved with this one. None leaves it out.
        soft_clip: pass the output through a tanh.
        standardize: bring each outer channel to mean 0 and standard deviation 1 for the encoder, and back behind the
            decoder; see `set_statistics`.
    """

    signal: Signal = "latents"
    stochastic_decoder: bool = False
    export_obstacle: str | None = None
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
        outer: Any = None,
        soft_clip: bool = False,
        standardize: bool = False,
    ) -> None:
        super().__init__()
        self.encoder = encoder
        self.decoder = decoder
        self.bottleneck = bottleneck
        self.latent_dim = latent_dim
        self.downsampling_ratio = downsampling_ratio
        self.sample_rate = sample_rate
        self.in_channels = in_channels
        self.out_channels = out_channels or in_channels
        self.channel_policy: ChannelPolicy = "error"
        self.soft_clip = soft_clip
        self.standardize = standardize
        if standardize:
            register_statistics(self, in_channels)
        self.outer: Any = outer
        if outer is not None:
            CascadedCodec.check(outer, self)
            outer.requires_grad_(False).eval()

    @property
    def front_end(self) -> nn.Module | None:
        """None: the encoder sees the outer latents themselves."""
        return None

    @property
    def is_discrete(self) -> bool:
        """Whether the latents are made of codes."""
        return coding.is_discrete(self.bottleneck)

    @property
    def min_length(self) -> int:
        """Numbers of outer frames that need no padding are multiples of this."""
        return coding.whole_frames(self)

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
        """Set the statistics that `standardize` uses. They are saved with the weights, and are 0 and 1 until then.

        Args:
            mean: `(E,)`, of each outer channel.
            std: `(E,)`, its standard deviation.

        Raises:
            ValueError: other channels, or a deviation that is not above 0.
        """
        set_statistics(self, mean, std, "the hyperencoder")

    @overload
    def encode(self, latents: Tensor, return_info: Literal[False] = False, **kwargs: Any) -> Tensor: ...
    @overload
    def encode(self, latents: Tensor, return_info: Literal[True], **kwargs: Any) -> tuple[Tensor, Info]: ...
    def encode(self, latents: Tensor, return_info: bool = False, **kwargs: Any) -> Tensor | tuple[Tensor, Info]:
        """Inner latents of outer ones.

        Args:
            latents: `(B, E, F)`.
            return_info: return `(latents, info)`; the info has `pre_bottleneck_latents` and the bottleneck's info.
            kwargs: as for `Codec.encode`.

        Returns:
            `(B, D, F / downsampling_ratio)`
        """
        coding.check_shape("latents", latents, self.in_channels)
        if self.standardize:
            latents = standardized(self, latents)
        inner, info = coding.run_encoder(self.encoder, self.bottleneck, latents, **kwargs)
        return (inner, info) if return_info else inner

    def decode(self, latents: Tensor, **kwargs: Any) -> Tensor:
        """Outer latents `(B, E, F)` of inner ones `(B, D, L)`; `kwargs` as for `Codec.decode`."""
        out = coding.run_decoder(self.decoder, self.bottleneck, latents, self.latent_dim, **kwargs)
        out = torch.tanh(out) if self.soft_clip else out
        return restored(self, out) if self.standardize else out

    def forward(self, latents: Tensor, **kwargs: Any) -> Tensor:
        """Encode and decode: `(B, E, F)` → `(B, E, F)`."""
        return self.decode(self.encode(latents, **kwargs))

    def decode_tokens(self, codes: Tensor, **kwargs: Any) -> Tensor:
        """Outer latents of tokens; see `Codec.decode_tokens`."""
        return coding.decode_tokens(self, codes, **kwargs)

    def encode_latents(self, latents: Tensor, chunk_size: int | None = None, **kwargs: Any) -> Any:
        """Inner latents of outer ones of any length, padded with zeros to whole inner frames.

        Args:
            latents: `(B, E, F)`.
            chunk_size: inner frames to compute at a time; None for all.
            kwargs: as for `Codec.encode_audio`; `lengths` are in outer frames.

        Returns:
            `(B, D, ceil(F / downsampling_ratio))`, and the info when `return_info` is given.
        """
        return coding.encode_chunked(self, latents, chunk_size, **kwargs)

    def decode_latents(self, latents: Tensor, chunk_size: int | None = None, **kwargs: Any) -> Tensor:
        """Outer latents of inner ones of any length: `(B, D, L)` → `(B, E, L * downsampling_ratio)`."""
        return coding.decode_chunked(self, latents, chunk_size, **kwargs)

    def encode_audio(
        self,
        audio: Tensor,
        chunk_size: int | None = None,
        *,
        lengths: Lengths | None = None,
        outer: Codec | None = None,
        **kwargs: Any,
    ) -> Any:
        """Inner latents of audio of any length, through the outer model.

        Args:
            audio: `(B, C, T)`.
            chunk_size: inner frames to compute at a time; None for all.
            lengths: samples of each clip of a padded batch.
            outer: the outer model, where this one has none.
            kwargs: for the inner model, as for `encode_latents`.

        Raises:
            NotACodecError: there is no outer model, or it does not fit.
        """
        return self.for_audio(outer).encode_audio(audio, chunk_size, lengths=lengths, **kwargs)

    def decode_audio(
        self,
        latents: Tensor,
        chunk_size: int | None = None,
        *,
        lengths: Lengths | None = None,
        outer: Codec | None = None,
        **kwargs: Any,
    ) -> Tensor:
        """Audio of inner latents, through the outer model; the counterpart of `encode_audio`."""
        return self.for_audio(outer).decode_audio(latents, chunk_size, lengths=lengths, **kwargs)

    def preprocess_audio_for_encoder(self, audio: Tensor, in_sr: int) -> Tensor:
        """A clip as a batch of one that `encode_audio` takes; see `preprocess_audio_list_for_encoder`."""
        return self.preprocess_audio_list_for_encoder([audio], in_sr)

    def preprocess_audio_list_for_encoder(
        self, audio_list: Sequence[Tensor], in_sr_list: int | Sequence[int]
    ) -> Tensor:
        """Clips as one batch that `encode_audio` takes; see `narrows.models.autoencoders.coding.preprocess`."""
        return coding.preprocess(self.for_audio().outer, audio_list, in_sr_list)

    def encode_stream(self, blocks: Iterable[Tensor], **kwargs: Any) -> Iterator[Tensor]:
        """Inner latents of outer ones that come in blocks; see `Codec.encode_stream`."""
        return streamed(EncodeStream(self, **kwargs), blocks)

    def decode_stream(self, blocks: Iterable[Tensor], **kwargs: Any) -> Iterator[Tensor]:
        """Outer latents of inner ones that come in blocks; see `Codec.decode_stream`."""
        return streamed(DecodeStream(self, **kwargs), blocks)

    def encode_field(self) -> ReceptiveField:
        """Receptive field of the encoder, in outer frames."""
        return chain(self.encoder)

    def decode_field(self) -> ReceptiveField:
        """Receptive field of the decoder, in inner frames."""
        return chain(self.decoder)

    def for_audio(self, outer: Codec | None = None) -> CascadedCodec:
        """The outer model and this one as one codec of audio.

        Args:
            outer: the outer model, where this one has none.

        Raises:
            NotACodecError: there is no outer model, or it does not fit.
        """
        through = outer if outer is not None else self.outer
        if through is None:
            raise NotACodecError(
                "This hyperencoder has no outer model, so it encodes latents and not audio: name the outer model in "
                "model.outer, or give one as `outer`"
            )
        return CascadedCodec(through, self)


@build_model.register
def _(config: HyperencoderConfig) -> Hyperencoder:
    model = config.model
    channels_in, channels_out = (rules.outer_channels(model, part) for part in ("encoder", "decoder"))
    ratio = rules.downsampling_ratio(model)
    assert channels_in is not None, "every encoder says its channels"
    assert ratio is not None, "a rule has asked for it"
    return Hyperencoder(
        encoder=create_encoder_from_config(model.encoder),
        decoder=create_decoder_from_config(model.decoder),
        bottleneck=optional_bottleneck(model.bottleneck),
        latent_dim=latent_channels(model),  # type: ignore[arg-type]
        downsampling_ratio=ratio,
        sample_rate=config.sample_rate,
        in_channels=channels_in,
        out_channels=channels_out,
        outer=_outer(model.outer) if model.outer else None,
        standardize=model.standardize,
        soft_clip=model.decoder.soft_clip,
    )


def _outer(config: Any) -> Any:
    outer = build(config.config)
    if config.ckpt_path is not None:
        load_checkpoint(outer, config.ckpt_path)
    return outer
