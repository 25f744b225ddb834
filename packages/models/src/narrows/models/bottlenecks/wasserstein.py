"""The Wasserstein autoencoder (Tolstikhin et al. 2018, arXiv 1711.01558), as in stable-audio-tools."""

from __future__ import annotations

import torch
from torch import Generator, Tensor

from narrows.configs import WassersteinBottleneckConfig
from narrows.models._options import options
from narrows.models.blocks.discrepancy import mean_discrepancy
from narrows.models.blocks.draws import gaussian
from narrows.models.bottlenecks import Bottleneck, LossTerm, build_bottleneck
from narrows.models.bottlenecks.base import Info, append_noise
from narrows.models.bottlenecks.tanh import scaled_tanh

MMD = LossTerm("mmd", 100.0, "mmd")


class WassersteinBottleneck(Bottleneck):
    """Pulls the latents to a normal distribution by their maximum mean discrepancy. Reports `mmd` in training.

    Args:
        noise_augment_dim: noise channels appended on decode.
        bypass_mmd: report zero instead.
        use_tanh: bound the latents; the discrepancy is that of the unbounded ones.
        tanh_scale: largest absolute value then.
    """

    losses: tuple[LossTerm, ...] = (MMD,)

    def __init__(
        self, noise_augment_dim: int = 0, bypass_mmd: bool = False, use_tanh: bool = False, tanh_scale: float = 5.0
    ) -> None:
        super().__init__()
        self.noise_augment_dim = noise_augment_dim
        self.bypass_mmd = bypass_mmd
        self.use_tanh = use_tanh
        self.tanh_scale = tanh_scale

    def forward(
        self,
        x: Tensor,
        *,
        generator: Generator | None = None,
        mask: Tensor | None = None,
        with_losses: bool | None = None,
    ) -> tuple[Tensor, Info]:
        """`(B, D, L)` → `(B, D, L)`; `mmd` is computed in training, or where `with_losses` asks for it."""
        info: Info = {}
        if self.training if with_losses is None else with_losses:
            info["mmd"] = x.new_zeros(()) if self.bypass_mmd else self._discrepancy(x, mask, generator)
        return scaled_tanh(x, self.tanh_scale) if self.use_tanh else x, info

    def decode(self, latents: Tensor, *, generator: Generator | None = None) -> Tensor:
        """Latents with the noise channels appended."""
        return append_noise(latents, self.noise_augment_dim, generator)

    def _discrepancy(self, x: Tensor, mask: Tensor | None, generator: Generator | None) -> Tensor:
        rows = x.transpose(1, 2)
        rows = rows.flatten(0, 1) if mask is None else rows[mask]
        with torch.autocast(x.device.type, enabled=False):
            return mean_discrepancy(rows.float(), gaussian(rows, generator).float())


@build_bottleneck.register
def _(config: WassersteinBottleneckConfig) -> WassersteinBottleneck:
    return WassersteinBottleneck(**options(config))
