"""`AutoencoderOobleck` of diffusers: the autoencoder of Stable Audio Open, and that of ACE-Step 1.5 at 48 kHz."""

from __future__ import annotations

from math import prod
from typing import Any

from narrows.models.checkpoints.errors import CheckpointError
from narrows.models.checkpoints.sources.diffusers_oobleck import modules
from narrows.models.interchange.base import Document, FolderFormat, Tensors, demand
from narrows.models.interchange.parts import autoencoder_parts, normalised, renamed

KIND = "AutoencoderOobleck"


def oobleck_model(options: Document) -> Document:
    """The section `model` of a model file."""
    latent, hidden, channels = (
        options[key] for key in ("decoder_input_channels", "encoder_hidden_size", "audio_channels")
    )
    if hidden != 2 * latent:
        raise CheckpointError(f"encoder_hidden_size must be twice decoder_input_channels, got {hidden} and {latent}")
    strides = list(options["downsampling_ratios"])
    side = {"c_mults": list(options["channel_multiples"]), "strides": strides, "use_snake": True}
    encoder = {**side, "channels": hidden, "in_channels": channels, "latent_dim": hidden}
    decoder = {**side, "channels": options["decoder_channels"], "out_channels": channels, "latent_dim": latent}
    return {
        "encoder": {"type": "oobleck", "config": encoder},
        "decoder": {"type": "oobleck", "config": {**decoder, "final_tanh": False}},
        "bottleneck": {"type": "vae"},
        "latent_dim": latent,
        "downsampling_ratio": prod(strides),
        "io_channels": channels,
    }


def _document(options: Document, _: Tensors) -> Document:
    return {
        "model_type": "autoencoder",
        "sample_rate": options["sampling_rate"],
        "audio_channels": options["audio_channels"],
        "model": oobleck_model(options),
    }


def _config(config: Any) -> Document:
    model = autoencoder_parts(config, "oobleck", "oobleck", "vae", KIND)
    encoder, decoder = model.encoder.config, model.decoder.config
    plain: dict[str, tuple[Any, Any]] = {
        "/model/decoder/config/final_tanh": (False, decoder.final_tanh),
        "/model/decoder/config/use_nearest_upsample": (False, decoder.use_nearest_upsample),
        "/model/decoder/soft_clip": (False, model.decoder.soft_clip),
        "/model/decoder/config/strides": (list(encoder.strides), list(decoder.strides)),
        "/model/decoder/config/c_mults": (list(encoder.c_mults), list(decoder.c_mults)),
        "/model/decoder/config/out_channels": (encoder.in_channels, decoder.out_channels),
        "/model/encoder/config/channels": (2 * model.latent_dim, encoder.channels),
        "/model/encoder/config/antialias_blocks": (False, encoder.antialias_blocks),
    }
    for side, options in (("encoder", encoder), ("decoder", decoder)):
        plain[f"/model/{side}/config/use_snake"] = (True, options.use_snake)
        plain[f"/model/{side}/config/antialias_activation"] = (False, options.antialias_activation)
        odd = any(stride % 2 for stride in options.strides)
        plain[f"/model/{side}/config/exact_length"] = (False, options.exact_length and odd)
    demand(plain, KIND)
    return {
        "_class_name": KIND,
        "audio_channels": encoder.in_channels,
        "channel_multiples": list(encoder.c_mults),
        "decoder_channels": decoder.channels,
        "decoder_input_channels": model.latent_dim,
        "downsampling_ratios": list(encoder.strides),
        "encoder_hidden_size": encoder.channels,
        "sampling_rate": config.sample_rate,
    }


def _tensors(model: Any, options: Document) -> Tensors:
    tensors = renamed(normalised(model), modules(len(options["downsampling_ratios"])))
    return {
        name: tensor.reshape(1, -1, 1) if name.endswith((".alpha", ".beta")) else tensor
        for name, tensor in tensors.items()
    }


FORMAT = FolderFormat(
    library="diffusers",
    kind=KIND,
    key=("_class_name", KIND),
    weights="diffusion_pytorch_model.safetensors",
    document=_document,
    config=_config,
    tensors=_tensors,
)
