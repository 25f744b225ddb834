# Generated from schemas-json/ by `nox -s codegen`. Do not edit: change the schema and run it again.

from narrows.configs._lazy import lazy_attribute
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .diffusion_autoencoder import (
        DiffusionAutoencoderConfig,
        DiffusionAutoencoderOptions,
    )
if TYPE_CHECKING:
    from .diffusion_uncond import DiffusionUncondConfig
if TYPE_CHECKING:
    from .hyperencoder import HyperencoderConfig, HyperencoderOptions, HyperencoderOuter
if TYPE_CHECKING:
    from .lm import LMConfig, LMOptions
if TYPE_CHECKING:
    from .spectral_autoencoder import SpectralAutoencoderConfig, SpectralAutoencoderOptions

__all__ = [
    "DiffusionAutoencoderConfig",
    "DiffusionAutoencoderOptions",
    "DiffusionUncondConfig",
    "HyperencoderConfig",
    "HyperencoderOptions",
    "HyperencoderOuter",
    "LMConfig",
    "LMOptions",
    "SpectralAutoencoderConfig",
    "SpectralAutoencoderOptions",
]

_PLACES = {
    'DiffusionAutoencoderConfig': 'diffusion_autoencoder',
    'DiffusionAutoencoderOptions': 'diffusion_autoencoder',
    'DiffusionUncondConfig': 'diffusion_uncond',
    'HyperencoderConfig': 'hyperencoder',
    'HyperencoderOptions': 'hyperencoder',
    'HyperencoderOuter': 'hyperencoder',
    'LMConfig': 'lm',
    'LMOptions': 'lm',
    'SpectralAutoencoderConfig': 'spectral_autoencoder',
    'SpectralAutoencoderOptions': 'spectral_autoencoder',
}


def __getattr__(name: str) -> Any:
    """Import a class when it is first named."""
    return lazy_attribute(__name__, _PLACES, name)

