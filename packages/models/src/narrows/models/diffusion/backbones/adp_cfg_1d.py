"""The U-Net of Moûsai as a backbone with cross-attention, whose missing condition is learned."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from narrows.configs import ADPCFG1dConfig
from narrows.models._options import options
from narrows.models.diffusion.backbones import Backbone, build_backbone
from narrows.models.diffusion.backbones.base import CallOptions, Info, Objective, halve
from narrows.models.diffusion.backbones.unet import network, places, run
from narrows.models.diffusion.conditions import CONDITION, MASK, Inputs, Place
from narrows.models.diffusion.networks.unet1d import UNet1d
from narrows.models.diffusion.networks.unet1d.time import time_embedding

RESCALE = 0.4
"""How far the reference brings the spread back where it rescales and nobody says how far."""


class ADPCFG1dBackbone(Backbone):
    """A `UNet1d` with cross-attention, and tokens that stand for no condition; initial parameters are halved.

    Args:
        model: the network.
        io_channels: channels that are diffused.
        length_multiple: product of the network's factors and patch size.
        max_length: most tokens of a condition.
        time_channels: channels of the time as one more token; None for none.
        mask_conditions: leave padding of the conditions out of attention; the reference zeroes it only.
    """

    guided: tuple[Place, ...] = ("cross",)
    batched_guidance: ClassVar[bool] = False
    drops_when_guided: ClassVar[bool] = True

    # `model`, and what hangs on it, are part of the checkpoint format.
    def __init__(
        self,
        model: UNet1d,
        io_channels: int,
        length_multiple: int,
        width: int,
        max_length: int,
        time_channels: int | None = None,
        mask_conditions: bool = False,
    ) -> None:
        super().__init__(io_channels, length_multiple)
        self.model = model
        self.max_length = max_length
        self.mask_conditions = mask_conditions
        self.tells_time = time_channels is not None
        if time_channels is not None:
            model.to_time_embedding = time_embedding(time_channels, width)
        model.fixed_embedding = nn.ModuleDict({"embedding": nn.Embedding(max_length + self.tells_time, width)})
        halve(model)

    @property
    def takes(self) -> frozenset[Place]:
        """See `Backbone`."""
        return places(self.model) | {"cross"}

    def prepared(self, inputs: Inputs, t: Tensor) -> Inputs:
        """See `Backbone`; with the time as last token of the context.

        Raises:
            ValueError: there is no context, or it has more tokens than the model has for none.
        """
        ready = super().prepared(inputs, t)
        name, mask = CONDITION["cross"], MASK["cross"]
        if name not in ready:
            return ready
        if ready[name].shape[1] > self.max_length:
            raise ValueError(
                f"cross_attn_cond has {ready[name].shape[1]} tokens, but context_embedding_max_length is "
                f"{self.max_length}"
            )
        if self.tells_time:
            token: Tensor = self.model.to_time_embedding(t)  # type: ignore[operator]
            ready[name] = torch.cat((ready[name], token[:, None]), dim=1)
            if mask in ready:
                ready[mask] = F.pad(ready[mask], (0, 1), value=1)
        return ready

    def null(self, inputs: Inputs, places: Sequence[Place]) -> Inputs:
        """See `Backbone`; the learned tokens for a missing context."""
        without = super().null(inputs, [place for place in places if place != "cross"])
        name = CONDITION["cross"]
        if "cross" not in places or name not in inputs:
            return without
        without[name] = self.replacement(inputs, "cross")
        if self.mask_conditions:
            without.pop(MASK["cross"], None)
        return without

    def replacement(self, inputs: Inputs, place: Place) -> Any:
        """See `Backbone`."""
        if place != "cross":
            return super().replacement(inputs, place)
        given = inputs[CONDITION["cross"]]
        learned: Tensor = self.model.fixed_embedding["embedding"].weight[: given.shape[1]]  # type: ignore[index, union-attr]
        return learned.expand_as(given)

    def run(self, x: Tensor, t: Tensor, inputs: Inputs, options: CallOptions) -> tuple[Tensor, Info]:
        """See `Backbone`."""
        self.check(x)
        if CONDITION["cross"] not in inputs:
            raise ValueError("This U-Net cross-attends: cross_attn_cond must be given")
        return run(self.model, x.to(self.dtype), t, inputs, options, self.length_multiple), {}

    def rescale(self, scale_phi: float | None, rescale_cfg: bool) -> float:
        """See `Backbone`; only with `rescale_cfg`, and then by 0.4 where nothing else is said."""
        return (RESCALE if scale_phi is None else scale_phi) if rescale_cfg else 0.0

    def stages(self) -> list[nn.Module]:
        """See `Backbone`."""
        return [*self.model.downsamples, self.model.bottleneck, *self.model.upsamples]


@build_backbone.register
def _(config: ADPCFG1dConfig, objective: Objective | None = None) -> ADPCFG1dBackbone:
    return adp_cfg_backbone(options(config), objective)


def adp_cfg_backbone(
    given: dict[str, Any], objective: Objective | None = None, mask_conditions: bool = False
) -> ADPCFG1dBackbone:
    """The backbone of typed options.

    Args:
        given: options under the names of the schema; consumed.
        objective: what is predicted; `v` by default.
        mask_conditions: see `ADPCFG1dBackbone`.
    """
    max_length, tells_time = given.pop("context_embedding_max_length"), given.pop("use_xattn_time")
    model, multiple = network(given, exclude_masked=mask_conditions)
    backbone = ADPCFG1dBackbone(
        model,
        given["in_channels"],
        multiple,
        width=given["context_embedding_features"],
        max_length=max_length,
        time_channels=given["channels"] if tells_time else None,
        mask_conditions=mask_conditions,
    )
    backbone.objective = objective or "v"
    return backbone
