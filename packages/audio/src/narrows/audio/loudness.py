"""Integrated loudness after ITU-R BS.1770-4, computed by pyloudnorm (Steinmetz & Reiss 2021)."""

from __future__ import annotations

import math

import numpy as np
from torch import Tensor

MAX_CHANNELS = 5
"""Left, right, centre and two surrounds: what the standard defines gains for."""
GATING_BLOCK = 0.4
"""Seconds."""


def loudness(audio: Tensor, sample_rate: int) -> float:
    """Integrated loudness in LUFS; minus infinity for silence.

    Args:
        audio: `(C, T)` with 1 to 5 channels. Clips shorter than a gating block (0.4 s) count as one block.
        sample_rate: in Hz.

    Raises:
        ValueError: the standard does not define the loudness of so many channels.
    """
    channels, samples = audio.shape
    if not 1 <= channels <= MAX_CHANNELS:
        raise ValueError(f"Loudness is defined for 1 to {MAX_CHANNELS} channels, got {channels}")
    if samples == 0:
        return -math.inf
    from pyloudnorm import Meter  # brings scipy.signal, half a second

    seconds = min(GATING_BLOCK, samples / sample_rate)
    meter = Meter(sample_rate, filter_class="DeMan", block_size=seconds)
    with np.errstate(divide="ignore", invalid="ignore"):
        value = float(meter.integrated_loudness(audio.detach().double().cpu().numpy().T))
    return -math.inf if math.isnan(value) else value
