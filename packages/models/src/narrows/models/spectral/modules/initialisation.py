"""How complex weights start (Trabelsi et al., "Deep complex networks", ICLR 2018, section 3.6)."""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn

Linear = nn.Linear | nn.modules.conv._ConvNd


def complex_dtype() -> torch.dtype:
    """The complex type of torch's default precision."""
    return torch.get_default_dtype().to_complex()


@torch.no_grad()
def start_complex(layer: Linear) -> Linear:
    """Draw the weights of a complex layer: Rayleigh magnitudes, uniform phases, a zero bias.

    That is a complex normal distribution; its variance of `1 / fan_in` keeps the power of a signal through the layer
    (LeCun et al. 1998). Twice as much, which makes up for activations that halve the power (He et al. 2015), is too
    much here: skip connections add power again, and activations of the magnitude take little.
    """
    _complex_normal(layer.weight, math.sqrt(1 / _fan_in(layer)))
    if layer.bias is not None:
        layer.bias.zero_()
    return layer


def _fan_in(layer: Linear) -> float:
    """Inputs of an output value; of a transposed convolution on average, since its taps share the outputs."""
    if isinstance(layer, nn.Linear):
        return layer.in_features
    inputs = layer.in_channels // layer.groups * math.prod(layer.kernel_size)
    return inputs / math.prod(layer.stride) if isinstance(layer, nn.modules.conv._ConvTransposeNd) else inputs


def _complex_normal(weight: Tensor, deviation: float) -> None:
    real = torch.empty(2, *weight.shape, dtype=weight.real.dtype, device=weight.device).normal_(0, deviation / 2**0.5)
    weight.copy_(torch.complex(real[0], real[1]))
