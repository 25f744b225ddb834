"""What the two backbones on the U-Net of Moûsai have in common."""

from __future__ import annotations

from collections.abc import Mapping
from math import prod
from typing import Any

from torch import Tensor
from torch.nn import functional as F

from narrows.models.diffusion.backbones.base import CallOptions, checked_mask
from narrows.models.diffusion.backbones.lengths import by_length
from narrows.models.diffusion.conditions import CONDITION, MASK, Inputs, Place
from narrows.models.diffusion.networks.unet1d import UNet1d
from narrows.models.diffusion.networks.unet1d.attention import AttentionOptions
from narrows.models.diffusion.networks.unet1d.stft import STFT


def network(given: Mapping[str, Any], exclude_masked: bool = False) -> tuple[UNet1d, int]:
    """The network of typed options, and what its input's length must be a multiple of."""
    own = dict(given)
    attention = AttentionOptions(
        own.pop("attention_heads"),
        own.pop("attention_features"),
        own.pop("attention_multiplier"),
        own.pop("context_embedding_features"),
        exclude_masked,
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


def places(model: UNet1d) -> frozenset[Place]:
    """Where the network takes conditions; as in the reference, others are ignored."""
    found: set[Place] = set()
    if model.to_features is not None:
        found.add("global")
    if any(model.context_channels):
        found.add("concat")
    return frozenset(found)


def run(model: UNet1d, x: Tensor, t: Tensor, inputs: Inputs, options: CallOptions, multiple: int) -> Tensor:
    """Run the network on a batch, items of different lengths apart."""
    name = CONDITION["concat"]
    if name in inputs:
        inputs = {**inputs, name: stretched(inputs[name], x)}

    def call(x: Tensor, t: Tensor, inputs: Inputs) -> Tensor:
        out: Tensor = model(
            x,
            t,
            features=inputs.get(CONDITION["global"]),
            channels=[inputs[name]] if name in inputs else [],
            context=inputs.get(CONDITION["cross"]),
            context_mask=inputs.get(MASK["cross"]),
            causal=options.causal,
        )
        return out

    valid = checked_mask(options.padding_mask, x)
    return call(x, t, inputs) if valid is None else by_length(call, x, t, inputs, valid, multiple)


def stretched(condition: Tensor, x: Tensor) -> Tensor:
    """A condition in the length of the signal, by nearest neighbour."""
    same = condition.shape[-1] == x.shape[-1]
    return condition if same else F.interpolate(condition, x.shape[-1], mode="nearest")
