"""Distances of spectrograms, with one stated definition each."""

from __future__ import annotations

from functools import cache

from torch import Tensor

from narrows.losses import MelSpectrogramLoss, MultiResolutionSTFTLoss
from narrows.pipelines.metrics.base import at_least, pair


@cache
def _mel(sample_rate: int) -> MelSpectrogramLoss:
    return MelSpectrogramLoss(sample_rate, n_mels=[150, 80], window_lengths=[2048, 512])


@cache
def _stft() -> MultiResolutionSTFTLoss:
    return MultiResolutionSTFTLoss([1024, 2048, 512], [120, 240, 50], [600, 1200, 240])


def mel_distance(reference: Tensor, estimate: Tensor, sample_rate: int) -> float:
    """Distance of mel spectrograms as DAC's evaluation measures it (Kumar et al. 2023); lower is better.

    Sum over two scales, 150 bands of 2048 samples and 80 bands of 512, of the mean absolute difference of magnitudes
    and of the base-10 logarithms of their squares (floor 1e-5 before squaring). Mean over channels. Clips shorter
    than 2048 samples are padded with zeros.

    Args:
        reference: `(C, T)`.
        estimate: `(C, T)`.
        sample_rate: in Hz.
    """
    reference, estimate = (at_least(x, 2048)[None] for x in pair(reference, estimate))
    return float(_mel(sample_rate)(estimate, reference))


def stft_distance(reference: Tensor, estimate: Tensor, sample_rate: int) -> float:
    """Multi-resolution STFT distance with auraloss's defaults (Yamamoto et al. 2020); lower is better.

    Mean over three resolutions (FFT 1024, 2048, 512; hop 120, 240, 50; Hann window 600, 1200, 240) of spectral
    convergence, relative to the reference, plus the mean absolute difference of natural log magnitudes (floor 1e-4).
    Channels are measured one by one and averaged. Clips shorter than 2048 samples are padded with zeros.

    Args:
        reference: `(C, T)`.
        estimate: `(C, T)`.
        sample_rate: in Hz; has no influence.
    """
    reference, estimate = (at_least(x, 2048)[None] for x in pair(reference, estimate))
    return float(_stft()(estimate, reference))
