"""Rules of autoencoders: channels and strides from the audio through encoder, bottleneck and decoder and back."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from pydantic import BaseModel

from narrows.configs.errors import Problem
from narrows.configs.rules import rule, warning
from narrows.configs.rules.pretransforms import transformed
from narrows.configs.rules.roles import Option, downsampling, fact, latent_channels, option, quantized_channels, value

if TYPE_CHECKING:
    from narrows.configs._generated.models.autoencoder import AutoencoderConfig, AutoencoderOptions


def latent_dim(model: AutoencoderOptions) -> int:
    """Channels of the latents: `latent_dim`, less the bottleneck's noise channels where it counts them in.

    stable-audio-tools reads `latent_dim` for chunks and pretransforms only, so that such files work there otherwise.
    """
    noise = value(model.bottleneck.config, "noise-channels") if model.bottleneck else 0
    encoder, decoder = latent_channels(model.encoder.config), latent_channels(model.decoder.config)
    without = model.latent_dim - noise
    counted = (
        encoder is not None
        and encoder.value == fact(model.bottleneck, "x-encoder-channels", 1) * without
        and decoder is not None
        and decoder.value == model.latent_dim
    )
    return without if counted else model.latent_dim


def latent_widths(model: AutoencoderOptions) -> tuple[int, int]:
    """Channels that must leave the encoder and enter the decoder, from `latent_dim` and the bottleneck."""
    factor = fact(model.bottleneck, "x-encoder-channels", 1)
    noise = value(model.bottleneck.config, "noise-channels") if model.bottleneck else 0
    latents = latent_dim(model)
    return factor * latents, latents + noise


@warning(covers="A-4 A-5")
def latent_dim_is_without_noise(model: AutoencoderOptions) -> Iterator[Problem]:
    """`latent_dim` does not count the noise channels, which are added on the way to the decoder."""
    latents, noise = latent_dim(model), option(model.bottleneck.config, "noise-channels") if model.bottleneck else None
    if noise is not None and latents != model.latent_dim:
        message = f"latent_dim {model.latent_dim} counts the noise channels, but the latents have {latents}."
        related = (f"/bottleneck/config/{noise.key}",)
        yield Problem("/latent_dim", message, model.latent_dim, f"Write {latents}.", related=related)


@rule(covers="A-1 A-2 A-3 A-5")
def encoder_feeds_bottleneck(model: AutoencoderOptions) -> Iterator[Problem]:
    """The encoder's output channels are the model's `latent_dim`, twice that for variational bottlenecks."""
    wanted, _ = latent_widths(model)
    given = latent_channels(model.encoder.config)
    if given is not None and given.value != wanted:
        name = model.bottleneck.type if model.bottleneck else "missing"
        how = "halves the encoder's channels" if wanted != model.latent_dim else "keeps the encoder's channels"
        yield Problem(
            f"/encoder/config/{given.key}",
            f"The encoder gives {given.value} channels but latent_dim is {model.latent_dim}: "
            f"the `{name}` bottleneck {how}.",
            given.value,
            f"Make it {wanted}, or change latent_dim.",
            related=("/latent_dim",),
        )


@rule(covers="A-1 A-2 A-3 A-4")
def decoder_takes_latents(model: AutoencoderOptions) -> Iterator[Problem]:
    """The decoder's input channels are the model's `latent_dim` plus the bottleneck's noise channels."""
    _, wanted = latent_widths(model)
    given = latent_channels(model.decoder.config)
    if given is not None and given.value != wanted:
        message = f"The decoder takes {given.value} channels but the latents have {wanted}."
        pointer = f"/decoder/config/{given.key}"
        yield Problem(pointer, message, given.value, f"Write {wanted}.", related=("/latent_dim",))


@rule(covers="A-2 B-1 B-2 B-4 B-10 J-2")
def quantizer_takes_latents(model: AutoencoderOptions) -> Iterator[Problem]:
    """The quantizer works on as many channels as the model's `latent_dim`."""
    given = quantized_channels(model.bottleneck.config) if model.bottleneck else None
    if model.bottleneck and given is not None and given.value != latent_dim(model):
        yield Problem(
            f"/bottleneck/config/{given.key}",
            f"The `{model.bottleneck.type}` bottleneck quantizes {given.value} channels "
            f"but latent_dim is {latent_dim(model)}.",
            given.value,
            f"Make it {latent_dim(model)}, or change latent_dim.",
            related=("/latent_dim",),
        )


def strides(part: BaseModel) -> Option | None:
    """The strides of an encoder or decoder."""
    return option(part, "strides")


@rule(covers="A-9")
def ratio_is_product_of_strides(model: AutoencoderOptions) -> Iterator[Problem]:
    """`downsampling_ratio` is the product of the encoder's strides, times the pretransform's ratio."""
    down, before = downsampling(model.encoder.config), transformed(model.pretransform, model.io_channels)
    if down is None or before is None:
        return
    wanted = [down.value * ratio for ratio in before.ratios]
    if model.downsampling_ratio not in wanted:
        times = f", times {before.ratios[0]} of the pretransform" if model.pretransform else ""
        yield Problem(
            "/downsampling_ratio",
            f"downsampling_ratio is {model.downsampling_ratio} "
            f"but the encoder's {down.key} multiply to {down.value}{times}.",
            model.downsampling_ratio,
            f"Write {wanted[0]}.",
            related=(f"/encoder/config/{down.key}",),
        )


