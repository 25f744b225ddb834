"""The attention U-Net of Dance Diffusion as a backbone."""

from __future__ import annotations

from math import prod
from typing import Any

from torch import Tensor, nn
from torch.nn import functional as F

from narrows.configs import DAU1dConfig
from narrows.models._options import options
from narrows.models.diffusion.backbones import Backbone, build_backbone
from narrows.models.diffusion.backbones.base import CallOptions, Info, Objective, checked_mask, halve
from narrows.models.diffusion.backbones.lengths import by_length
from narrows.models.diffusion.conditions import CONDITION, Inputs, Place
from narrows.models.diffusion.networks.dau1d import DiffusionAttentionUNet1d


class DAU1dBackbone(Backbone):
    """A `DiffusionAttentionUNet1d` whose initial parameters are scaled down, those of its levels twice.

    Args:
        model: the network.
        io_channels: channels that are diffused.
        length_multiple: product of the strides.
        cond_dim: channels of the condition that is joined to the input; 0 for none.
        bare: parameters are named and scaled as in the unconditional models, where nothing is around the network.
    """

    # `model`, or without it `timestep_embed` and `net`, are part of the checkpoint format.
    def __init__(
        self,
        model: DiffusionAttentionUNet1d,
        io_channels: int,
        length_multiple: int,
        cond_dim: int = 0,
        bare: bool = False,
    ) -> None:
        super().__init__(io_channels, length_multiple)
        self.cond_dim = cond_dim
        self._network = (model,)  # in a tuple, so that its parameters have one name each
        halve(model.net)
        if bare:
            self.timestep_embed, self.net = model.timestep_embed, model.net
        else:
            self.model = model
            halve(model)

    @property
    def takes(self) -> frozenset[Place]:
        """See `Backbone`."""
        return frozenset({"concat"}) if self.cond_dim else frozenset()

    def run(self, x: Tensor, t: Tensor, inputs: Inputs, options: CallOptions) -> tuple[Tensor, Info]:
        """See `Backbone`."""
        self.check(x)
        x = x.to(self.dtype)
        name = CONDITION["concat"]
        if name in inputs and inputs[name].shape[-1] != x.shape[-1]:
            joined = F.interpolate(inputs[name], x.shape[-1], mode="linear", align_corners=False)
            inputs = {**inputs, name: joined}

        def call(x: Tensor, t: Tensor, inputs: Inputs) -> Tensor:
            out: Tensor = self._network[0](x, t, inputs.get(name), generator=options.generator)
            return out

        valid = checked_mask(options.padding_mask, x)
        return (call(x, t, inputs) if valid is None else by_length(call, x, t, inputs, valid, self.length_multiple)), {}

    def stages(self) -> list[nn.Module]:
        """See `Backbone`."""
        return list(self._network[0].net)


@build_backbone.register
def _(config: DAU1dConfig, objective: Objective | None = None) -> DAU1dBackbone:
    return dau_backbone(options(config), objective)


def dau_backbone(given: dict[str, Any], objective: Objective | None = None, bare: bool = False) -> DAU1dBackbone:
    """The backbone of typed options, under the names of the schema; see `DAU1dBackbone` for `bare`."""
    multiple = prod(given["strides"][: given["depth"] - 1])
    backbone = DAU1dBackbone(DiffusionAttentionUNet1d(**given), given["io_channels"], multiple, given["cond_dim"], bare)
    backbone.objective = objective or "v"
    return backbone
