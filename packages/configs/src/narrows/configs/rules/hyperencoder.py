"""Rules of hyperencoders: those of autoencoders, with the outer latents in the place of audio."""

from __future__ import annotations

from collections.abc import Iterator
from math import prod
from typing import TYPE_CHECKING, Any

from narrows.configs.errors import Problem
from narrows.configs.rules import rule, warning
from narrows.configs.rules.autoencoder import (
    decoder_takes_latents,
    decoder_undoes_strides,
    encoder_feeds_bottleneck,
    quantizer_takes_latents,
    strides,
)
from narrows.configs.rules.roles import option

if TYPE_CHECKING:
    from narrows.configs._generated.models.hyperencoder import HyperencoderConfig, HyperencoderOptions


def outer_channels(model: HyperencoderOptions, part: str) -> int | None:
    """Channels of the outer latents at the encoder's or decoder's end; None where only the part itself knows."""
    key = "in_channels" if part == "encoder" else "out_channels"
    given = option(getattr(model, part).config, "audio-channels")
    written: int | None = getattr(model, key)
    return written or (int(given.value) if given is not None else None)


def downsampling_ratio(model: HyperencoderOptions) -> int | None:
    """Outer frames per inner frame; None where nothing says it."""
    down = strides(model.encoder.config)
    return model.downsampling_ratio or (prod(down.value) if down is not None else None)


@rule(covers="H-2")
def inner_latents_fit(model: HyperencoderOptions) -> Iterator[Problem]:
    """Encoder, bottleneck and decoder agree on the inner latents, and the decoder undoes the strides."""
    inner: Any = model  # what these rules read is there in both
    for check in (encoder_feeds_bottleneck, decoder_takes_latents, quantizer_takes_latents, decoder_undoes_strides):
        yield from check(inner)


@rule(covers="H-4")
def parts_take_outer_latents(model: HyperencoderOptions) -> Iterator[Problem]:
    """`in_channels` and `out_channels` are those of encoder and decoder, and of the outer model."""
    for part, key in (("encoder", "in_channels"), ("decoder", "out_channels")):
        given, written = option(getattr(model, part).config, "audio-channels"), getattr(model, key)
        if given is not None and written is not None and given.value != written:
            message = f"The {part} has {given.value} channels but {key} is {written}."
            pointer = f"/{part}/config/{given.key}"
            yield Problem(pointer, message, given.value, f"Write {written}, or remove {key}.", related=(f"/{key}",))
        channels = outer_channels(model, part)
        if model.outer is not None and channels not in (None, model.outer.config.model.latent_dim):
            wanted = model.outer.config.model.latent_dim
            message = f"The {part} has {channels} channels but the outer model's latents have {wanted}."
            pointer = f"/{part}/config/{given.key}" if given is not None else f"/{key}"
            yield Problem(pointer, message, channels, f"Write {wanted}.", related=("/outer/config/model/latent_dim",))


@rule
def standardized_latents_come_back(model: HyperencoderOptions) -> Iterator[Problem]:
    """`standardize` undoes behind the decoder what it does in front of the encoder, so both have the same channels."""
    going, coming = (outer_channels(model, part) for part in ("encoder", "decoder"))
    if model.standardize and going != coming:
        message = f"standardize cannot be undone: the encoder takes {going} channels, the decoder gives {coming}."
        yield Problem("/standardize", message, True, "Write false, or let the decoder give as many.")


@rule
def inner_ratio_is_known(model: HyperencoderOptions) -> Iterator[Problem]:
    """`downsampling_ratio` is the product of the encoder's strides."""
    down, written = strides(model.encoder.config), model.downsampling_ratio
    if down is None and written is None:
        yield Problem("/downsampling_ratio", "'downsampling_ratio' is required with this encoder.", None, "Write it.")
    if down is not None and written is not None and written != prod(down.value):
        yield Problem(
            "/downsampling_ratio",
            f"downsampling_ratio is {written} but the encoder's {down.key} multiply to {prod(down.value)}.",
            written,
            f"Write {prod(down.value)}, or leave it out.",
            related=(f"/encoder/config/{down.key}",),
        )


@rule
def rates_agree(config: HyperencoderConfig) -> Iterator[Problem]:
    """The outer model works at the same sample rate."""
    outer = config.model.outer
    if outer is not None and outer.config.sample_rate != config.sample_rate:
        message = f"sample_rate is {config.sample_rate} but the outer model works at {outer.config.sample_rate}."
        related = ("/model/outer/config/sample_rate",)
        hint = f"Write {outer.config.sample_rate}."
        yield Problem("/sample_rate", message, config.sample_rate, hint, related=related)


@warning(covers="H-10")
def latents_are_not_squashed(model: HyperencoderOptions) -> Iterator[Problem]:
    """The decoder gives latents, which know no bounds: no tanh at its end."""
    if getattr(model.decoder.config, "final_tanh", False):
        message = "final_tanh bounds the latents that the decoder gives to the range from -1 to 1."
        yield Problem("/decoder/config/final_tanh", message, True, "Write false.")
