"""Protocols of codecs and generative models, for commands, training and other models.

Code that uses a model asks for a protocol, never for a concrete class: a `Codec` encodes a signal to latents and back,
a `Generator` makes audio from requests.

Letters: B batch, C signal channels, T samples or frames of the signal, D latent channels, L latent frames, K codebooks.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Literal, Protocol, runtime_checkable

from torch import Tensor, nn

from narrows.configs import NarrowsError
from narrows.models.bottlenecks.base import Bottleneck
from narrows.models.receptive_field import ReceptiveField

ChannelPolicy = Literal["error", "duplicate", "downmix", "fold"]
"""How audio with another number of channels is converted; see `narrows.models.codec.channels`."""

Signal = Literal["audio", "latents"]
"""The signal that a codec encodes."""

Lengths = Sequence[int] | Tensor
"""Length of each clip of a padded batch, in samples."""


class NotACodecError(NarrowsError, ValueError):
    """A model that cannot encode and decode audio was given where a codec is needed."""


@runtime_checkable
class Codec(Protocol):
    """Encodes a signal `(B, C, T)` to latents `(B, D, L)` and decodes it again. Every codec is an `nn.Module`.

    The signal is audio, or for a hyperencoder the latents of another codec. Code that has audio to encode takes the
    codec that `audio_codec` returns.
    """

    signal: Signal
    """The signal that `encode` takes and `decode` returns."""
    sample_rate: int
    """Of the audio, in Hz."""
    downsampling_ratio: int
    """Signal frames per latent frame: samples of audio, where the signal is audio."""
    latent_dim: int
    """Channels of the latents, after the bottleneck."""
    in_channels: int
    """Signal channels that `encode` takes."""
    out_channels: int
    """Signal channels that `decode` returns."""
    channel_policy: ChannelPolicy
    """How audio with other channels is converted."""
    stochastic_decoder: bool
    """Whether `decode` draws noise and takes a `generator` even without a bottleneck."""

    @property
    def export_obstacle(self) -> str | None:
        """Why the codec cannot be exported as a graph; None where it can be tried."""
        ...

    @property
    def encoder(self) -> nn.Module:
        """The network that computes the input of the bottleneck."""
        ...

    @property
    def decoder(self) -> nn.Module:
        """The network behind the bottleneck."""
        ...

    @property
    def bottleneck(self) -> Bottleneck | None:
        """Between encoder and decoder; None for a plain autoencoder."""
        ...

    @property
    def front_end(self) -> nn.Module | None:
        """Transform between the signal and the encoder, e.g. a pretransform; None where the encoder sees the signal."""
        ...

    @property
    def is_discrete(self) -> bool:
        """Whether the latents are made of codes, so that `decode_tokens` is offered."""
        ...

    @property
    def min_length(self) -> int:
        """Signal lengths that need no padding are multiples of this."""
        ...

    def encode(self, signal: Tensor, /, *args: Any, **kwargs: Any) -> Any:
        """Latents `(B, D, T / downsampling_ratio)` of a signal `(B, in_channels, T)`.

        Args:
            signal: T a multiple of `min_length`.
            args: `return_info`, as the second argument: return `(latents, info)`; the info has
                `pre_bottleneck_latents` and the bottleneck's info.
            kwargs: `return_info`, `skip_bottleneck` (return the encoder's output), `iterate_batch` (one item at a
                time, to save memory), and options of the bottleneck and the encoder, e.g. `generator`.
        """
        ...

    def decode(self, latents: Tensor, /, *args: Any, **kwargs: Any) -> Tensor:
        """Signal `(B, out_channels, L * downsampling_ratio)` of latents `(B, D, L)`.

        Args:
            latents: as `encode` returns them.
            args: none.
            kwargs: `skip_bottleneck` (the latents are decoder input already), `iterate_batch`, and options of the
                bottleneck and the decoder, e.g. `generator`.
        """
        ...

    def decode_tokens(self, codes: Tensor, **kwargs: Any) -> Tensor:
        """Signal of the tokens that `encode` reports under `bottleneck.tokens_id`, in the same layout.

        Raises:
            TypeError: the bottleneck is not discrete.
        """
        ...

    def encode_audio(
        self, audio: Tensor, chunk_size: int | None = None, *, lengths: Lengths | None = None, **kwargs: Any
    ) -> Any:
        """Latents of audio of any length, padded with zeros to whole frames; chunks do not change the result.

        Args:
            audio: `(B, C, T)`.
            chunk_size: latent frames to compute at a time; None for all.
            lengths: samples of each clip of a padded batch. Each gets the latents it would get alone, then zeros.
            kwargs: as for `encode`; `overlap` (latent frames of context, only for models that cannot be exact, see
                `narrows.models.streaming`); `chunked` (cut overlapping chunks as stable-audio-tools does, with its
                seams, see `narrows.models.streaming.overlap`).

        Returns:
            `(B, D, ceil(T / ratio))`, and the info when `return_info` is given.

        Raises:
            NotExactError: the model depends on the whole clip, and no overlap is given.
        """
        ...

    def decode_audio(
        self, latents: Tensor, chunk_size: int | None = None, *, lengths: Lengths | None = None, **kwargs: Any
    ) -> Tensor:
        """Audio of latents of any length; chunks do not change the result.

        Args:
            latents: `(B, D, L)`.
            chunk_size: latent frames to compute at a time; None for all.
            lengths: samples of each clip. Each gets the audio of its own frames, cut to its length, then zeros.
            kwargs: as for `decode`; `overlap` and `chunked` as for `encode_audio`.

        Returns:
            `(B, C, L * ratio)`, or `(B, C, max(lengths))`.

        Raises:
            NotExactError: the model depends on the whole clip, and no overlap is given.
        """
        ...

    def encode_stream(self, blocks: Iterable[Tensor], **kwargs: Any) -> Iterator[Tensor]:
        """Latents of a signal that comes in blocks `(B, C, any)`, as soon as they are known; memory does not grow.

        Args:
            blocks: the clip, cut anywhere.
            kwargs: for the bottleneck, e.g. `generator`.
        """
        ...

    def decode_stream(self, blocks: Iterable[Tensor], **kwargs: Any) -> Iterator[Tensor]:
        """Signal of latents that come in blocks `(B, D, any)`; the counterpart of `encode_stream`."""
        ...

    def encode_field(self) -> ReceptiveField:
        """Receptive field of `encode` without the bottleneck: signal in, latent frames out."""
        ...

    def decode_field(self) -> ReceptiveField:
        """Receptive field of `decode` without the bottleneck: latent frames in, signal out."""
        ...

    def for_audio(self) -> Codec:
        """This codec as one whose signal is audio: itself, or together with the codec whose latents it encodes.

        Raises:
            NotACodecError: its signal is the latents of a codec that it does not have.
        """
        ...

    def parameters(self, recurse: bool = True) -> Iterator[nn.Parameter]:
        """As of `nn.Module`."""
        ...


@runtime_checkable
class Generator(Protocol):
    """Makes audio from requests: diffusion models and language models."""

    sample_rate: int
    """Of the audio, in Hz."""

    def generate(
        self,
        prompts: str | Sequence[Any],
        *,
        seconds: float | Sequence[float] | None = None,
        seed: int | Sequence[int] = 0,
        return_info: bool = False,
        **options: Any,
    ) -> Any:
        """Audio `(B, C, T)` of requests; an item depends on its own request and seed only.

        Args:
            prompts: one prompt, a list of prompts, or a list of dictionaries of conditions.
            seconds: length, of all or of each item; None for the length the model was trained with.
            seed: of the first item, counted up from there, or of each.
            return_info: return an object with `audio` (a list of `(C, T_i)`), `latents` or `codes`, and `requests`.
            options: of the type of model, e.g. `steps` and `cfg_scale`, or `temperature` and `top_k`.
        """
        ...

    def sample(self, conditions: Any = None, *, frames: int, seed: int | Sequence[int] = 0, **options: Any) -> Tensor:
        """Latents `(B, D, frames)`, or codes `(B, K, frames)`, for the tensors of a conditioner."""
        ...


def audio_codec(model: object) -> Codec:
    """The codec of audio that a model is, alone or together with its outer model.

    Args:
        model: any model of `create_model_from_config`.

    Returns:
        A codec whose `downsampling_ratio` counts samples of audio.

    Raises:
        NotACodecError: the model is no codec, or a hyperencoder without its outer model.
    """
    convert = getattr(model, "for_audio", None)
    if convert is None:
        raise NotACodecError(
            f"A model of the type {type(model).__name__} cannot encode and decode audio; give an autoencoder"
        )
    codec: Codec = convert()
    return codec
