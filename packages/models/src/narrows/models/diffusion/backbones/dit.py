"""The diffusion transformer as a backbone."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

from torch import Tensor, nn

from narrows.configs import DiTConfig
from narrows.models._options import options
from narrows.models.diffusion.backbones import Backbone, build_backbone
from narrows.models.diffusion.backbones.base import CallOptions, Info, Objective, checked_mask
from narrows.models.diffusion.conditions import CONDITION, MASK, Inputs, Place
from narrows.models.diffusion.networks.dit import Conditions, DiffusionTransformer

Padding = Literal["masked", "zeroed_values"]


class DiTBackbone(Backbone):
    """A `DiffusionTransformer`.

    Args:
        model: the network.
        io_channels: channels that are diffused.
        objective: what it predicts.
        mask_conditions: leave padding of the conditions out of attention; the released models see it.
        padding: how padding of the signal is kept from attention: `masked`, or `zeroed_values` as where Stable Audio 3
            runs without flash-attention, whose numbers then depend on how much padding there is.
    """

    guided: tuple[Place, ...] = ("cross", "prepend")

    # `model` is part of the checkpoint format.
    def __init__(
        self,
        model: DiffusionTransformer,
        io_channels: int,
        objective: Objective = "v",
        mask_conditions: bool = False,
        padding: Padding = "masked",
    ) -> None:
        super().__init__(io_channels, model.patch_size)
        self.model = model
        self.objective = objective
        self.mask_conditions = mask_conditions
        self.padding = padding

    @property
    def takes(self) -> frozenset[Place]:
        """All places: a condition without layers for it is an error."""
        return frozenset(CONDITION)

    @property
    def masks_padding(self) -> bool:
        """See `Backbone`."""
        return self.padding == "masked"

    def prepared(self, inputs: Inputs, t: Tensor) -> Inputs:
        """See `Backbone`; masks of conditions only where they count."""
        ready = super().prepared(inputs, t)
        if self.mask_conditions:
            return {name: value.bool() if name in MASK.values() else value for name, value in ready.items()}
        return {name: value for name, value in ready.items() if name not in MASK.values()}

    def null(self, inputs: Inputs, places: Sequence[Place]) -> Inputs:
        """See `Backbone`. Without a context nothing is attended to, which is what attention to zeros gives."""
        gone = {CONDITION["cross"], MASK["cross"]} if "cross" in places else set()
        kept = {name: value for name, value in inputs.items() if name not in gone}
        return super().null(kept, places)

    def run(self, x: Tensor, t: Tensor, inputs: Inputs, options: CallOptions) -> tuple[Tensor, Info]:
        """See `Backbone`."""
        self.check(x)
        if options.causal:
            raise ValueError("A transformer is causal by its configuration (`causal`), not call by call")
        valid = checked_mask(options.padding_mask, x)
        given = Conditions(
            cross=inputs.get(CONDITION["cross"]),
            vector=inputs.get(CONDITION["global"]),
            concat=inputs.get(CONDITION["concat"]),
            prepend=inputs.get(CONDITION["prepend"]),
            local=inputs.get(CONDITION["local"]),
            modular=inputs.get(CONDITION["modular"]),
            cross_valid=inputs.get(MASK["cross"]),
            prepend_valid=inputs.get(MASK["prepend"]),
        )
        zero_values = self.padding == "zeroed_values"
        out, info = self.model(x.to(self.dtype), t, given, options.exit_layer_ix, valid, zero_values)
        if valid is not None and options.exit_layer_ix is None and not zero_values:
            out = out * valid[:, None]
        return out, info

    def stages(self) -> list[nn.Module]:
        """See `Backbone`."""
        return list(self.model.transformer.layers)


@build_backbone.register
def _(config: DiTConfig, objective: Objective | None = None) -> DiTBackbone:
    return dit_backbone(options(config), objective)


def dit_backbone(given: dict[str, Any], objective: Objective | None = None, **more: Any) -> DiTBackbone:
    """The backbone of typed options.

    Args:
        given: options of the network, under the names of the schema; consumed.
        objective: what is predicted, where the options do not say.
        more: further options of `DiTBackbone` and, as `modular_local_cond_dims`, of the network.
    """
    in_channels, channels = given.pop("in_channels"), given.pop("io_channels")
    channels = in_channels or channels
    given.pop("transformer_type")  # one value
    objective = given.pop("diffusion_objective") or objective or "v"
    norm_type, remove_norms = given.pop("norm_type"), given.pop("remove_norms")
    if given["ff_kwargs"].pop("dim_out") not in (None, given["embed_dim"]):
        raise ValueError("ff_kwargs.dim_out must be null or equal to embed_dim: the output is added to the input")
    if norm_type == "rms_norm" and given["norm_kwargs"].pop("bias"):
        raise ValueError("norm_kwargs.bias must be false with norm_type rms_norm, which has no bias")
    network = DiffusionTransformer(
        channels,
        norm_type=norm_type or ("dyt" if remove_norms else "layer_norm"),
        dyt_alpha=4.0 if norm_type else 10.0,  # initial values of Stable Audio 3 and of stable-audio-tools
        modular_local_cond_dims=more.pop("modular_local_cond_dims", None),
        **given,
    )
    return DiTBackbone(network, channels, objective, **more)
