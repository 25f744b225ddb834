# Generated from schemas-json/ by `nox -s codegen`. Do not edit: change the schema and run it again.

from narrows.configs._lazy import Tagged
from typing import TYPE_CHECKING, Annotated, Any

from narrows.configs._base import ConfigModel
from pydantic import Field
from typing_extensions import TypeAliasType

if TYPE_CHECKING:
    from ._internal import DiffusionCondConfig, DiffusionCondInpaintConfig
if TYPE_CHECKING:
    from ._internal_1 import AutoencoderConfig
if TYPE_CHECKING:
    from .models import (
        diffusion_autoencoder,
        diffusion_uncond,
        hyperencoder,
        lm,
        spectral_autoencoder,
    )

if TYPE_CHECKING:
    ModelConfig = TypeAliasType(
        "ModelConfig",
        Annotated[
            AutoencoderConfig | diffusion_autoencoder.DiffusionAutoencoderConfig | diffusion_uncond.DiffusionUncondConfig | DiffusionCondConfig | DiffusionCondInpaintConfig | lm.LMConfig | spectral_autoencoder.SpectralAutoencoderConfig | hyperencoder.HyperencoderConfig,
            Field(discriminator='model_type', title='ModelConfig'),
        ],
    )
else:
    ModelConfig = TypeAliasType(
        'ModelConfig',
        Annotated[Any, Tagged('model_type', {
            'autoencoder': 'models.autoencoder:AutoencoderConfig',
            'diffusion_autoencoder': 'models.diffusion_autoencoder:DiffusionAutoencoderConfig',
            'diffusion_uncond': 'models.diffusion_uncond:DiffusionUncondConfig',
            'diffusion_cond': 'models.diffusion_cond:DiffusionCondConfig',
            'diffusion_cond_inpaint': 'models.diffusion_cond_inpaint:DiffusionCondInpaintConfig',
            'lm': 'models.lm:LMConfig',
            'spectral_autoencoder': 'models.spectral_autoencoder:SpectralAutoencoderConfig',
            'hyperencoder': 'models.hyperencoder:HyperencoderConfig',
        })],
    )
"""
A model, by `model_type`.
"""