@rule(covers="A-10")
def decoder_undoes_strides(model: AutoencoderOptions) -> Iterator[Problem]:
    """The decoder's strides multiply to the encoder's."""
    down, up = downsampling(model.encoder.config), downsampling(model.decoder.config)
    if down is not None and up is not None and down.value != up.value:
        yield Problem(
            f"/decoder/config/{up.key}",
            f"The decoder upsamples {up.value} times but the encoder downsamples {down.value} times.",
            getattr(model.decoder.config, up.key),
            "Make both products equal.",
            related=(f"/encoder/config/{down.key}",),
        )


def _outwards(part: BaseModel) -> list[int] | None:
    """The strides of an encoder or decoder from the audio to the latents."""
    given = strides(part)
    if given is None:
        return None
    field = next(field for name, field in type(part).model_fields.items() if (field.alias or name) == given.key)
    extra = field.json_schema_extra
    backwards = isinstance(extra, dict) and extra.get("x-order") == "decoder"
    return list(reversed(given.value)) if backwards else list(given.value)


@warning(covers="A-11")
def decoder_mirrors_strides(model: AutoencoderOptions) -> Iterator[Problem]:
    """The decoder undoes the encoder's strides one by one: the last first."""
    down, up, given = _outwards(model.encoder.config), _outwards(model.decoder.config), strides(model.decoder.config)
    if down is None or up is None or given is None or down == up or sorted(down) != sorted(up):
        return
    wanted = down if up == given.value else list(reversed(down))
    yield Problem(
        f"/decoder/config/{given.key}",
        f"The decoder has the encoder's strides in another order than their mirror image: {given.value}.",
        given.value,
        f"Write {wanted}, unless it is meant.",
        related=("/encoder/config",),
    )


@rule(covers="A-6 A-7 J-2")
def channels_in_and_out(model: AutoencoderOptions) -> Iterator[Problem]:
    """`io_channels` (or `in_channels`, `out_channels`) are what encoder and decoder take and give.

    With a pretransform they take and give what comes out of it.
    """
    for part, key in (("encoder", "in_channels"), ("decoder", "out_channels")):
        given = option(getattr(model, part).config, "audio-channels")
        name = key if getattr(model, key) else "io_channels"
        behind = transformed(model.pretransform, getattr(model, name))
        if given is None or behind is None or given.value == behind.channels:
            continue
        pointer, wanted = f"/{part}/config/{given.key}", behind.channels
        if model.pretransform:
            message = f"The {part} has {given.value} channels but the pretransform has {wanted}."
            yield Problem(pointer, message, given.value, f"Write {wanted}.", related=("/pretransform",))
        else:
            message = f"The {part} has {given.value} audio channels but {name} is {wanted}."
            yield Problem(pointer, message, given.value, f"Write {wanted}, or change {name}.", related=(f"/{name}",))


@rule(covers="A-8")
def audio_channels_fit_the_encoder(config: AutoencoderConfig) -> Iterator[Problem]:
    """In training, the data set delivers the channels the encoder takes."""
    if config.training is None:
        return
    wanted = config.model.in_channels or config.model.io_channels
    if config.audio_channels != wanted and not (config.training.force_input_mono and wanted == 1):
        yield Problem(
            "/audio_channels",
            f"The data set delivers {config.audio_channels} channels but the model takes {wanted}.",
            config.audio_channels,
            f"Write {wanted}.",
            related=("/model/io_channels",),
        )


@rule
def crops_have_a_length(config: AutoencoderConfig) -> Iterator[Problem]:
    """In training, `sample_size` is given."""
    if config.training is not None and config.sample_size is None:
        hint = f"For example {config.model.downsampling_ratio * 32}."
        yield Problem("/sample_size", "'sample_size' is required for training.", None, hint)


@rule(covers="C-3 C-14")
def crops_hold_a_frame(config: AutoencoderConfig) -> Iterator[Problem]:
    """In training, `sample_size` is at least `downsampling_ratio`."""
    ratio, size = config.model.downsampling_ratio, config.sample_size
    if config.training is not None and size is not None and size < ratio:
        message = f"sample_size {size} is shorter than a latent frame of {ratio} samples."
        yield Problem("/sample_size", message, size, f"At least {ratio}.", related=("/model/downsampling_ratio",))


@warning(covers="C-2")
def crops_are_whole_frames(config: AutoencoderConfig) -> Iterator[Problem]:
    """In training, `sample_size` is a multiple of `downsampling_ratio`: otherwise the rest is trimmed."""
    ratio = config.model.downsampling_ratio
    if config.training is None or config.sample_size is None or config.sample_size < ratio:
        return
    if config.sample_size % ratio:
        lower = config.sample_size // ratio * ratio
        yield Problem(
            "/sample_size",
            f"sample_size {config.sample_size} is not a multiple of downsampling_ratio {ratio}.",
            config.sample_size,
            f"Write {lower} or {lower + ratio}.",
            related=("/model/downsampling_ratio",),
        )


@rule
def pieces_overlap_by_half_at_most(model: AutoencoderOptions) -> Iterator[Problem]:
    """The hop of `pieces` is from half of their length to all of it."""
    pieces = model.pieces
    if pieces is not None and not pieces.length <= 2 * pieces.hop <= 2 * pieces.length:
        half = -(-pieces.length // 2)
        message = f"hop is {pieces.hop} but pieces have {pieces.length} samples."
        yield Problem(
            "/pieces/hop", message, pieces.hop, f"From {half} to {pieces.length}.", related=("/pieces/length",)
        )


@rule
def pieces_are_of_audio(model: AutoencoderOptions) -> Iterator[Problem]:
    """`pieces` are cut from audio: there is no pretransform."""
    if model.pieces is not None and model.pretransform is not None:
        message = "pieces are cut from audio, but the networks work behind a pretransform."
        yield Problem("/pieces", message, None, "Leave out one of the two.", related=("/pretransform",))
