"""The factories: from a typed configuration, a dictionary or a path to a module.

Each validates, imports the file named after the type, builds, and freezes what asks for it. A configuration can name
only types of the schemas, so it can never import an arbitrary module.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel
from torch import nn

from narrows.configs import (
    AutoencoderConfig,
    ConditioningConfig,
    DiffusionAutoencoderConfig,
    HyperencoderConfig,
    LMConfig,
    NarrowsError,
    load_config,
    load_part,
)
from narrows.configs.rules import hyperencoder as hyperencoder_rules
from narrows.configs.rules.autoencoder import latent_dim
from narrows.models.autoencoders.audio import AudioAutoencoder
from narrows.models.autoencoders.diffusion import DiffusionAutoencoder
from narrows.models.autoencoders.hyperencoder import Hyperencoder
from narrows.models.bottlenecks import Bottleneck, build_bottleneck
from narrows.models.checkpoints.load import load_checkpoint
from narrows.models.decoders import build_decoder
from narrows.models.diffusion.backbones import Backbone, build_backbone
from narrows.models.encoders import build_encoder
from narrows.models.pretransforms import Pretransform, build_pretransform
from narrows.models.spectral.building import create_spectral_autoencoder

Module = TypeVar("Module", bound=nn.Module)
Config = Mapping[str, Any] | str | Path | BaseModel


class NotAvailableError(NarrowsError, NotImplementedError):
    """A valid configuration of a part that this version cannot build."""


def create_model_from_config(config: Config) -> Any:
    """Build a model of any `model_type`.

    Args:
        config: a typed configuration, a dictionary or the path of a file; never changed.

    Raises:
        ConfigError: the configuration is wrong.
        NotAvailableError: it is right, but this version cannot build it.
    """
    typed = load_config(config, "model")
    builders: dict[str, Callable[[Any], nn.Module]] = {
        "autoencoder": create_autoencoder_from_config,
        "diffusion_autoencoder": create_diffAE_from_config,
        "hyperencoder": create_hyperencoder_from_config,
        "lm": create_audio_lm_from_config,
        "spectral_autoencoder": create_spectral_autoencoder,
    }
    if typed.model_type not in builders:
        _unavailable(typed.model_type)
    model = builders[typed.model_type](typed)
    if not hasattr(model, "config"):
        model.config = typed
    return model


def create_model_from_config_path(path: str | Path) -> Any:
    """Build the model of a .json or .yaml file."""
    return create_model_from_config(Path(path))


def create_autoencoder_from_config(config: Config) -> AudioAutoencoder:
    """Build an autoencoder from its whole model file."""
    typed: AutoencoderConfig = load_config(config, "model")
    model = typed.model
    return AudioAutoencoder(
        encoder=create_encoder_from_config(model.encoder),
        decoder=create_decoder_from_config(model.decoder),
        bottleneck=create_bottleneck_from_config(model.bottleneck) if model.bottleneck else None,
        pretransform=create_pretransform_from_config(model.pretransform, typed.sample_rate)
        if model.pretransform
        else None,
        latent_dim=latent_dim(model),
        downsampling_ratio=model.downsampling_ratio,
        sample_rate=typed.sample_rate,
        io_channels=model.io_channels,
        in_channels=model.in_channels,
        out_channels=model.out_channels,
        soft_clip=model.decoder.soft_clip,
        channel_policy=model.channel_policy,
    )


def create_diffAE_from_config(config: Config) -> DiffusionAutoencoder:
    """Build a diffusion autoencoder from its whole model file."""
    typed: DiffusionAutoencoderConfig = load_config(config, "model")
    model = typed.model
    return DiffusionAutoencoder(
        diffusion=_backbone(model.diffusion),
        encoder=create_encoder_from_config(model.encoder) if model.encoder else None,
        decoder=create_decoder_from_config(model.decoder) if model.decoder else None,
        bottleneck=create_bottleneck_from_config(model.bottleneck) if model.bottleneck else None,
        pretransform=create_pretransform_from_config(model.pretransform, typed.sample_rate)
        if model.pretransform
        else None,
        latent_dim=model.latent_dim,
        frames_per_latent=model.downsampling_ratio,
        sample_rate=typed.sample_rate,
        io_channels=model.io_channels,
        channel_policy=model.channel_policy,
    )


def create_hyperencoder_from_config(config: Config) -> Hyperencoder:
    """Build a hyperencoder from its whole model file, and its outer model where that is named."""
    typed: HyperencoderConfig = load_config(config, "model")
    model = typed.model
    channels_in, channels_out = (hyperencoder_rules.outer_channels(model, part) for part in ("encoder", "decoder"))
    ratio = hyperencoder_rules.downsampling_ratio(model)
    assert channels_in is not None, "every encoder says its channels"
    assert ratio is not None, "a rule has asked for it"
    return Hyperencoder(
        encoder=create_encoder_from_config(model.encoder),
        decoder=create_decoder_from_config(model.decoder),
        bottleneck=create_bottleneck_from_config(model.bottleneck) if model.bottleneck else None,
        latent_dim=latent_dim(model),  # type: ignore[arg-type]
        downsampling_ratio=ratio,
        sample_rate=typed.sample_rate,
        in_channels=channels_in,
        out_channels=channels_out,
        outer=_outer(model.outer) if model.outer else None,
        standardize=model.standardize,
        soft_clip=model.decoder.soft_clip,
    )


def create_diffusion_uncond_from_config(config: Config) -> nn.Module:
    """Validate an unconditional diffusion model; building it is not available in this version."""
    return _unavailable(load_config(config, "model").model_type)


def create_diffusion_cond_from_config(config: Config) -> nn.Module:
    """Validate a conditional diffusion model, inpainting included; building it is not available in this version."""
    return _unavailable(load_config(config, "model").model_type)


def create_audio_lm_from_config(config: Config) -> Any:
    """Build a language model from its whole model file: tokenizer, conditioners and the network over tokens."""
    typed: LMConfig = load_config(config, "model")
    model = typed.model
    pretransform = create_pretransform_from_config(model.pretransform, typed.sample_rate)
    conditioner = create_multi_conditioner_from_conditioning_config(model.conditioning) if model.conditioning else None
    build = import_module("narrows.models.lm.building").build_language_model
    return build(model.lm, pretransform, typed.sample_rate, conditioner)


def create_multi_conditioner_from_conditioning_config(config: Config) -> nn.Module:
    """Validate a `conditioning` section; building it is not available in this version."""
    load_part(config, ConditioningConfig)
    return _unavailable("conditioning")


def _unavailable(kind: str) -> nn.Module:
    raise NotAvailableError(f"The model type {kind!r} is not available in this version")


def _outer(config: Any) -> AudioAutoencoder:
    outer = create_autoencoder_from_config(config.config)
    if config.ckpt_path is not None:
        load_checkpoint(outer, config.ckpt_path)
    return outer


def create_encoder_from_config(config: Config) -> nn.Module:
    """Build an encoder."""
    return _component("encoder", build_encoder, config)


def create_decoder_from_config(config: Config) -> nn.Module:
    """Build a decoder."""
    return _component("decoder", build_decoder, config)


def create_bottleneck_from_config(config: Config) -> Bottleneck:
    """Build a bottleneck."""
    return _component("bottleneck", build_bottleneck, config)


def create_pretransform_from_config(config: Config, sample_rate: int) -> Pretransform:
    """Build a pretransform, frozen unless its configuration says `enable_grad`.

    Args:
        config: a typed configuration, a dictionary or the path of a file.
        sample_rate: of the audio, in Hz.
    """
    typed = _typed("pretransform", config)
    return build_pretransform(typed, sample_rate).freeze(typed.enable_grad)


def _backbone(config: Any, objective: Any = None) -> Backbone:
    """Build the backbone of a diffusion model."""
    import_module(f"narrows.models.diffusion.backbones.{config.type.lower()}")
    return build_backbone(config, objective)


def _component(family: str, build: Callable[[Any], Module], config: Config) -> Module:
    typed = _typed(family, config)
    module = build(typed)
    if not typed.requires_grad:
        module.requires_grad_(False)
    return module


def _typed(family: str, config: Config) -> Any:
    """The typed configuration, after the import of the file that builds it."""
    typed = load_config(config, family)
    name = f"narrows.models.{family}s.{typed.type.lower()}"
    try:
        import_module(name)
    except ModuleNotFoundError as error:
        if error.name != name:
            raise
        raise NotAvailableError(f"The {family} type {typed.type!r} is not available in this version") from error
    return typed
