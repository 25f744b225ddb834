"""The autoencoder on spectrograms, after EulerAudioBackbone.

Letters: B batch, C audio channels, T samples, S spectrogram channels, F frequency bins, N frames, D latent channels,
L latent frames.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any, Literal, Self, final, overload

import torch
from torch import Tensor, nn

from narrows.configs import SpectralAutoencoderConfig
from narrows.configs.rules.spectral_data import with_channels
from narrows.models.autoencoders import coding
from narrows.models.bottlenecks import Bottleneck
from narrows.models.bottlenecks.base import Info
from narrows.models.building import build_model
from narrows.models.components import optional_bottleneck
from narrows.models.interfaces import ChannelPolicy, Codec, Lengths, Signal
from narrows.models.receptive_field import ReceptiveField, chain
from narrows.models.spectral.decoders import SpectralDecoder
from narrows.models.spectral.encoders import EncoderInfo, SpectralEncoder
from narrows.models.spectral.layout import ChannelLayout, pack_complex, unpack_complex
from narrows.models.spectral.pairing import build_side, check_pair
from narrows.models.spectral.precision import set_precision
from narrows.models.spectral.stft import STFT, fit
from narrows.models.spectral.transforms import SpectralTransform
from narrows.models.spectral.transforms.naming import transform_of
from narrows.models.streaming import DecodeStream, EncodeStream, streamed


@final
class SpectralAutoencoder(nn.Module):
    """Spectrogram, transform, encoder and bottleneck; then decoder, inverse transform and audio. A `Codec` of audio.

    `encode` and `decode` work on audio `(B, C, T)` and real latents `(B, D, L)`, in which complex latents are packed as
    `pack_complex` does. Training works on spectrograms:

        spectrogram = model.spectrogram(audio)
        latents, info = model.encode_spectrogram(spectrogram)
        estimate = model.decode_spectrogram(latents, info)
        loss = distance(model.comparable(estimate), model.apply_target(spectrogram))
        audio = model.waveform(model.apply_inverse(estimate), length)

    Args:
        encoder: of spectrograms.
        decoder: of the same kind and time stride.
        stft: audio to spectrogram and back.
        layout: of the spectrogram's channels.
        sample_rate: in Hz.
        bottleneck: None for a plain autoencoder. It always sees real latents.
        pre_transform: of the spectrogram; None for none.
        channel_policy: how audio with other channels is converted (see `narrows.models.codec.channels`).
    """

    encoder: SpectralEncoder
    decoder: SpectralDecoder
    config: SpectralAutoencoderConfig
    """With numbers where the file said `auto`."""
    signal: Signal = "audio"
    stochastic_decoder: bool = False
    export_obstacle: str | None = "graphs of spectrograms are not supported"

    # The attribute names are part of the checkpoint format.
    def __init__(
        self,
        encoder: SpectralEncoder,
        decoder: SpectralDecoder,
        stft: STFT,
        layout: ChannelLayout,
        sample_rate: int,
        bottleneck: Bottleneck | None = None,
        pre_transform: SpectralTransform | None = None,
        channel_policy: ChannelPolicy = "duplicate",
    ) -> None:
        check_pair(encoder, decoder, layout)
        super().__init__()
        self.encoder = encoder
        self.decoder = decoder
        self.bottleneck = bottleneck
        self.latent_dim = decoder.latent_channels * (2 if layout.is_complex else 1)
        self.downsampling_ratio = stft.hop_length * encoder.time_stride
        self.sample_rate = sample_rate
        self.io_channels = self.in_channels = self.out_channels = layout.audio_channels
        self.channel_policy = channel_policy
        self.stft = stft
        self.layout = layout
        self.pre_transform = pre_transform
        # A variational bottleneck takes a mean and a scale, each of the decoder's width.
        self._parts = max(1, encoder.latent_channels // decoder.latent_channels)

    @property
    def audio_channels(self) -> int:
        """Channels of the audio."""
        return self.layout.audio_channels

    @property
    def front_end(self) -> nn.Module | None:
        """The short-time Fourier transform."""
        return self.stft

    @property
    def is_discrete(self) -> bool:
        """Whether the latents are made of codes."""
        return coding.is_discrete(self.bottleneck)

    @property
    def min_length(self) -> int:
        """Lengths of audio that need no padding are multiples of this, in samples."""
        return coding.whole_frames(self)

    def spectrogram(self, audio: Tensor) -> Tensor:
        """The spectrogram of audio in the model's layout, without the pre-transform: `(B, C, T)` → `(B, S, F, N)`."""
        coding.check_shape("audio", audio, self.layout.audio_channels)
        return self.layout.of(self.stft.encode(audio))

    def waveform(self, spectrogram: Tensor, length: int | None = None) -> Tensor:
        """Audio of a spectrogram without the pre-transform.

        Args:
            spectrogram: `(B, S, F, N)`, complex or complex as channels.
            length: samples; None for up to the last frame.
        """
        return self.stft.decode(unpack_complex(spectrogram), length)

    def apply_target(self, spectrogram: Tensor) -> Tensor:
        """The spectrogram that losses compare with: transformed where the configuration says `apply_target`."""
        if self.pre_transform is None or not self.pre_transform.apply_target:
            return spectrogram
        return self.pre_transform.transform(spectrogram)

    def apply_inverse(self, estimate: Tensor) -> Tensor:
        """The decoder's output without the pre-transform."""
        if self.pre_transform is None or not self.pre_transform.apply_inverse:
            return estimate
        return self.pre_transform.inverse(estimate)

    def comparable(self, estimate: Tensor) -> Tensor:
        """The decoder's output in the domain of `apply_target`."""
        transformed = self.pre_transform is not None and self.pre_transform.apply_target
        return estimate if transformed else self.apply_inverse(estimate)

    def encode_spectrogram(
        self, spectrogram: Tensor, *, skip_bottleneck: bool = False, **kwargs: Any
    ) -> tuple[Tensor, Info]:
        """Latents of a spectrogram, and the info of encoder and bottleneck.

        Args:
            spectrogram: `(B, S, F, N)` without the pre-transform.
            skip_bottleneck: return the encoder's output.
            kwargs: for the bottleneck, e.g. `generator`.

        Returns:
            `(B, D, ceil(N / time stride))`, complex where the model is, and the info: `feature_shape`, `frames` (N),
            `pre_bottleneck_latents` and what the bottleneck reports.
        """
        latents, encoder_info = self._encoder_output(spectrogram)
        info: Info = {**encoder_info, "pre_bottleneck_latents": latents}
        if self.bottleneck is not None and not skip_bottleneck:
            real, reported = self.bottleneck.encode(pack_complex(latents, self._parts), return_info=True, **kwargs)
            latents = self._unpacked(real)
            info.update(reported)
        return latents, info

    def decode_spectrogram(
        self, latents: Tensor, info: Mapping[str, Any] | None = None, *, skip_bottleneck: bool = False, **kwargs: Any
    ) -> Tensor:
        """The decoder's output, which is transformed where the model has a pre-transform.

        Args:
            latents: `(B, D, L)`, complex or packed where the model is complex.
            info: the info of `encode_spectrogram`; None where it is not known.
            skip_bottleneck: the latents are decoder input already.
            kwargs: for the bottleneck, e.g. `generator`.

        Returns:
            `(B, S, F, N)` with the bins of the transform, and the frames that `info` says, or all of them.
        """
        if self.bottleneck is not None and not skip_bottleneck:
            latents = self.bottleneck.decode(pack_complex(latents), **kwargs)
        known: EncoderInfo = dict(info) if info is not None else {}
        estimate = fit(self.decoder(self._unpacked(latents), known), -2, self.stft.bins)
        return fit(estimate, -1, known["frames"]) if "frames" in known else estimate

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
        """Real latents of audio; see `AudioAutoencoder.encode` for the other options.

        The frame around the end of the clip is left out where the one before it is within a hop, so that a clip of
        whole latent frames gives exactly those.

        Args:
            audio: `(B, C, T)`.
            return_info: return `(latents, info)`; see `encode_spectrogram`.
            skip_pretransform: `audio` is a spectrogram already.

        Returns:
            `(B, D, ceil(T / downsampling_ratio))`
        """
        spectrogram = audio
        if not skip_pretransform:
            spectrogram = self.spectrogram(audio)[..., : -(-audio.shape[-1] // self.stft.hop_length)]
        outputs = [
            self._encoder_output(item) for item in torch.split(spectrogram, 1 if iterate_batch else len(spectrogram))
        ]
        latents = pack_complex(torch.cat([output for output, _ in outputs]), self._parts)
        info: Info = {**outputs[0][1], "frames": spectrogram.shape[-1], "pre_bottleneck_latents": latents}
        if self.bottleneck is not None and not skip_bottleneck:
            latents, reported = self.bottleneck.encode(latents, return_info=True, **kwargs)
            info.update(reported)
        return (latents, info) if return_info else latents

    def decode(
        self,
        latents: Tensor,
        *,
        length: int | None = None,
        skip_bottleneck: bool = False,
        iterate_batch: bool = False,
        **kwargs: Any,
    ) -> Tensor:
        """Audio of latents; see `AudioAutoencoder.decode` for the other options.

        Args:
            latents: `(B, D, L)`, real, or complex as `encode_spectrogram` gives them.
            length: samples; None for `L * downsampling_ratio`.
        """
        length = latents.shape[-1] * self.downsampling_ratio if length is None else length
        if self.bottleneck is not None and not skip_bottleneck:
            packed = pack_complex(latents)
            coding.check_shape("latents", packed, self.latent_dim)
            latents = self.bottleneck.decode(packed, **kwargs)
        run = partial(self.decode_spectrogram, skip_bottleneck=True)
        items = torch.split(latents, 1 if iterate_batch else len(latents))
        return torch.cat([self.waveform(self.apply_inverse(run(item)), length) for item in items])

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
        """Receptive field of spectrogram and encoder."""
        return chain(self.stft.encode_field(), self.encoder)

    def decode_field(self) -> ReceptiveField:
        """Receptive field of decoder and waveform."""
        return chain(self.decoder, self.stft.decode_field())

    def for_audio(self) -> Codec:
        """Itself."""
        return self

    def to(self, *args: Any, **kwargs: Any) -> Self:
        """Move the model, or change its precision between float32 and float64.

        Complex weights follow to the complex type of that precision; torch's own `to` would drop their imaginary parts.

        Raises:
            ValueError: another precision, in which there is neither a Fourier transform nor a complex type.
        """
        dtype = next((given for given in (*args, *kwargs.values()) if isinstance(given, torch.dtype)), None)
        if dtype is None:
            return super().to(*args, **kwargs)
        set_precision(self, dtype)
        places = [given for given in args if given is not dtype]
        named = {key: value for key, value in kwargs.items() if value is not dtype}
        return super().to(*places, **named) if places or named else self

    def _encoder_output(self, spectrogram: Tensor) -> tuple[Tensor, EncoderInfo]:
        self.layout.check(spectrogram)
        x = spectrogram
        if self.pre_transform is not None and self.pre_transform.apply_encoder:
            x = self.pre_transform.transform(x)
        latents, info = self.encoder(x)
        return latents, {**info, "frames": spectrogram.shape[-1]}

    def _unpacked(self, latents: Tensor) -> Tensor:
        """Decoder input as the decoder takes it."""
        return unpack_complex(latents) if self.layout.is_complex else latents


@build_model.register
def _(config: SpectralAutoencoderConfig) -> SpectralAutoencoder:
    """Its `config` has numbers wherever the given one says `auto`."""
    typed = with_channels(config)
    model = typed.model
    layout = ChannelLayout(typed.audio_channels, model.cac)
    stft = STFT(**model.stft.model_dump(exclude={"center"}))
    autoencoder = SpectralAutoencoder(
        encoder=build_side("encoder", model.encoder, layout, stft),
        decoder=build_side("decoder", model.decoder, layout, stft),
        stft=stft,
        layout=layout,
        sample_rate=typed.sample_rate,
        bottleneck=optional_bottleneck(model.bottleneck),
        pre_transform=transform_of(model.pre_transform),
        channel_policy=model.channel_policy,
    )
    autoencoder.config = typed
    return autoencoder
