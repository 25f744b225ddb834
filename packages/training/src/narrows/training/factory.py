"""`create_training_wrapper_from_config`: from a model file to what trains its model."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from pydantic import BaseModel
from torch import nn

from narrows.configs import load_config
from narrows.models import NotAvailableError
from narrows.training.trainers.autoencoder import AutoencoderTraining
from narrows.training.trainers.diffusion_autoencoder import DiffusionAutoencoderTraining
from narrows.training.trainers.hyperencoder import HyperencoderTraining
from narrows.training.trainers.spectral_autoencoder import SpectralAutoencoderTraining

BUILDERS: dict[str, Callable[[nn.Module, Any], AutoencoderTraining]] = {
    "autoencoder": AutoencoderTraining,
    "diffusion_autoencoder": DiffusionAutoencoderTraining,
    "hyperencoder": HyperencoderTraining,
    "spectral_autoencoder": SpectralAutoencoderTraining,
}


def create_training_wrapper_from_config(
    model_config: Mapping[str, Any] | str | Path | BaseModel, model: nn.Module
) -> AutoencoderTraining:
    """Losses, optimizers and steps for training a model.

    Args:
        model_config: the model file, with its `training` section; never changed.
        model: of `create_model_from_config`, with the same file.

    Raises:
        ConfigError: the configuration is wrong.
        NotAvailableError: this version cannot train this type of model.
    """
    typed = load_config(model_config, "model")
    if typed.model_type not in BUILDERS:
        raise NotAvailableError(f"Training of the model type {typed.model_type!r} is not available in this version")
    return BUILDERS[typed.model_type](model, typed)
