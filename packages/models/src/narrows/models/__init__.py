"""Audio autoencoders, bottlenecks and codecs, built from typed configurations.

Names load when they are first used, so that importing one part does not cost all of them.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from narrows.models.autoencoders.audio import AudioAutoencoder
    from narrows.models.autoencoders.diffusion import DiffusionAutoencoder
    from narrows.models.autoencoders.hyperencoder import Hyperencoder
    from narrows.models.autoencoders.spectral import SpectralAutoencoder
    from narrows.models.checkpoints import CheckpointError, LoadReport, load_checkpoint
    from narrows.models.compat.eulero import AutoEncoder
    from narrows.models.components import (
        NotAvailableError,
        create_bottleneck_from_config,
        create_decoder_from_config,
        create_encoder_from_config,
        create_pretransform_from_config,
    )
    from narrows.models.conditioning import create_multi_conditioner_from_conditioning_config
    from narrows.models.factory import (
        create_audio_lm_from_config,
        create_autoencoder_from_config,
        create_diffAE_from_config,
        create_diffusion_cond_from_config,
        create_diffusion_uncond_from_config,
        create_hyperencoder_from_config,
        create_model_from_config,
        create_model_from_config_path,
    )
    from narrows.models.interfaces import Codec, Generator, NotACodecError, audio_codec
    from narrows.models.saving import load_model, save_model

__all__ = [
    "AudioAutoencoder",
    "AutoEncoder",
    "CheckpointError",
    "Codec",
    "DiffusionAutoencoder",
    "Generator",
    "Hyperencoder",
    "LoadReport",
    "NotACodecError",
    "NotAvailableError",
    "SpectralAutoencoder",
    "audio_codec",
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
    "AutoEncoder": "compat.eulero",
    "CheckpointError": "checkpoints",
    "Codec": "interfaces",
    "DiffusionAutoencoder": "autoencoders.diffusion",
    "Generator": "interfaces",
    "Hyperencoder": "autoencoders.hyperencoder",
    "LoadReport": "checkpoints",
    "NotACodecError": "interfaces",
    "NotAvailableError": "components",
    "SpectralAutoencoder": "autoencoders.spectral",
    "audio_codec": "interfaces",
    "create_audio_lm_from_config": "factory",
    "create_autoencoder_from_config": "factory",
    "create_bottleneck_from_config": "components",
    "create_decoder_from_config": "components",
    "create_diffAE_from_config": "factory",
    "create_diffusion_cond_from_config": "factory",
    "create_diffusion_uncond_from_config": "factory",
    "create_encoder_from_config": "components",
    "create_hyperencoder_from_config": "factory",
    "create_model_from_config": "factory",
    "create_model_from_config_path": "factory",
    "create_multi_conditioner_from_conditioning_config": "conditioning",
    "create_pretransform_from_config": "components",
    "load_checkpoint": "checkpoints",
    "load_model": "saving",
    "save_model": "saving",
}


def __getattr__(name: str) -> Any:
    """Import a public name from its module."""
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_MODULES[name]}"), name)
