"""The soft-norm bottleneck of Stable Audio 3, and its older form in stable-audio-tools.

The older form is `noise_level=0.01, noise_level_inference=0`.
"""

from __future__ import annotations

import torch
from torch import Generator, Tensor, nn

from narrows.configs import SoftNormBottleneckConfig
from narrows.models._options import options
from narrows.models.blocks.frame_noise import frame_gaussian
from narrows.models.bottlenecks import Bottleneck, LossTerm, build_bottleneck
from narrows.models.bottlenecks.base import Info, append_noise

SOFTNORM = LossTerm("softnorm_loss", 0.01, "softnorm")
MOMENTUM = 0.999
SMALLEST = 1e-4


class SoftNormBottleneck(Bottleneck):
    """A learned scale and offset, and a loss that pulls the latents to mean 0 and deviation 1. Reports `softnorm_loss`.

    Args:
        dim: latent channels.
        noise_augment_dim: noise channels appended on decode, each with a learned scale.
        noise_regularize: add noise to the latents on decode.
        auto_scale: divide the latents by a moving average of their deviation.
        freeze: train neither scale, offset and noise scale, nor the moving average.
        noise_level: of `noise_regularize` in training, relative to the deviation of the latents.
        noise_level_inference: the same outside training.
    """

    losses: tuple[LossTerm, ...] = (SOFTNORM,)

    # The shapes, and a moving average that is a parameter, are part of the checkpoint format.
    def __init__(
        self,
        dim: int = 32,
        noise_augment_dim: int = 0,
        noise_regularize: bool = False,
        auto_scale: bool = False,
        freeze: bool = False,
        noise_level: float = 0.05,
        noise_level_inference: float = 0.001,
    ) -> None:
        super().__init__()
        self.noise_augment_dim, self.noise_regularize = noise_augment_dim, noise_regularize
        self.noise_level, self.noise_level_inference = noise_level, noise_level_inference
        self.freeze = freeze
        self.scaling_factor = nn.Parameter(torch.ones(1, dim, 1), requires_grad=not freeze)
        self.bias = nn.Parameter(torch.zeros(1, dim, 1), requires_grad=not freeze)
        self.noise_scaling_factor = nn.Parameter(torch.ones(1, noise_augment_dim, 1), requires_grad=not freeze)
        self.running_std = nn.Parameter(torch.ones(1), requires_grad=False) if auto_scale else None

    def requires_grad_(self, requires_grad: bool = True) -> SoftNormBottleneck:
        """Set whether parameters are trained; the moving average never is."""
        super().requires_grad_(requires_grad)
        if self.running_std is not None:
            self.running_std.requires_grad = False
        return self

    @property
    def whole_clip(self) -> str | None:
        """Without a moving average, the noise on decode is relative to the deviation of the clip."""
        noisy = self.noise_regularize and self.noise_level_inference > 0 and self.running_std is None
        return "scales its noise by the deviation of the whole clip (auto_scale is false)" if noisy else None

    def forward(
        self,
        x: Tensor,
        *,
        generator: Generator | None = None,
        mask: Tensor | None = None,
        with_losses: bool | None = None,
    ) -> tuple[Tensor, Info]:
        """`(B, D, L)` → `(B, D, L)`; the loss is computed in training, or where `with_losses` asks for it."""
        x = x * self.scaling_factor + self.bias
        if self.running_std is not None:
            if self.training and not self.freeze:
                counted = x if mask is None else x.transpose(1, 2)[mask]
                with torch.no_grad():
                    deviation = self.running_std * MOMENTUM + counted.float().std() * (1 - MOMENTUM)
                    self.running_std.copy_(deviation.clamp(min=SMALLEST))
            # A copy, since the next call changes the average before a gradient may be taken.
            x = x / self.running_std.clone()
        if not (self.training if with_losses is None else with_losses):
            return x, {}
        return x, {"softnorm_loss": _loss_over_axis(x, -1, mask) + 0.4 * _loss_over_axis(x, -2, mask)}

    def decode(self, latents: Tensor, *, generator: Generator | None = None) -> Tensor:
        """`(B, D, L)` → `(B, D + noise_augment_dim, L)`."""
        if self.running_std is not None:
            latents = latents * self.running_std
        level = self.noise_level if self.training else self.noise_level_inference
        if self.noise_regularize and level > 0:
            deviation = latents.std(dim=-1, keepdim=True) if self.running_std is None else self.running_std
            latents = latents + frame_gaussian(latents, generator) * deviation * level
        if self.noise_augment_dim == 0:
            return latents
        augmented = append_noise(latents[:, :0], self.noise_augment_dim, generator) * self.noise_scaling_factor
        return torch.cat([latents, augmented.to(latents.dtype)], dim=1)


def _loss_over_axis(x: Tensor, axis: int, mask: Tensor | None) -> Tensor:
    """Divergence from a standard normal of the mean and variance along an axis (without its factor of one half)."""
    x = x.float()
    weight = torch.ones_like(x) if mask is None else mask[:, None].expand_as(x).to(x.dtype)
    x = torch.where(weight > 0, x, 0)
    count = weight.sum(axis)
    mean = x.sum(axis) / count.clamp(min=1)
    spread = ((x - mean.unsqueeze(axis)) ** 2 * weight).sum(axis) / (count - 1).clamp(min=1)
    variance = spread.clamp(min=SMALLEST)
    divergence = mean * mean + variance - torch.log(variance) - 1
    return divergence[count > 0].mean()


@build_bottleneck.register
def _(config: SoftNormBottleneckConfig) -> SoftNormBottleneck:
    return SoftNormBottleneck(**options(config))
