"""Losses and discriminators for audio autoencoders."""

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
