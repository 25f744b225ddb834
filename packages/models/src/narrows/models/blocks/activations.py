"""Activations with learned frequency, anti-aliased activations, and those of torch by name."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from narrows.audio.fixed_filters import convolve_fixed
from narrows.models.blocks import fused_snake
from narrows.models.receptive_field import ReceptiveField, chain, convolution, padding, pointwise, transposed

Fused = Callable[[Tensor, Tensor, Tensor, torch.dtype], Tensor]


def snake(x: Tensor, frequency: Tensor, gain: Tensor, dtype: torch.dtype) -> Tensor:
    """`x + gain * sin²(frequency * x)`, computed in float32; written to be compiled into one loop."""
    wide = x.float()
    return (wide + gain * torch.sin(wide * frequency).square()).to(dtype)


class SnakeBeta(nn.Module):
    """`x + sin²(αx) / β` with a learned α and β a channel (Ziyin et al. 2020; BigVGAN, Lee et al. 2023).

    The parameters are stored as logarithms and start at zero, so that α = β = 1.

    Shape:
        `(B, C, T)` → `(B, C, T)`
    """

    fused: Fused | None = None
    """`snake`, compiled: set by `narrows.models.inference`."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.alpha = nn.Parameter(torch.zeros(channels))
        self.beta = nn.Parameter(torch.zeros(channels))

    def forward(self, x: Tensor) -> Tensor:
        """Apply the activation."""
        alpha, beta = self.alpha.exp()[:, None], self.beta.exp()[:, None]
        return fused_snake.snake(x, alpha, 1.0 / (beta + 1e-9))

    def receptive_field(self) -> ReceptiveField:
        """See `narrows.models.receptive_field`."""
        return pointwise()


class Snake(nn.Module):
    """`x + sin²(αx) / α` with a learned α a channel (Ziyin et al. 2020; Kumar et al. 2023).

    Shape:
        `(B, C, T)` → `(B, C, T)`
    """

    fused: Fused | None = None
    """`snake`, compiled: set by `narrows.models.inference`."""

    # The shape of α is part of the checkpoint format of descript-audio-codec.
    def __init__(self, channels: int) -> None:
        super().__init__()
        self.alpha = nn.Parameter(torch.ones(1, channels, 1))

    def forward(self, x: Tensor) -> Tensor:
        """Apply the activation."""
        return fused_snake.snake(x, self.alpha, 1.0 / (self.alpha + 1e-9))

    def receptive_field(self) -> ReceptiveField:
        """See `narrows.models.receptive_field`."""
        return pointwise()


def kaiser_lowpass(cutoff: float, half_width: float, size: int) -> Tensor:
    """Windowed-sinc low-pass of unit gain (alias-free-torch; Karras et al. 2021).

    Args:
        cutoff: as a fraction of the sample rate, 0 to 0.5.
        half_width: half of the transition band, as a fraction of the sample rate.
        size: taps.

    Returns:
        `(1, 1, size)`
    """
    attenuation = 2.285 * (size // 2 - 1) * math.pi * 4 * half_width + 7.95
    if attenuation > 50:
        beta = 0.1102 * (attenuation - 8.7)
    elif attenuation >= 21:
        beta = 0.5842 * (attenuation - 21) ** 0.4 + 0.07886 * (attenuation - 21)
    else:
        beta = 0.0
    window = torch.kaiser_window(size, beta=beta, periodic=False)
    offset = 0.5 if size % 2 == 0 else 0.0
    time = torch.arange(-(size // 2), size - size // 2) + offset
    taps = 2 * cutoff * window * torch.sinc(2 * cutoff * time)
    return (taps / taps.sum())[None, None]


class _Upsample(nn.Module):
    """Twofold upsampling with a low-pass of 12 taps."""

    filter: Tensor

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("filter", kaiser_lowpass(0.25, 0.3, 12))

    def forward(self, x: Tensor) -> Tensor:
        channels = x.shape[1]
        x = F.pad(x, (5, 5), mode="replicate")
        x = 2 * convolve_fixed(F.conv_transpose1d, x, self.filter.expand(channels, -1, -1), stride=2, groups=channels)
        return x[..., 15:-15]

    def receptive_field(self) -> ReceptiveField:
        return chain(padding(5), transposed(12, stride=2, trim=15))


class _LowPass(nn.Module):
    """Low-pass and twofold decimation with 12 taps."""

    filter: Tensor

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("filter", kaiser_lowpass(0.25, 0.3, 12))

    def forward(self, x: Tensor) -> Tensor:
        channels = x.shape[1]
        x = F.pad(x, (5, 6), mode="replicate")
        return convolve_fixed(F.conv1d, x, self.filter.expand(channels, -1, -1), stride=2, groups=channels)

    def receptive_field(self) -> ReceptiveField:
        return convolution(12, stride=2, pad=5)


class _Downsample(nn.Module):
    # The state-dict name `lowpass` is part of the checkpoint format.
    def __init__(self) -> None:
        super().__init__()
        self.lowpass = _LowPass()

    def forward(self, x: Tensor) -> Tensor:
        out: Tensor = self.lowpass(x)
        return out

    def receptive_field(self) -> ReceptiveField:
        return chain(self.lowpass)


class AntiAliased(nn.Module):
    """An activation applied at twice the sample rate, so that its harmonics do not fold back.

    Shape:
        `(B, C, T)` → `(B, C, T)`
    """

    # The attribute names are part of the checkpoint format.
    def __init__(self, activation: nn.Module) -> None:
        super().__init__()
        self.act = activation
        self.upsample = _Upsample()
        self.downsample = _Downsample()

    def forward(self, x: Tensor) -> Tensor:
        """Upsample, activate, downsample."""
        out: Tensor = self.downsample(self.act(self.upsample(x)))
        return out

    def receptive_field(self) -> ReceptiveField:
        """See `narrows.models.receptive_field`."""
        return chain(self.upsample, self.act, self.downsample)


def activation(channels: int, snake: bool, antialias: bool = False) -> nn.Module:
    """Snake or ELU, anti-aliased or not."""
    module: nn.Module = SnakeBeta(channels) if snake else nn.ELU()
    return AntiAliased(module) if antialias else module


# All that work on each value alone, need no argument and are not random.
TORCH_ACTIVATIONS: dict[str, type[nn.Module]] = {
    cls.__name__: cls
    for cls in (
        nn.CELU, nn.ELU, nn.GELU, nn.Hardshrink, nn.Hardsigmoid, nn.Hardswish, nn.Hardtanh, nn.Identity, nn.LeakyReLU,
        nn.LogSigmoid, nn.Mish, nn.PReLU, nn.ReLU, nn.ReLU6, nn.SELU, nn.SiLU, nn.Sigmoid, nn.Softplus, nn.Softshrink,
        nn.Softsign, nn.Tanh, nn.Tanhshrink,
    )
}  # fmt: skip


def torch_activation(name: str, params: Mapping[str, float | str | None] | None = None) -> nn.Module:
    """An activation of torch.

    Args:
        name: its class name, from a closed list.
        params: its arguments; None leaves the default of torch.
    """
    if name not in TORCH_ACTIVATIONS:
        raise ValueError(f"activation must be one of {', '.join(TORCH_ACTIVATIONS)}; got {name!r}")
    given = {key: value for key, value in (params or {}).items() if value is not None}
    return TORCH_ACTIVATIONS[name](**given)
