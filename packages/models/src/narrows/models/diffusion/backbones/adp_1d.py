"""The U-Net of Moûsai as a backbone, without cross-attention."""

from __future__ import annotations

from torch import Tensor, nn

from narrows.configs import ADP1dConfig
from narrows.models._options import options
from narrows.models.diffusion.backbones import Backbone, build_backbone
from narrows.models.diffusion.backbones.base import CallOptions, Info, Objective, halve
from narrows.models.diffusion.backbones.unet import network, places, run
from narrows.models.diffusion.conditions import Inputs, Place
from narrows.models.diffusion.networks.unet1d import UNet1d


class ADP1dBackbone(Backbone):
    """A `UNet1d` whose initial parameters are halved; `adp_uncond_1d` too.

    Args:
        model: the network.
        io_channels: channels that are diffused.
        length_multiple: product of the network's factors and patch size.
    """

    # `model` is part of the checkpoint format.
    def __init__(self, model: UNet1d, io_channels: int, length_multiple: int) -> None:
        super().__init__(io_channels, length_multiple)
        self.model = model
        halve(model)

    @property
    def takes(self) -> frozenset[Place]:
        """See `Backbone`."""
        return places(self.model)

    def run(self, x: Tensor, t: Tensor, inputs: Inputs, options: CallOptions) -> tuple[Tensor, Info]:
        """See `Backbone`."""
        self.check(x)
        return run(self.model, x.to(self.dtype), t, inputs, options, self.length_multiple), {}

    def stages(self) -> list[nn.Module]:
        """See `Backbone`."""
        return [*self.model.downsamples, self.model.bottleneck, *self.model.upsamples]


@build_backbone.register
def _(config: ADP1dConfig, objective: Objective | None = None) -> ADP1dBackbone:
    given = options(config)
    model, multiple = network(given)
    backbone = ADP1dBackbone(model, given["in_channels"], multiple)
    backbone.objective = objective or "v"
    return backbone
