"""From the typed configuration of a whole model to the model; each type registers its builder in its own file."""

from __future__ import annotations

from functools import singledispatch
from importlib import import_module
from typing import Any

from torch import nn

from narrows.models.components import NotAvailableError
from narrows.models.pickling import make_picklable

MODULES = {
    "autoencoder": "autoencoders.audio",
    "diffusion_cond": "diffusion.building",
    "diffusion_cond_inpaint": "diffusion.building",
    "diffusion_uncond": "diffusion.building",
    "diffusion_autoencoder": "autoencoders.diffusion",
    "hyperencoder": "autoencoders.hyperencoder",
    "lm": "lm.building",
    "spectral_autoencoder": "autoencoders.spectral",
}
"""The file that builds each `model_type`, imported when such a model is first built."""


@singledispatch
def build_model(config: Any) -> nn.Module:
    """Build the model of a typed configuration."""
    raise NotImplementedError(f"No builder for {type(config).__name__}")


def build(config: Any) -> Any:
    """Import what builds a configuration's type and build it; the model keeps its configuration as `config`.

    Args:
        config: typed.

    Raises:
        NotAvailableError: this version cannot build the type.
    """
    if config.model_type not in MODULES:
        raise NotAvailableError(f"The model type {config.model_type!r} is not available in this version")
    import_module(f"narrows.models.{MODULES[config.model_type]}")
    model = make_picklable(build_model(config))
    if not hasattr(model, "config"):
        model.config = config
    return model
