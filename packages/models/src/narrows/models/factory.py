"""The factories of whole models: from a typed configuration, a dictionary or a path to a model."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from narrows.configs import load_config
from narrows.models.building import build
from narrows.models.components import Config

if TYPE_CHECKING:
    from narrows.models.autoencoders.audio import AudioAutoencoder
    from narrows.models.autoencoders.diffusion import DiffusionAutoencoder
    from narrows.models.autoencoders.hyperencoder import Hyperencoder
    from narrows.models.diffusion.model import DiffusionModel
    from narrows.models.lm.model import AudioLanguageModel


def create_model_from_config(config: Config) -> Any:
    """Build a model of any `model_type`, in evaluation mode: what it encodes changes nothing in it.

    Training calls `train()`, after which codebooks and statistics follow what the model encodes.

    Args:
        config: a typed configuration, a dictionary or the path of a file; never changed.

    Raises:
        ConfigError: the configuration is wrong.
        NotAvailableError: it is right, but this version cannot build it.
    """
    return build(load_config(config, "model")).eval()


def create_model_from_config_path(path: str | Path) -> Any:
    """Build the model of a .json or .yaml file."""
    return create_model_from_config(Path(path))


def create_autoencoder_from_config(config: Config) -> AudioAutoencoder:
    """Build an autoencoder from its whole model file."""
    model: AudioAutoencoder = create_model_from_config(config)
    return model


def create_diffAE_from_config(config: Config) -> DiffusionAutoencoder:
    """Build a diffusion autoencoder from its whole model file."""
    model: DiffusionAutoencoder = create_model_from_config(config)
    return model


def create_hyperencoder_from_config(config: Config) -> Hyperencoder:
    """Build a hyperencoder from its whole model file, and its outer model where that is named."""
    model: Hyperencoder = create_model_from_config(config)
    return model


def create_diffusion_uncond_from_config(config: Config) -> DiffusionModel:
    """Build an unconditional diffusion model from its whole model file."""
    model: DiffusionModel = create_model_from_config(config)
    return model


def create_diffusion_cond_from_config(config: Config) -> DiffusionModel:
    """Build a conditional diffusion model, inpainting included, from its whole model file."""
    model: DiffusionModel = create_model_from_config(config)
    return model


def create_audio_lm_from_config(config: Config) -> AudioLanguageModel:
    """Build a language model from its whole model file."""
    model: AudioLanguageModel = create_model_from_config(config)
    return model
