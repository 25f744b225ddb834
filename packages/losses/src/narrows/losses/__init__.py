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
    MelSpectrogramLoss,
    MelSTFTLoss,
    MultiResolutionSTFTLoss,
    STFTLoss,
    SumAndDifferenceSTFTLoss,
)
from narrows.losses.values import TargetValueLoss, ValueLoss

__all__ = [
    "AuralossLoss",
    "BottleneckLosses",
    "L1Loss",
    "LossModule",
    "LossWithTarget",
    "MSELoss",
    "MelSTFTLoss",
    "MelSpectrogramLoss",
    "MultiLoss",
    "MultiResolutionSTFTLoss",
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
]
