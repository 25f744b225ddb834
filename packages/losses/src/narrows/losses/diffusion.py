"""The loss of diffusion models: squared errors of a velocity, over the frames that count.

After stable-audio-tools and stable-audio-3; min-SNR weights after Hang et al. 2023 (arXiv 2303.09556), learned ones
after Karras et al. 2023 (arXiv 2312.02696).

Letters: B batch, D channels, L latent frames.
"""

from __future__ import annotations

import math
from typing import Literal, NamedTuple

import torch
from torch import Tensor, nn

Normalization = Literal["none", "timestep", "sample", "sample_channel"]
FEATURES = 64
"""Frequencies of the time that the learned weighting sees."""


class Regions(NamedTuple):
    """Which frames a loss is of."""

    main: Tensor
    """`(B, L)`, true where the model generates."""
    other: Tensor
    """`(B, L)`, true for what counts by a weight of its own: context and padding."""
    other_weight: float = 0.0
    apart: bool = False
    """Both have a mean of their own, rather than one weighted mean together."""

    @property
    def weights(self) -> Tensor:
        """The weight of each frame in one mean of both, `(B, L)`."""
        return self.main.float() + self.other_weight * self.other.float()


def squared_errors(
    predicted: Tensor, target: Tensor, counted: Tensor, normalization: Normalization = "none", eps: float = 1e-6
) -> Tensor:
    """Squared errors, divided by the spread of the target where they are counted.

    Args:
        predicted: `(B, D, L)`.
        target: `(B, D, L)`.
        counted: `(B, L)`, the frames that are normalised and that the spread is of.
        normalization: `none`; by the variance over channels of each frame (`timestep`), over a whole item (`sample`),
            or over the frames of each channel (`sample_channel`).
        eps: added to the variance.

    Returns:
        `(B, D, L)`, float32.
    """
    predicted, target = predicted.float(), target.float()
    errors = (predicted - target) ** 2
    if normalization == "none":
        return errors
    inside = counted[:, None]
    if normalization == "timestep":
        variance = target.var(dim=1, keepdim=True, correction=0)
    else:
        dims = (1, 2) if normalization == "sample" else (2,)
        among = inside.expand_as(target)
        count = among.sum(dim=dims, keepdim=True)
        mean = (target * among).sum(dim=dims, keepdim=True) / count.clamp(min=1)
        variance = ((target - mean) ** 2 * among).sum(dim=dims, keepdim=True) / count.clamp(min=1)
        variance = torch.where(count > 0, variance, 1.0)
    return torch.where(inside, errors / (variance + eps), errors)


def item_losses(errors: Tensor, regions: Regions) -> Tensor:
    """The mean of each item `(B,)`; 0 where no frame counts.

    Args:
        errors: `(B, D, L)`.
        regions: of the frames.
    """
    by_frame = errors.mean(1)
    if regions.apart:
        return _mean(by_frame, regions.main.float()) + regions.other_weight * _mean(by_frame, regions.other.float())
    return _mean(by_frame, regions.weights)


def min_snr_weights(signal: Tensor, noise: Tensor, gamma: float) -> Tensor:
    """Weights of the squared error of a velocity: that of the clean signal times the ratio of signal to noise, cut off.

    The clean signal is off by the velocity's error times `noise`, in v-diffusion and in rectified flows.

    Args:
        signal: shares of the signal `(B,)`.
        noise: shares of the noise `(B,)`.
        gamma: greatest ratio of the squares.
    """
    return torch.minimum(signal**2, gamma * noise**2)


class LearnedWeighting(nn.Module):
    """The logarithm of the loss by time, learned beside the model, which makes every time count alike.

    `loss / exp(u(t)) + u(t)` is least where `exp(u(t))` is the mean loss at a time.
    """

    frequencies: Tensor

    def __init__(self) -> None:
        super().__init__()
        # Fixed, so that no global generator is asked.
        self.register_buffer("frequencies", torch.linspace(0.25, 8, FEATURES) * 2 * math.pi)
        self.linear = nn.Linear(FEATURES, 1, bias=False)
        nn.init.zeros_(self.linear.weight)

    def forward(self, losses: Tensor, time: Tensor) -> Tensor:
        """Weighted losses `(B,)`.

        Args:
            losses: `(B,)`.
            time: `(B,)`.
        """
        features = torch.cos(time.float()[:, None] * self.frequencies) * (2 / FEATURES) ** 0.5
        level: Tensor = self.linear(features)[:, 0]
        return losses / level.exp() + level


def _mean(values: Tensor, weights: Tensor) -> Tensor:
    whole = weights.sum(1)
    return (values * weights).sum(1) / torch.where(whole > 0, whole, 1.0)
