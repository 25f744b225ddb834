"""The U-Net of Moûsai as a backbone, without cross-attention."""

from __future__ import annotations

from collections.abc import Mapping
from math import prod
from typing import Any

from torch import Tensor
from torch.nn import functional as F

from narrows.configs import ADP1dConfig
from narrows.models._options import options
from narrows.models.diffusion.backbones import Backbone, build_backbone
from narrows.models.diffusion.backbones.base import Objective, halve
from narrows.models.diffusion.networks.unet1d import UNet1d
from narrows.models.diffusion.networks.unet1d.attention import AttentionOptions
from narrows.models.diffusion.networks.unet1d.stft import STFT


class ADP1dBackbone(Backbone):
    """A `UNet1d` whose initial parameters are halved.

    Args:
        model: the network.
        io_channels: channels that are diffused.
        length_multiple: product of the network's factors and patch size.
    """

    def __init__(self, model: UNet1d, io_channels: int, length_multiple: int) -> None:
        super().__init__(model, io_channels, length_multiple)
        halve(model)

    def forward(
        self,
        x: Tensor,
        t: Tensor,
        *,
        input_concat_cond: Tensor | None = None,
        global_cond: Tensor | None = None,
        causal: bool = False,
    ) -> Tensor:
        """Predict.

        Args:
            x: `(B, C, T)`.
            t: `(B,)`, from 0 (clean) to 1 (noise).
            input_concat_cond: `(B, context_channels[0], any)`, stretched to T by nearest neighbour.
            global_cond: `(B, context_features)`.
            causal: convolutions and attention see no later frame.
        """
        self.check(x)
        out: Tensor = self.model(x, t, features=global_cond, channels=stretched(input_concat_cond, x), causal=causal)
        return out


def stretched(condition: Tensor | None, x: Tensor) -> list[Tensor]:
    """A condition in the length of the signal, as the network takes it."""
    if condition is None:
        return []
    same = condition.shape[-1] == x.shape[-1]
    return [condition if same else F.interpolate(condition, x.shape[-1], mode="nearest")]


def network(given: Mapping[str, Any]) -> tuple[UNet1d, int]:
    """The network of typed options, and what its input's length must be a multiple of."""
    own = dict(given)
    attention = AttentionOptions(
        own.pop("attention_heads"),
        own.pop("attention_features"),
        own.pop("attention_multiplier"),
        own.pop("context_embedding_features"),
    )
    keys = ("num_fft", "hop_length", "window_length", "length", "use_complex")
    transform = {key: own.pop(f"stft_{key}") for key in keys}
    stft = None
    if own.pop("use_stft"):
        if transform["num_fft"] is None:
            raise ValueError("stft_num_fft must be given with use_stft")
        stft = STFT(**transform)
    multiple = 1 if stft else own["patch_size"] * prod(own["factors"])
    return UNet1d(attention=attention, stft=stft, **own), multiple


@build_backbone.register
def _(config: ADP1dConfig, objective: Objective | None = None) -> ADP1dBackbone:
    given = options(config)
    backbone = ADP1dBackbone(*_sized(given))
    backbone.objective = objective or "v"
    return backbone


def _sized(given: dict[str, Any]) -> tuple[UNet1d, int, int]:
    model, multiple = network(given)
    return model, given["in_channels"], multiple
