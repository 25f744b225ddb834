"""The convolution module of the Conformer (Gulati et al. 2020), with layer norm in place of batch norm."""

from __future__ import annotations

from torch import Tensor, nn
from torch.nn import functional as F

from narrows.models.blocks.transformer.feedforward import GLU
from narrows.models.blocks.transformer.norms import LayerNorm
from narrows.models.receptive_field import ReceptiveField, chain


class ConformerModule(nn.Module):
    """A depthwise convolution of 17 tokens between pointwise layers.

    Args:
        dim: width.
        norm_kwargs: options of the layer norms.

    Shape:
        `(B, N, D)` → `(B, N, D)`
    """

    # The attribute names are part of the checkpoint format.
    def __init__(self, dim: int, **norm_kwargs: bool | float) -> None:
        super().__init__()
        self.in_norm = LayerNorm(dim, **norm_kwargs)  # type: ignore[arg-type]
        self.pointwise_conv = nn.Conv1d(dim, dim, 1, bias=False)
        self.glu = GLU(dim, dim, nn.SiLU())
        self.depthwise_conv = nn.Conv1d(dim, dim, 17, groups=dim, padding=8, bias=False)
        self.mid_norm = LayerNorm(dim, **norm_kwargs)  # type: ignore[arg-type]
        self.pointwise_conv_2 = nn.Conv1d(dim, dim, 1, bias=False)

    def forward(self, x: Tensor, valid: Tensor | None = None) -> Tensor:
        """Convolve over tokens.

        Args:
            x: `(B, N, D)`.
            valid: `(B, N)`, false for padding, which the convolution then sees as zeros; None for no padding.
        """
        x = self.glu(_over_tokens(self.pointwise_conv, self.in_norm(x)))
        x = x if valid is None else x * valid[:, :, None]
        x = F.silu(self.mid_norm(_over_tokens(self.depthwise_conv, x)))
        return _over_tokens(self.pointwise_conv_2, x)

    def receptive_field(self) -> ReceptiveField:
        """See `narrows.models.receptive_field`."""
        return chain(self.depthwise_conv)


def _over_tokens(convolution: nn.Conv1d, x: Tensor) -> Tensor:
    out: Tensor = convolution(x.transpose(-1, -2)).transpose(-1, -2)
    return out
