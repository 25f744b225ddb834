# Generated from schemas-json/ by `nox -s codegen`. Do not edit: change the schema and run it again.

from __future__ import annotations

from .autoencoder import AutoencoderLossConfigs
from .bottleneck import BottleneckLossConfig, BottleneckLossWeights
from .spectral import SpectralLossConfig, SpectralLossOptions, SpectralLossWeights
from .spectral_autoencoder import SpectralAutoencoderLossConfigs
from .spectrogram import (
    AurallossConfig,
    ComplexSTFTLossConfig,
    ComplexSTFTLossOptions,
    CosinePhaseLossConfig,
    CosinePhaseOptions,
    SpectralConvergenceLossConfig,
    SpectralConvergenceOptions,
    SpectrogramLossConfig,
    SpectrogramLossWeights,
    STFTMSELossConfig,
    STFTMSEOptions,
)
from .time import TimeLossConfig, TimeLossWeights

__all__ = [
    "AurallossConfig",
    "AutoencoderLossConfigs",
    "BottleneckLossConfig",
    "BottleneckLossWeights",
    "ComplexSTFTLossConfig",
    "ComplexSTFTLossOptions",
    "CosinePhaseLossConfig",
    "CosinePhaseOptions",
    "STFTMSELossConfig",
    "STFTMSEOptions",
    "SpectralAutoencoderLossConfigs",
    "SpectralConvergenceLossConfig",
    "SpectralConvergenceOptions",
    "SpectralLossConfig",
    "SpectralLossOptions",
    "SpectralLossWeights",
    "SpectrogramLossConfig",
    "SpectrogramLossWeights",
    "TimeLossConfig",
    "TimeLossWeights",
]
