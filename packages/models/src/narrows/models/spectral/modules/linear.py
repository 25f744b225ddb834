"""Linear layers and layer norms over the last axis, real or complex."""

from __future__ import annotations

from torch import Tensor, nn

from narrows.models.spectral.modules.initialisation import complex_dtype, start_complex
from narrows.models.spectral.modules.norms import ComplexChannelNorm


class ComplexLinear(nn.Linear):
    """torch's linear layer on complex weights, with weights drawn for them."""

    def __init__(self, in_features: int, out_features: int, bias: bool = True) -> None:
        super().__init__(in_features, out_features, bias, dtype=complex_dtype())
        start_complex(self)


class ComplexLayerNorm(ComplexChannelNorm):
    """Complex layer normalisation over the last axis.

    Shape:
        `(..., C)` → `(..., C)`
    """

    def forward(self, x: Tensor) -> Tensor:
        """Normalise."""
        return super().forward(x.movedim(-1, 1)).movedim(1, -1)


def linear(in_features: int, out_features: int, is_complex: bool) -> nn.Module:
    """A linear layer."""
    return ComplexLinear(in_features, out_features) if is_complex else nn.Linear(in_features, out_features)


def layer_norm(features: int, is_complex: bool) -> nn.Module:
    """A layer norm."""
    return ComplexLayerNorm(features) if is_complex else nn.LayerNorm(features)
