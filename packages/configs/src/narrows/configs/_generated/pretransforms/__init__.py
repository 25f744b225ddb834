# Generated from schemas-json/ by `nox -s codegen`. Do not edit: change the schema and run it again.

from narrows.configs._lazy import lazy_attribute
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .audiocraft_pretrained import (
        AudiocraftPretrainedPretransformConfig,
        AudiocraftPretrainedPretransformOptions,
    )
if TYPE_CHECKING:
    from .dac_pretrained import (
        DACPretrainedPretransformConfig,
        DACPretrainedPretransformOptions,
    )
if TYPE_CHECKING:
    from .patched import PatchedPretransformConfig, PatchedPretransformOptions
if TYPE_CHECKING:
    from .pqmf import PQMFPretransformConfig, PQMFPretransformOptions
if TYPE_CHECKING:
    from .spectrogram import SpectrogramPretransformConfig, SpectrogramPretransformOptions
if TYPE_CHECKING:
    from .transformers import (
        TransformersPretransformConfig,
        TransformersPretransformOptions,
    )
if TYPE_CHECKING:
    from .wavelet import WaveletPretransformConfig, WaveletPretransformOptions

__all__ = [
    "AudiocraftPretrainedPretransformConfig",
    "AudiocraftPretrainedPretransformOptions",
    "DACPretrainedPretransformConfig",
    "DACPretrainedPretransformOptions",
    "PQMFPretransformConfig",
    "PQMFPretransformOptions",
    "PatchedPretransformConfig",
    "PatchedPretransformOptions",
    "SpectrogramPretransformConfig",
    "SpectrogramPretransformOptions",
    "TransformersPretransformConfig",
    "TransformersPretransformOptions",
    "WaveletPretransformConfig",
    "WaveletPretransformOptions",
]

_PLACES = {
    'AudiocraftPretrainedPretransformConfig': 'audiocraft_pretrained',
    'AudiocraftPretrainedPretransformOptions': 'audiocraft_pretrained',
    'DACPretrainedPretransformConfig': 'dac_pretrained',
    'DACPretrainedPretransformOptions': 'dac_pretrained',
    'PatchedPretransformConfig': 'patched',
    'PatchedPretransformOptions': 'patched',
    'PQMFPretransformConfig': 'pqmf',
    'PQMFPretransformOptions': 'pqmf',
    'SpectrogramPretransformConfig': 'spectrogram',
    'SpectrogramPretransformOptions': 'spectrogram',
    'TransformersPretransformConfig': 'transformers',
    'TransformersPretransformOptions': 'transformers',
    'WaveletPretransformConfig': 'wavelet',
    'WaveletPretransformOptions': 'wavelet',
}


def __getattr__(name: str) -> Any:
    """Import a class when it is first named."""
    return lazy_attribute(__name__, _PLACES, name)

