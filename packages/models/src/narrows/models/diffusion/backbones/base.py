"""The base class of diffusion backbones.

Letters: B batch, C channels that are diffused, T frames, N condition tokens.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

import torch
from torch import Generator, Tensor, nn

from narrows.models.arithmetic import arithmetic_of
from narrows.models.blocks.draws import coins
from narrows.models.diffusion.adapted import TimedAdapter, run
from narrows.models.diffusion.conditions import CONDITION, MASK, Inputs, Place, cast, mapped, split

Objective = Literal["v", "rectified_flow", "rf_denoiser"]
Info = dict[str, Any]


@dataclass(frozen=True)
class CallOptions:
    """What a call can be told beside its conditions."""

    padding_mask: Tensor | None = None
    """`(B, T)`, false for padding, which then changes nothing else and comes out as zeros; None for no padding."""
    causal: bool = False
    """No frame sees a later one."""
    exit_layer_ix: int | None = None
    """Return the features behind this layer."""
    generator: Generator | None = None
    """Source of noise, where a backbone draws any; None for the global one."""


class Backbone(nn.Module, ABC):
    """Predicts velocity or noise from a noisy signal, the time and conditions.

    A call takes `(B, C, T)`, times `(B,)` and conditions by the reference's names, and returns `(B, C, T)`. Conditions
    of places that a backbone has not are ignored, as in the reference.

    Args:
        io_channels: channels that are diffused.
        length_multiple: frames must be a multiple of it.
    """

    objective: Objective = "v"
    """What the output is: the velocity of v-diffusion, or of a rectified flow."""
    guided: tuple[Place, ...] = ()
    """Where conditions are taken away, and negative ones heard, by guidance."""
    mask_conditions: bool = False
    """Whether padding of conditions is left out of attention."""
    batched_guidance: ClassVar[bool] = True
    """Whether guidance takes one call where nobody says; where it does not, the reference hears nothing negative."""

    drops_when_guided: ClassVar[bool] = False
    """Whether conditions are dropped in guided calls too, as the reference of some backbones does."""

    def __init__(self, io_channels: int, length_multiple: int) -> None:
        super().__init__()
        self.io_channels = io_channels
        self.length_multiple = length_multiple
        self.timed_adapters: tuple[TimedAdapter, ...] = ()
        """Adapters that act at some noise levels only."""

    @property
    def dtype(self) -> torch.dtype:
        """Precision of the weights."""
        return arithmetic_of(self)

    def forward(
        self,
        x: Tensor,
        t: Tensor,
        *,
        padding_mask: Tensor | None = None,
        causal: bool = False,
        exit_layer_ix: int | None = None,
        return_info: bool = False,
        generator: Generator | None = None,
        **conditions: Any,
    ) -> Tensor | tuple[Tensor, Info]:
        """Predict, without guidance.

        Args:
            x: `(B, C, T)`.
            t: `(B,)`, from 0 (clean) to 1 (noise).
            padding_mask: `(B, T)`, false for padding; None for no padding.
            causal: no frame sees a later one.
            exit_layer_ix: return the features behind this layer, where a backbone has layers to leave at.
            return_info: return `(output, info)`.
            generator: source of noise, where a backbone draws any.
            conditions: `cross_attn_cond` `(B, N, D)`, `cross_attn_mask` `(B, N)`, `global_cond` `(B, D)`,
                `input_concat_cond` `(B, D, any)`, `prepend_cond` `(B, N, D)`, `prepend_cond_mask` `(B, N)`,
                `local_add_cond` `(B, D, frames)`, `modular_local_cond`, a dictionary of such; those to stay away from
                (`negative_...`) have an effect in `DiffusionModel.predict` only.
        """
        given, _ = split(conditions)
        options = CallOptions(padding_mask, causal, exit_layer_ix, generator)
        out, info = run(self, x, t, self.prepared(given, t), options)
        return (out, info) if return_info else out

    @abstractmethod
    def run(self, x: Tensor, t: Tensor, inputs: Inputs, options: CallOptions) -> tuple[Tensor, Info]:
        """Predict from what `prepared` gives."""

    @property
    def masks_padding(self) -> bool:
        """Whether items of several lengths run as one batch, each as if alone, when they are told their padding."""
        return False

    @property
    @abstractmethod
    def takes(self) -> frozenset[Place]:
        """Where this backbone takes conditions."""

    def prepared(self, inputs: Inputs, t: Tensor) -> Inputs:
        """The conditions that this backbone takes, in the precision of its weights."""
        names = {CONDITION[place] for place in self.takes} | {MASK[place] for place in self.takes if place in MASK}
        return cast({name: value for name, value in inputs.items() if name in names}, self.dtype)

    def null(self, inputs: Inputs, places: Sequence[Place]) -> Inputs:
        """Prepared inputs with the conditions of some places taken away: zeros."""
        names = {CONDITION[place] for place in places}
        return {
            name: mapped({name: value}, torch.zeros_like)[name] if name in names else value
            for name, value in inputs.items()
        }

    def dropped(
        self,
        inputs: Inputs,
        probability: float,
        places: Sequence[Place],
        generator: Generator | None = None,
        joint: bool = False,
    ) -> Inputs:
        """Take the conditions of randomly chosen items away (Ho & Salimans 2022).

        Each place is taken away by draws of its own, or with `joint` all places of an item by one draw.
        """
        out = dict(inputs)
        gone = None
        for place in places:
            name = CONDITION[place]
            if name in out:
                given = out[name]
                without = self.replacement(inputs, place)
                first = next(iter(given.values())) if isinstance(given, dict) else given
                if gone is None or not joint:
                    gone = coins(torch.full((len(first),), probability, device=first.device), generator)
                out[name] = _chosen(gone, without, given)
        return out

    def replacement(self, inputs: Inputs, place: Place) -> Any:
        """What stands in the place of conditions that are taken away."""
        name = CONDITION[place]
        return mapped({name: inputs[name]}, torch.zeros_like)[name]

    def rescale(self, scale_phi: float | None, rescale_cfg: bool) -> float:
        """How far guidance brings the spread of its output back, by the arguments of the reference."""
        return scale_phi or 0.0

    def stages(self) -> list[nn.Module]:
        """The parts one after the other whose activations can be computed again in the backward pass."""
        return []

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


def checked_mask(mask: Tensor | None, x: Tensor) -> Tensor | None:
    """A padding mask as booleans.

    Raises:
        ValueError: it is not of the shape of the frames, or an item is all padding.
    """
    if mask is None:
        return None
    if mask.shape != (len(x), x.shape[-1]):
        raise ValueError(f"padding_mask must be of shape {(len(x), x.shape[-1])}, got {tuple(mask.shape)}")
    return mask.bool()


def _chosen(gone: Tensor, without: Any, given: Any) -> Any:
    if isinstance(given, dict):
        return {key: _chosen(gone, without[key], tensor) for key, tensor in given.items()}
    return torch.where(gone.reshape(-1, *(1,) * (given.dim() - 1)), without, given)
