"""Rules of diffusion autoencoders: channels from the encoder through the latents to the backbone."""

from __future__ import annotations

from collections.abc import Iterator
from math import prod
from typing import TYPE_CHECKING

from narrows.configs.errors import Problem
from narrows.configs.rules import rule
from narrows.configs.rules.autoencoder import strides
from narrows.configs.rules.pretransforms import transformed
from narrows.configs.rules.roles import fact, latent_channels, option, quantized_channels, value

if TYPE_CHECKING:
    from narrows.configs._generated.models.diffusion_autoencoder import (
        DiffusionAutoencoderConfig,
        DiffusionAutoencoderOptions,
    )


@rule(covers="A-20")
def latents_fit(model: DiffusionAutoencoderOptions) -> Iterator[Problem]:
    """Encoder, quantizer and decoder work on the model's latents, as in an autoencoder."""
    factor = fact(model.bottleneck, "x-encoder-channels", 1)
    noise = value(model.bottleneck.config, "noise-channels") if model.bottleneck else 0
    wanted = []
    if model.encoder is not None:
        wanted.append(("encoder", latent_channels(model.encoder.config), factor * model.latent_dim))
    if model.bottleneck is not None:
        wanted.append(("bottleneck", quantized_channels(model.bottleneck.config), model.latent_dim))
    if model.decoder is not None:
        wanted.append(("decoder", latent_channels(model.decoder.config), model.latent_dim + noise))
    for part, given, channels in wanted:
        if given is not None and given.value != channels:
            message = f"The {part} has {given.value} latent channels; latent_dim {model.latent_dim} needs {channels}."
            pointer = f"/{part}/config/{given.key}"
            yield Problem(pointer, message, given.value, f"Make it {channels}.", related=("/latent_dim",))


@rule(covers="A-20")
def backbone_diffuses_io_channels(model: DiffusionAutoencoderOptions) -> Iterator[Problem]:
    """The backbone works on `io_channels`, and so does the encoder; a pretransform gives as many."""
    wanted = model.io_channels
    found = [("diffusion", option(model.diffusion.config, "diffused-channels"))]
    if model.encoder is not None:
        found.append(("encoder", option(model.encoder.config, "audio-channels")))
    for part, given in found:
        if given is not None and given.value != wanted:
            message = f"The {part} has {given.value} channels but io_channels is {wanted}."
            pointer = f"/{part}/config/{given.key}"
            yield Problem(pointer, message, given.value, f"Write {wanted}.", related=("/io_channels",))
    if model.pretransform is None:
        return
    audio = option(model.pretransform.config, "audio-channels")
    behind = transformed(model.pretransform, 1 if audio is None else audio.value)
    if behind is not None and behind.channels != wanted:
        message = f"The pretransform gives {behind.channels} channels but io_channels is {wanted}."
        yield Problem("/io_channels", message, wanted, f"Write {behind.channels}.", related=("/pretransform",))


@rule(covers="A-20")
def backbone_is_told_the_latents(model: DiffusionAutoencoderOptions) -> Iterator[Problem]:
    """The backbone joins as many channels to its input as the latents have, or as the decoder makes of them."""
    wanted, source = model.latent_dim, "/latent_dim"
    if model.bottleneck is not None:
        noise = option(model.bottleneck.config, "noise-channels")
        wanted += noise.value if noise is not None else 0
    if model.decoder is not None:
        made = option(model.decoder.config, "audio-channels")
        if made is None:
            return
        wanted, source = made.value, f"/decoder/config/{made.key}"
    given = option(model.diffusion.config, "concat-width")
    if given is None:
        return
    joined = given.value[0] if isinstance(given.value, list) and given.value else given.value
    if joined != wanted:
        message = f"The backbone joins {joined or 0} channels to its input but is given {wanted}."
        hint = f"Write {[wanted] if isinstance(given.value, list) or given.value is None else wanted}."
        yield Problem(f"/diffusion/config/{given.key}", message, given.value, hint, related=(source,))


@rule(covers="A-20")
def ratio_is_that_of_the_encoder(model: DiffusionAutoencoderOptions) -> Iterator[Problem]:
    """`downsampling_ratio` is the product of the encoder's strides; the pretransform's is not part of it."""
    down = strides(model.encoder.config) if model.encoder is not None else None
    if down is not None and model.downsampling_ratio != prod(down.value):
        message = f"downsampling_ratio is {model.downsampling_ratio} but the encoder's {down.key} multiply to "
        yield Problem(
            "/downsampling_ratio",
            f"{message}{prod(down.value)}.",
            model.downsampling_ratio,
            f"Write {prod(down.value)}.",
            related=(f"/encoder/config/{down.key}",),
        )


@rule(covers="A-21 E-15")
def objective_is_given(model: DiffusionAutoencoderOptions) -> Iterator[Problem]:
    """A diffusion transformer says here what it predicts."""
    options = model.diffusion.config
    if "diffusion_objective" in type(options).model_fields and options.diffusion_objective is None:  # type: ignore[union-attr]
        message = "A diffusion autoencoder gives the objective inside the backbone's config."
        yield Problem("/diffusion/config/diffusion_objective", message, None, "Write v.")


@rule(covers="F-26")
def reconstruction_loss_needs_a_pretransform(config: DiffusionAutoencoderConfig) -> Iterator[Problem]:
    """The spectral loss is computed behind the pretransform."""
    if config.training is not None and config.training.use_reconstruction_loss and config.model.pretransform is None:
        yield Problem(
            "/training/use_reconstruction_loss",
            "use_reconstruction_loss needs a pretransform, and there is none.",
            True,
            "Write false, or add model.pretransform.",
            related=("/model/pretransform",),
        )
