"""Audio autoencoders, bottlenecks and codecs, built from typed configurations.

Names load when they are first used, so that importing one part does not cost all of them.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from narrows.models.autoencoders.audio import AudioAutoencoder
    from narrows.models.autoencoders.hyperencoder import Hyperencoder
    from narrows.models.autoencoders.spectral import AutoEncoder
    from narrows.models.checkpoints import CheckpointError, LoadReport, load_checkpoint
    from narrows.models.factory import (
        NotAvailableError,
        create_audio_lm_from_config,
        create_autoencoder_from_config,
        create_bottleneck_from_config,
        create_decoder_from_config,
        create_diffAE_from_config,
        create_diffusion_cond_from_config,
        create_diffusion_uncond_from_config,
        create_encoder_from_config,
        create_hyperencoder_from_config,
        create_model_from_config,
        create_model_from_config_path,
        create_multi_conditioner_from_conditioning_config,
        create_pretransform_from_config,
    )
    from narrows.models.saving import load_model, save_model

__all__ = [
    "AudioAutoencoder",
    "AutoEncoder",
    "CheckpointError",
    "Hyperencoder",
    "LoadReport",
    "NotAvailableError",
    "create_audio_lm_from_config",
    "create_autoencoder_from_config",
    "create_bottleneck_from_config",
    "create_decoder_from_config",
    "create_diffAE_from_config",
    "create_diffusion_cond_from_config",
    "create_diffusion_uncond_from_config",
    "create_encoder_from_config",
    "create_hyperencoder_from_config",
    "create_model_from_config",
    "create_model_from_config_path",
    "create_multi_conditioner_from_conditioning_config",
    "create_pretransform_from_config",
    "load_checkpoint",
    "load_model",
    "save_model",
]

_MODULES = {
    "AudioAutoencoder": "autoencoders.audio",
    "AutoEncoder": "autoencoders.spectral",
    "CheckpointError": "checkpoints",
    "Hyperencoder": "autoencoders.hyperencoder",
    "LoadReport": "checkpoints",
    "NotAvailableError": "factory",
    "create_audio_lm_from_config": "factory",
    "create_autoencoder_from_config": "factory",
    "create_bottleneck_from_config": "factory",
    "create_decoder_from_config": "factory",
    "create_diffAE_from_config": "factory",
    "create_diffusion_cond_from_config": "factory",
    "create_diffusion_uncond_from_config": "factory",
    "create_encoder_from_config": "factory",
    "create_hyperencoder_from_config": "factory",
    "create_model_from_config": "factory",
    "create_model_from_config_path": "factory",
    "create_multi_conditioner_from_conditioning_config": "factory",
    "create_pretransform_from_config": "factory",
    "load_checkpoint": "checkpoints",
    "load_model": "saving",
    "save_model": "saving",
}


def __getattr__(name: str) -> Any:
    """Import a public name from its module."""
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_MODULES[name]}"), name)
