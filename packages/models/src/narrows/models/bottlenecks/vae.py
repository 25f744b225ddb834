"""The variational bottleneck (Kingma & Welling 2014), as in stable-audio-tools."""

from __future__ import annotations

import torch
from torch import Generator, Tensor
from torch.nn import functional as F

from narrows.configs import VAEBottleneckConfig
from narrows.models.blocks.frame_noise import frame_gaussian
from narrows.models.blocks.quantizers.losses import masked_mean
from narrows.models.bottlenecks import Bottleneck, LossTerm, build_bottleneck
from narrows.models.bottlenecks.base import Info

KL = LossTerm("kl", 1e-6, "kl")


def sample(
    x: Tensor, generator: Generator | None = None, mask: Tensor | None = None, deterministic: bool = False
) -> tuple[Tensor, Tensor]:
    """Draw latents from the mean and scale that an encoder gives.

    Args:
        x: `(B, 2D, L)`; the first half is the mean, the second becomes the standard deviation by a softplus.
        generator: source of the noise.
        mask: `(B, L)`, false where frames are padding.
        deterministic: return the mean.

    Returns:
        Latents `(B, D, L)`, and the KL divergence to a standard normal (without its factor of one half, as in
        the reference), summed over channels and averaged over batch and frames.
    """
    if x.shape[1] % 2:
        raise ValueError(
            f"A variational bottleneck takes an even number of channels (mean and scale), got {x.shape[1]}"
        )
    mean, scale = x.chunk(2, dim=1)
    # Squares and logarithms of half-precision values overflow and vanish.
    with torch.autocast(x.device.type, enabled=False):
        wide, stdev = mean.float(), F.softplus(scale.float()) + 1e-4
        variance = stdev * stdev
        kl = masked_mean((wide * wide + variance - torch.log(variance) - 1).sum(1), mask)
    if deterministic:
        return mean, kl
    return frame_gaussian(mean, generator) * stdev.to(mean.dtype) + mean, kl


class VAEBottleneck(Bottleneck):
    """Samples latents from a normal distribution whose mean and scale the encoder gives. Reports `kl`."""

    losses: tuple[LossTerm, ...] = (KL,)

    def forward(
        self,
        x: Tensor,
        *,
        generator: Generator | None = None,
        mask: Tensor | None = None,
        deterministic: bool = False,
    ) -> tuple[Tensor, Info]:
        """`(B, 2D, L)` → `(B, D, L)`; the mean where `deterministic` is set, in evaluation too a sample otherwise."""
        latents, kl = sample(x, generator, mask, deterministic)
        return latents, {"kl": kl}


@build_bottleneck.register
def _(config: VAEBottleneckConfig) -> VAEBottleneck:
    return VAEBottleneck()
