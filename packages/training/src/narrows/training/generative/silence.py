"""Silence behind a sound that counts as a part of it, so that a model learns how sounds end (Stable Audio 3).

Letters: B batch, L latent frames.
"""

from __future__ import annotations

import torch
from torch import Tensor

from narrows.training.generative.draws import StepDraws


def extended(valid: Tensor, frames: float, draws: StepDraws) -> Tensor:
    """A mask of signal that goes on for a random number of frames in each item, exponentially distributed.

    Args:
        valid: `(B, L)`, true up to the end of the signal.
        frames: mean of the number; 0 extends nothing.
        draws: of the step.
    """
    if frames <= 0:
        return valid
    drawn = -(1 - draws.uniform("silence", len(valid))).log() * frames
    places = torch.arange(valid.shape[-1], device=valid.device)
    ends = (valid * (places + 1)).amax(1) + drawn.round().long().to(valid.device)
    return valid | (places < ends[:, None])
