"""Small encoders and decoders of every convolutional and transformer type: stereo, 4 latent channels, ratio 8."""

from __future__ import annotations

from typing import Any

import torch
from support.pair_configs import DECODERS, ENCODERS, LATENTS, RATIO, TYPES, config
from torch import nn

from narrows.models import create_model_from_config

__all__ = ["DECODERS", "ENCODERS", "LATENTS", "RATIO", "TYPES", "build", "config", "shaken"]


def shaken(module: nn.Module) -> nn.Module:
    """The module with every parameter moved a little, so that none is still zero as initialised."""
    generator = torch.Generator().manual_seed(0)
    with torch.no_grad():
        for parameter in module.parameters():
            parameter += 0.2 * torch.randn(parameter.shape, generator=generator)
    return module


def build(encoder: str, decoder: str, *options: Any) -> Any:
    """A pair with weights that are all in use, in evaluation mode."""
    torch.manual_seed(0)
    return shaken(create_model_from_config(config(encoder, decoder, *options))).eval()
