# Generated from schemas-json/ by `nox -s codegen`. Do not edit: change the schema and run it again.

from __future__ import annotations

from .autoencoder import AutoencoderLossConfigs
from .bottleneck import BottleneckLossConfig, BottleneckLossWeights
from .spectral import SpectralLossConfig, SpectralLossOptions, SpectralLossWeights
from .time import TimeLossConfig, TimeLossWeights

__all__ = [
    "AutoencoderLossConfigs",
    "BottleneckLossConfig",
    "BottleneckLossWeights",
    "SpectralLossConfig",
    "SpectralLossOptions",
    "SpectralLossWeights",
    "TimeLossConfig",
    "TimeLossWeights",
]
