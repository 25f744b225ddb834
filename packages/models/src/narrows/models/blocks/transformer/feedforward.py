"""The feed-forward part of a transformer block."""

from __future__ import annotations

import math
from collections.abc import Callable

import torch
from torch import Tensor, nn

from narrows.models.receptive_field import ReceptiveField, chain


class Sine(nn.Module):
    """`sin(πx)`."""

    def forward(self, x: Tensor) -> Tensor:
        """Apply the activation."""
        return torch.sin(math.pi * x)


class GLU(nn.Module):
    """A linear layer whose second half gates the first (Shazeer 2020).

    Shape:
        `(..., dim)` → `(..., dim_out)`
    """

    fused: Callable[[GLU, Tensor], Tensor | None] | None = None
    """A faster way to the same result, None for inputs that it is not for; set by
    `narrows.models.inference.prepare_for_inference`."""

    def __init__(self, dim: int, dim_out: int, activation: nn.Module) -> None:
        super().__init__()
        self.act = activation
        self.proj = nn.Linear(dim, dim_out * 2)

    @property
    def is_swish(self) -> bool:
        """Whether its activation is one that products can be fused with."""
        return type(self.act) is nn.SiLU

    def forward(self, x: Tensor) -> Tensor:
        """Project and gate."""
        done = None if self.fused is None else self.fused(self, x)
        if done is not None:
            return done
        value, gate = self.proj(x).chunk(2, dim=-1)
        out: Tensor = value * self.act(gate)
        return out


class SwapLastAxes(nn.Module):
    """`(B, N, D)` ↔ `(B, D, N)`."""

    def forward(self, x: Tensor) -> Tensor:
        """Swap the last two axes."""
        return x.transpose(-1, -2)


class FeedForward(nn.Module):
    """Two layers, the first gated.

    Args:
        dim: width.
        mult: hidden width as a multiple of `dim`.
        no_bias: leave out biases; a gated first layer keeps its own, as in the reference.
        glu: gate the first layer.
        use_conv: convolve over tokens instead of working on each alone; a gated first layer stays linear.
        conv_kernel_size: tokens that a convolution sees; odd.
        zero_init_output: start with an output of zero.
        sinusoidal: `sin(πx)` instead of SiLU.

    Shape:
        `(B, N, D)` → `(B, N, D)`
    """

    # `ff` and the index of each layer are part of the checkpoint format.
    def __init__(
        self,
        dim: int,
        mult: float = 4,
        no_bias: bool = False,
        glu: bool = True,
        use_conv: bool = False,
        conv_kernel_size: int = 3,
        zero_init_output: bool = True,
        sinusoidal: bool = False,
    ) -> None:
        super().__init__()
        hidden = int(dim * mult)
        activation: nn.Module = Sine() if sinusoidal else nn.SiLU()
        swap: nn.Module = SwapLastAxes() if use_conv else nn.Identity()
        bias, kernel = not no_bias, conv_kernel_size if use_conv else None
        first: nn.Module
        if glu:
            first = GLU(dim, hidden, activation)
        else:
            first = nn.Sequential(swap, _layer(dim, hidden, bias, kernel), swap, activation)
        last = _layer(hidden, dim, bias, kernel)
        if zero_init_output:
            for parameter in last.parameters():
                nn.init.zeros_(parameter)
        self.ff = nn.Sequential(first, swap, last, swap)
        self.convolves = use_conv

    def forward(self, x: Tensor, valid: Tensor | None = None) -> Tensor:
        """Transform each token.

        Args:
            x: `(B, N, D)`.
            valid: `(B, N)`, false for padding, which convolutions then see as zeros; None for no padding.
        """
        if valid is None or not self.convolves:
            out: Tensor = self.ff(x)
            return out
        first, swap, last, _ = self.ff
        kept = valid[:, :, None]
        out = swap(last(swap(first(x * kept) * kept)))
        return out

    def receptive_field(self) -> ReceptiveField:
        """See `narrows.models.receptive_field`."""
        return chain(*(layer for layer in self.modules() if isinstance(layer, nn.Conv1d)))


def _layer(dim: int, dim_out: int, bias: bool, kernel: int | None) -> nn.Module:
    """A linear layer, or a convolution over tokens."""
    if kernel is None:
        return nn.Linear(dim, dim_out, bias=bias)
    return nn.Conv1d(dim, dim_out, kernel, padding=kernel // 2, bias=bias)
