"""The base class of diffusion backbones.

Letters: B batch, C channels that are diffused, T frames, N condition tokens.
"""

from __future__ import annotations

from typing import Literal

from torch import Tensor, nn

Objective = Literal["v", "rectified_flow", "rf_denoiser"]


class Backbone(nn.Module):
    """Predicts velocity or noise from a noisy signal, the time and conditions.

    A call takes `(B, C, T)` and times `(B,)`, and by keyword the conditions of its type; it returns `(B, C, T)`.

    Args:
        model: the network.
        io_channels: channels that are diffused.
        length_multiple: frames must be a multiple of it.
    """

    objective: Objective = "v"
    """Meaning of the output: the velocity of v-diffusion, or of a rectified flow."""

    # `model` is part of the checkpoint format.
    def __init__(self, model: nn.Module, io_channels: int, length_multiple: int) -> None:
        super().__init__()
        self.model = model
        self.io_channels = io_channels
        self.length_multiple = length_multiple

    def check(self, x: Tensor) -> None:
        """Raise a ValueError unless `x` fits the network."""
        if x.dim() != 3 or x.shape[1] != self.io_channels:
            raise ValueError(f"x must be of shape (batch, {self.io_channels}, frames), got {tuple(x.shape)}")
        if x.shape[-1] % self.length_multiple:
            raise ValueError(f"The frames of x must be a multiple of {self.length_multiple}, got {x.shape[-1]}")


def halve(module: nn.Module) -> None:
    """Halve the initial parameters, as the reference does in front of saturating layers."""
    for parameter in module.parameters():
        parameter.data.mul_(0.5)
