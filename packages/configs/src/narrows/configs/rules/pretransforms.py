"""Rules of pretransforms: what a transform in front of an encoder makes of channels and lengths."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeGuard

from pydantic import BaseModel

from narrows.configs.errors import Problem
from narrows.configs.rules import rule
from narrows.configs.rules.roles import option, value

if TYPE_CHECKING:
    from narrows.configs._generated.models.autoencoder import AutoencoderOptions
    from narrows.configs._generated.pretransforms.dac_pretrained import DACPretrainedPretransformOptions
    from narrows.configs._generated.pretransforms.pqmf import PQMFPretransformOptions
    from narrows.configs._generated.pretransforms.spectrogram import SpectrogramPretransformOptions
    from narrows.configs._generated.pretransforms.transformers import TransformersPretransformConfig


def is_autoencoder(options: Any) -> TypeGuard[AutoencoderOptions]:
    """Whether these are the options of an autoencoder; told by name, so that no class is imported for it."""
    return type(options).__name__ == "AutoencoderOptions"


@dataclass(frozen=True)
class Transformed:
    """What an encoder behind a pretransform sees."""

    channels: int
    """Channels of a frame."""
    ratios: tuple[int, ...]
    """Samples a frame; files of the reference leave oversampling out, so that there can be two ways to count."""


def transformed(pretransform: BaseModel | None, audio_channels: int) -> Transformed | None:
    """What comes out of a pretransform.

    Args:
        pretransform: a typed pretransform; None for none.
        audio_channels: channels that go in.

    Returns:
        None where only the weights of a published model say it.
    """
    if pretransform is None:
        return Transformed(audio_channels, (1,))
    options = pretransform.config  # type: ignore[attr-defined]
    if is_autoencoder(options):
        pieces = options.pieces
        if pieces is None:
            return Transformed(options.latent_dim, (options.downsampling_ratio,))
        frames = -(-pieces.length // options.downsampling_ratio)
        return Transformed(options.latent_dim * frames + int(pieces.normalize), (pieces.hop,))
    transform = option(options, "transform")
    if transform is not None:
        return Transformed(audio_channels * (transform.value // 2 + 1), (value(options, "hop"),))
    bands, octaves = option(options, "bands"), option(options, "octaves")
    if bands is None and octaves is None:
        return None
    ratio = bands.value if bands is not None else 2 ** value(options, "octaves")
    oversampling = value(options, "oversampling", 1)
    exact = (ratio // oversampling,) if ratio % oversampling == 0 else ()
    return Transformed(audio_channels * ratio, tuple(dict.fromkeys((*exact, ratio))))


@rule
def pretransform_takes_the_audio(model: AutoencoderOptions) -> Iterator[Problem]:
    """A pretransform that is told its channels is told those of the audio."""
    if model.pretransform is None:
        return
    options = model.pretransform.config
    if is_autoencoder(options):
        key, given = "io_channels", options.io_channels
    else:
        found = option(options, "audio-channels")
        if found is None or found.key not in options.model_fields_set:
            return
        key, given = found.key, found.value
    if given != model.io_channels:
        yield Problem(
            f"/pretransform/config/{key}",
            f"The pretransform takes {given} channels but io_channels is {model.io_channels}.",
            given,
            f"Write {model.io_channels}, or change io_channels.",
            related=("/io_channels",),
        )


@rule
def bands_are_a_power_of_two(options: PQMFPretransformOptions) -> Iterator[Problem]:
    """A PQMF has a power of two bands."""
    bands = options.num_bands
    if bands & (bands - 1):
        lower = 1 << (bands.bit_length() - 1)
        yield Problem(
            "/num_bands", f"num_bands is {bands}, not a power of two.", bands, f"Write {lower} or {2 * lower}."
        )


@rule
def spectra_overlap(options: SpectrogramPretransformOptions) -> Iterator[Problem]:
    """Phases are found where spectra overlap: a window is at least two hops, and lies evenly around one."""
    size, hop = options.n_fft, options.hop_length
    if size < 2 * hop or (size - hop) % 2:
        yield Problem(
            "/n_fft",
            f"n_fft is {size}, which is not at least twice the hop_length of {hop} and an even number more than it.",
            size,
            f"Write {4 * hop if hop % 2 == 0 else 5 * hop}.",
            related=("/hop_length",),
        )


@rule
def codec_is_published(options: DACPretrainedPretransformOptions) -> Iterator[Problem]:
    """16 kbit/s exist at 44 kHz only."""
    if options.model_bitrate == "16kbps" and options.model_type != "44khz":
        yield Problem(
            "/model_bitrate",
            f"No codec of 16kbps is published for {options.model_type}.",
            options.model_bitrate,
            "Write 8kbps, or make model_type 44khz.",
            related=("/model_type",),
        )


@rule
def bridge_is_not_trained(pretransform: TransformersPretransformConfig) -> Iterator[Problem]:
    """A class of another library is only used: it is not trained here."""
    if pretransform.enable_grad:
        message = "A codec of transformers or diffusers is run by its own class and cannot be trained here."
        hint = "Write false; a folder of a class that `narrows convert` takes can be trained as an autoencoder."
        yield Problem("/enable_grad", message, True, hint)
