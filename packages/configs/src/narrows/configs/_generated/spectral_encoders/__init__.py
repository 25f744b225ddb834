# Generated from schemas-json/ by `nox -s codegen`. Do not edit: change the schema and run it again.

from narrows.configs._lazy import lazy_attribute
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .autoencoder_dc import AutoencoderDCEncoderConfig, AutoencoderDCEncoderOptions
if TYPE_CHECKING:
    from .autoencoder_kl import AutoencoderKLEncoderConfig, AutoencoderKLEncoderOptions
if TYPE_CHECKING:
    from .patch_transformer import (
        PatchTransformerEncoderConfig,
        PatchTransformerEncoderOptions,
    )
if TYPE_CHECKING:
    from .seanet2d import SEANet2dEncoderConfig, SEANet2dEncoderOptions

__all__ = [
    "AutoencoderDCEncoderConfig",
    "AutoencoderDCEncoderOptions",
    "AutoencoderKLEncoderConfig",
    "AutoencoderKLEncoderOptions",
    "PatchTransformerEncoderConfig",
    "PatchTransformerEncoderOptions",
    "SEANet2dEncoderConfig",
    "SEANet2dEncoderOptions",
]

_PLACES = {
    'AutoencoderDCEncoderConfig': 'autoencoder_dc',
    'AutoencoderDCEncoderOptions': 'autoencoder_dc',
    'AutoencoderKLEncoderConfig': 'autoencoder_kl',
    'AutoencoderKLEncoderOptions': 'autoencoder_kl',
    'PatchTransformerEncoderConfig': 'patch_transformer',
    'PatchTransformerEncoderOptions': 'patch_transformer',
    'SEANet2dEncoderConfig': 'seanet2d',
    'SEANet2dEncoderOptions': 'seanet2d',
}


def __getattr__(name: str) -> Any:
    """Import a class when it is first named."""
    return lazy_attribute(__name__, _PLACES, name)

