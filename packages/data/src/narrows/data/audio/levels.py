"""Levels of a signal: peak in dB, silence, polarity."""

from __future__ import annotations

import torch
from torch import Tensor

SILENCE_DB = -60.0
"""Peak in dB below which a clip counts as silent unless told otherwise."""


def peak_db(audio: Tensor) -> float:
    """Peak of a clip in dB relative to full scale; -inf for digital silence."""
    if audio.numel() == 0:
        return -float("inf")
    return float(20 * torch.log10(audio.abs().max()))


def is_silence(audio: Tensor, threshold_db: float = SILENCE_DB) -> bool:
    """Whether the peak lies below a threshold in dB."""
    return peak_db(audio) < threshold_db
