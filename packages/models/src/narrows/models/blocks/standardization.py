"""Channels of latents brought to mean 0 and standard deviation 1, and back, by statistics that are saved as buffers.

Letters: B batch, D channels, L frames.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn


def register_statistics(module: nn.Module, channels: int) -> None:
    """Give a module the buffers `latent_mean` and `latent_std` `(D,)`: 0 and 1. The names are part of checkpoints."""
    module.register_buffer("latent_mean", torch.zeros(channels))
    module.register_buffer("latent_std", torch.ones(channels))


def set_statistics(module: Any, mean: Tensor, std: Tensor, owner: str) -> None:
    """Set these buffers.

    Args:
        module: which has them.
        mean: of each channel, `(D,)`.
        std: its standard deviation, `(D,)`.
        owner: what takes them, for the message.

    Raises:
        ValueError: other channels, or a deviation that is not above 0.
    """
    if mean.shape != module.latent_mean.shape or std.shape != module.latent_std.shape:
        raise ValueError(f"The statistics are of {len(mean)} channels, {owner} takes {len(module.latent_mean)}")
    if not (std > 0).all():
        raise ValueError("A standard deviation must be above 0")
    module.latent_mean.copy_(mean)
    module.latent_std.copy_(std)


def standardized(module: Any, latents: Tensor) -> Tensor:
    """Latents `(B, D, L)` of mean 0 and deviation 1."""
    return (latents - module.latent_mean[:, None]) / module.latent_std[:, None]  # type: ignore[no-any-return]


def restored(module: Any, latents: Tensor) -> Tensor:
    """The latents `(B, D, L)` that `standardized` made these of."""
    return latents * module.latent_std[:, None] + module.latent_mean[:, None]  # type: ignore[no-any-return]
