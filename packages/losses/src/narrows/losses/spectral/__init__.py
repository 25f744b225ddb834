"""Spectral losses."""

from narrows.losses.spectral.complex_bins import ComplexMultiResolutionLoss
from narrows.losses.spectral.mel import MelSpectrogramLoss, mel_filters
from narrows.losses.spectral.multi import MultiResolutionSTFTLoss, SumAndDifferenceSTFTLoss
from narrows.losses.spectral.stft import MelSTFTLoss, STFTLoss
from narrows.losses.spectral.terms import Comparison, SpectralTerms
from narrows.losses.spectral.weighting import AWeighting

__all__ = [
    "AWeighting",
    "Comparison",
    "ComplexMultiResolutionLoss",
    "MelSTFTLoss",
    "MelSpectrogramLoss",
    "MultiResolutionSTFTLoss",
    "STFTLoss",
    "SpectralTerms",
    "SumAndDifferenceSTFTLoss",
    "mel_filters",
]
