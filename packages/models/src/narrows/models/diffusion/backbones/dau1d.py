"""The attention U-Net of Dance Diffusion as a backbone."""

from __future__ import annotations

from math import prod

from torch import Generator, Tensor

from narrows.configs import DAU1dConfig
from narrows.models._options import options
from narrows.models.diffusion.backbones import Backbone, build_backbone
from narrows.models.diffusion.backbones.base import Objective, halve
from narrows.models.diffusion.networks.dau1d import DiffusionAttentionUNet1d


class DAU1dBackbone(Backbone):
    """A `DiffusionAttentionUNet1d` whose initial parameters are scaled down, those of its levels twice.

    Args:
        model: the network.
        io_channels: channels that are diffused.
        length_multiple: product of the strides.
    """

    def __init__(self, model: DiffusionAttentionUNet1d, io_channels: int, length_multiple: int) -> None:
        super().__init__(model, io_channels, length_multiple)
        halve(model.net)
        halve(model)

    def forward(
        self,
        x: Tensor,
        t: Tensor,
        *,
        input_concat_cond: Tensor | None = None,
        cond_aug_scale: float | None = None,
        generator: Generator | None = None,
    ) -> Tensor:
        """Predict.

        Args:
            x: `(B, C, T)`.
            t: `(B,)`, from 0 (clean) to 1 (noise).
            input_concat_cond: `(B, cond_dim, any)`, stretched to T linearly.
            cond_aug_scale: level of the noise on the condition, with `cond_noise_aug`; None for a random one.
            generator: source of that noise.
        """
        self.check(x)
        out: Tensor = self.model(x, t, input_concat_cond, cond_aug_scale, generator)
        return out


@build_backbone.register
def _(config: DAU1dConfig, objective: Objective | None = None) -> DAU1dBackbone:
    given = options(config)
    multiple = prod(given["strides"][: given["depth"] - 1])
    backbone = DAU1dBackbone(DiffusionAttentionUNet1d(**given), given["io_channels"], multiple)
    backbone.objective = objective or "v"
    return backbone
