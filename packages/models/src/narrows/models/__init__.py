"""Audio autoencoders, bottlenecks and codecs, built from typed configurations."""

from narrows.models.autoencoders.autoencoder import AudioAutoencoder
from narrows.models.autoencoders.hyperencoder import Hyperencoder
from narrows.models.checkpoints import CheckpointError, LoadReport, load_checkpoint, load_model, save_model
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

__all__ = [
    "AudioAutoencoder",
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
