# Generated from schemas-json/ by `nox -s codegen`. Do not edit: change the schema and run it again.

from narrows.configs._lazy import lazy_attribute
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .autoencoder_dc import AutoencoderDCDecoderConfig, AutoencoderDCDecoderOptions
if TYPE_CHECKING:
    from .autoencoder_kl import AutoencoderKLDecoderConfig, AutoencoderKLDecoderOptions
if TYPE_CHECKING:
    from .patch_transformer import (
        PatchTransformerDecoderConfig,
        PatchTransformerDecoderOptions,
    )
if TYPE_CHECKING:
    from .seanet2d import SEANet2dDecoderConfig, SEANet2dDecoderOptions

__all__ = [
    "AutoencoderDCDecoderConfig",
    "AutoencoderDCDecoderOptions",
    "AutoencoderKLDecoderConfig",
    "AutoencoderKLDecoderOptions",
    "PatchTransformerDecoderConfig",
    "PatchTransformerDecoderOptions",
    "SEANet2dDecoderConfig",
    "SEANet2dDecoderOptions",
]

_PLACES = {
    'AutoencoderDCDecoderConfig': 'autoencoder_dc',
    'AutoencoderDCDecoderOptions': 'autoencoder_dc',
    'AutoencoderKLDecoderConfig': 'autoencoder_kl',
    'AutoencoderKLDecoderOptions': 'autoencoder_kl',
    'PatchTransformerDecoderConfig': 'patch_transformer',
    'PatchTransformerDecoderOptions': 'patch_transformer',
    'SEANet2dDecoderConfig': 'seanet2d',
    'SEANet2dDecoderOptions': 'seanet2d',
}


def __getattr__(name: str) -> Any:
    """Import a class when it is first named."""
    return lazy_attribute(__name__, _PLACES, name)

