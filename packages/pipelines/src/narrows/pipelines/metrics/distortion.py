"""Signal-to-distortion ratio, as it comes and with the delay taken out."""

from __future__ import annotations

import torch
from torch import Tensor

from narrows.losses import SISDRLoss
from narrows.pipelines.metrics.base import pair


def si_sdr(reference: Tensor, estimate: Tensor, sample_rate: int) -> float:
    """Scale-invariant signal-to-distortion ratio in dB, mean over channels; higher is better.

    Means are removed first. Energies have a floor of 1e-8, so that the value stays within about ±80 dB for signals of
    unit energy and is finite for silence (Le Roux et al. 2019).

    Args:
        reference: `(C, T)`.
        estimate: `(C, T)`.
        sample_rate: in Hz; has no influence.
    """
    reference, estimate = pair(reference, estimate)
    return -float(SISDRLoss()(estimate, reference))


def aligned_si_sdr(reference: Tensor, estimate: Tensor, sample_rate: int, max_delay: float = 0.1) -> float:
    """`si_sdr` after the estimate is shifted by its measured delay; what has no counterpart is left out.

    Args:
        reference: `(C, T)`.
        estimate: `(C, T)`.
        sample_rate: in Hz.
        max_delay: largest delay in seconds that is looked for, either way.
    """
    delay = measured_delay(reference, estimate, sample_rate, max_delay)
    if delay > 0:
        reference, estimate = reference[:, :-delay], estimate[:, delay:]
    elif delay < 0:
        reference, estimate = reference[:, -delay:], estimate[:, :delay]
    return si_sdr(reference, estimate, sample_rate)


def measured_delay(reference: Tensor, estimate: Tensor, sample_rate: int, max_delay: float = 0.1) -> int:
    """Samples by which the estimate is late, at the largest cross-correlation; negative where it is early.

    Inverted polarity does not matter. Channels share one delay.

    Args:
        reference: `(C, T)`.
        estimate: `(C, T)`.
        sample_rate: in Hz.
        max_delay: largest delay in seconds that is looked for, either way.
    """
    reference, estimate = pair(reference, estimate)
    length = reference.shape[-1]
    reach = min(round(max_delay * sample_rate), length - 1)
    size = 1 << (2 * length - 1).bit_length()
    cross = torch.fft.rfft(reference, size).conj() * torch.fft.rfft(estimate, size)
    correlation = torch.fft.irfft(cross.sum(0), size).abs()
    lags = torch.cat([torch.arange(reach + 1), torch.arange(-reach, 0)])
    # Among equal peaks, as in silence, the first lag wins: no delay.
    return int(lags[correlation[lags % size].argmax()])
