"""Normalisation of tokens, and learned residual scales."""

from __future__ import annotations

from typing import ClassVar

import torch
from torch import Tensor, nn
from torch.nn import functional as F


class LayerNorm(nn.Module):
    """Layer normalisation whose bias is optional, and zero without it.

    Args:
        dim: width.
        bias: learn a bias.
        fix_scale: do not learn the scale.
        force_fp32: compute in float32 whatever the input's precision.
        eps: added to the variance.

    Shape:
        `(..., D)` → `(..., D)`
    """

    # `gamma` and `beta` are part of the checkpoint format even where they are constant.
    constants: ClassVar[frozenset[str]] = frozenset({"gamma", "beta"})
    gamma: Tensor
    beta: Tensor

    def __init__(
        self, dim: int, bias: bool = False, fix_scale: bool = False, force_fp32: bool = False, eps: float = 1e-5
    ) -> None:
        super().__init__()
        _learned_or_constant(self, "gamma", torch.ones(dim), learned=not fix_scale)
        _learned_or_constant(self, "beta", torch.zeros(dim), learned=bias)
        self.force_fp32 = force_fp32
        self.eps = eps

    def forward(self, x: Tensor) -> Tensor:
        """Normalise the last axis."""
        if not self.force_fp32:
            return F.layer_norm(x, x.shape[-1:], self.gamma, self.beta, self.eps)
        return F.layer_norm(x.float(), x.shape[-1:], self.gamma.float(), self.beta.float(), self.eps).to(x.dtype)


class RMSNorm(nn.Module):
    """Root-mean-square normalisation (Zhang & Sennrich 2019).

    Args:
        dim: width.
        fix_scale: do not learn the scale.
        force_fp32: compute in float32 whatever the input's precision.
        eps: added to the mean square.

    Shape:
        `(..., D)` → `(..., D)`
    """

    constants: ClassVar[frozenset[str]] = frozenset({"gamma"})
    gamma: Tensor

    def __init__(self, dim: int, fix_scale: bool = False, force_fp32: bool = False, eps: float = 1e-5) -> None:
        super().__init__()
        _learned_or_constant(self, "gamma", torch.ones(dim), learned=not fix_scale)
        self.force_fp32 = force_fp32
        self.eps = eps

    def forward(self, x: Tensor) -> Tensor:
        """Normalise the last axis."""
        if not self.force_fp32:
            return F.rms_norm(x, x.shape[-1:], self.gamma, self.eps)
        return F.rms_norm(x.float(), x.shape[-1:], self.gamma.float(), self.eps).to(x.dtype)


class DynamicTanh(nn.Module):
    """`γ tanh(αx) + β` in place of a normalisation (Zhu et al. 2025, arXiv 2503.10622).

    Args:
        dim: width.
        init_alpha: initial value of α, which all channels share.

    Shape:
        `(..., D)` → `(..., D)`
    """

    def __init__(self, dim: int, init_alpha: float) -> None:
        super().__init__()
        self.alpha = nn.Parameter(torch.full((1,), init_alpha))
        self.gamma = nn.Parameter(torch.ones(dim))
        self.beta = nn.Parameter(torch.zeros(dim))

    def forward(self, x: Tensor) -> Tensor:
        """Squash the last axis."""
        return self.gamma * torch.tanh(self.alpha * x) + self.beta


class LayerScale(nn.Module):
    """A learned scale a channel that starts near zero (Touvron et al. 2021, arXiv 2103.17239).

    Shape:
        `(..., D)` → `(..., D)`
    """

    def __init__(self, dim: int, initial: float = 1e-5) -> None:
        super().__init__()
        self.scale = nn.Parameter(torch.full((dim,), initial))

    def forward(self, x: Tensor) -> Tensor:
        """Scale the last axis."""
        return x * self.scale


def _learned_or_constant(module: nn.Module, name: str, value: Tensor, learned: bool) -> None:
    if learned:
        module.register_parameter(name, nn.Parameter(value))
    else:
        module.register_buffer(name, value)
