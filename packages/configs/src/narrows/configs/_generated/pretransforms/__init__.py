# Generated from schemas-json/ by `nox -s codegen`. Do not edit: change the schema and run it again.

from __future__ import annotations

from .audiocraft_pretrained import (
    AudiocraftPretrainedPretransformConfig,
    AudiocraftPretrainedPretransformOptions,
)
from .dac_pretrained import (
    DACPretrainedPretransformConfig,
    DACPretrainedPretransformOptions,
)
from .patched import PatchedPretransformConfig, PatchedPretransformOptions
from .pqmf import PQMFPretransformConfig, PQMFPretransformOptions
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
    "WaveletPretransformConfig",
    "WaveletPretransformOptions",
]
