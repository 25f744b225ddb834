"""Losses and discriminators for audio autoencoders.

Names load when they are first used, so that importing one part does not cost all of them.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from narrows.losses.autoencoder import create_autoencoder_loss_from_config, create_discriminator_loss
    from narrows.losses.base import LossModule, MultiLoss
    from narrows.losses.bottleneck import BottleneckLosses, create_loss_modules_from_bottleneck
    from narrows.losses.distances import (
        AuralossLoss,
        L1Loss,
        LossWithTarget,
        MSELoss,
        StereoImageLoss,
        TimeDomainMMDLoss,
    )
    from narrows.losses.factory import create_discriminator_from_config
    from narrows.losses.sdr import SDSDRLoss, SISDRLoss
    from narrows.losses.spectral import (
        ComplexMultiResolutionLoss,
        MelSpectrogramLoss,
        MelSTFTLoss,
        MultiResolutionSTFTLoss,
        STFTLoss,
        SumAndDifferenceSTFTLoss,
    )
    from narrows.losses.spectral_autoencoder import create_spectral_autoencoder_loss_from_config
    from narrows.losses.spectrograms import ComplexDistance, MagnitudeDistance, PhaseDistance
    from narrows.losses.values import TargetValueLoss, ValueLoss

__all__ = [
    "AuralossLoss",
    "BottleneckLosses",
    "ComplexDistance",
    "ComplexMultiResolutionLoss",
    "L1Loss",
    "LossModule",
    "LossWithTarget",
    "MSELoss",
    "MagnitudeDistance",
    "MelSTFTLoss",
    "MelSpectrogramLoss",
    "MultiLoss",
    "MultiResolutionSTFTLoss",
    "PhaseDistance",
    "SDSDRLoss",
    "SISDRLoss",
    "STFTLoss",
    "StereoImageLoss",
    "SumAndDifferenceSTFTLoss",
    "TargetValueLoss",
    "TimeDomainMMDLoss",
    "ValueLoss",
    "create_autoencoder_loss_from_config",
    "create_discriminator_from_config",
    "create_discriminator_loss",
    "create_loss_modules_from_bottleneck",
    "create_spectral_autoencoder_loss_from_config",
]

_MODULES = {
    "AuralossLoss": "distances",
    "BottleneckLosses": "bottleneck",
    "ComplexDistance": "spectrograms",
    "ComplexMultiResolutionLoss": "spectral",
    "L1Loss": "distances",
    "LossModule": "base",
    "LossWithTarget": "distances",
    "MSELoss": "distances",
    "MagnitudeDistance": "spectrograms",
    "MelSTFTLoss": "spectral",
    "MelSpectrogramLoss": "spectral",
    "MultiLoss": "base",
    "MultiResolutionSTFTLoss": "spectral",
    "PhaseDistance": "spectrograms",
    "SDSDRLoss": "sdr",
    "SISDRLoss": "sdr",
    "STFTLoss": "spectral",
    "StereoImageLoss": "distances",
    "SumAndDifferenceSTFTLoss": "spectral",
    "TargetValueLoss": "values",
    "TimeDomainMMDLoss": "distances",
    "ValueLoss": "values",
    "create_autoencoder_loss_from_config": "autoencoder",
    "create_discriminator_from_config": "factory",
    "create_discriminator_loss": "autoencoder",
    "create_loss_modules_from_bottleneck": "bottleneck",
    "create_spectral_autoencoder_loss_from_config": "spectral_autoencoder",
}


def __getattr__(name: str) -> Any:
    """Import a public name from its module."""
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_MODULES[name]}"), name)
