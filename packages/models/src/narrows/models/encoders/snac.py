"""The encoder of SNAC (Siuzdak et al. 2024, arXiv 2410.14411; snac 1.2.1)."""

from __future__ import annotations

from collections.abc import Sequence

from torch import Tensor, nn

from narrows.configs import SnacEncoderConfig
from narrows.models._options import options
from narrows.models.blocks.convolutions import weight_norm_conv1d
from narrows.models.blocks.folding import Fold
from narrows.models.blocks.layers import Layers
from narrows.models.blocks.snac import EncoderBlock, WindowAttention, check_fold
from narrows.models.encoders import build_encoder
from narrows.models.receptive_field import Chain


class SnacEncoder(nn.Module):
    """A stack of strided convolutions whose width doubles, attention in windows, and a convolution.

    Args:
        in_channels: channels of the input.
        d_model: width of the first stage.
        strides: downsampling of each stage.
        depthwise: whether convolutions work on each channel alone.
        attn_window_size: frames of a window of attention; None for no attention.
        fold: frames that are joined into a latent frame; a multiple of the window.

    Shape:
        `(B, in_channels, T)` → `(B, d_model * 2**len(strides) * fold, T / (prod(strides) * fold))`
    """

    structure = Chain("block", "fold")

    # `block` and the index of each layer are part of the checkpoint format.
    def __init__(
        self,
        in_channels: int = 1,
        d_model: int = 48,
        strides: Sequence[int] = (2, 4, 8, 8),
        depthwise: bool = True,
        attn_window_size: int | None = None,
        fold: int = 4,
    ) -> None:
        super().__init__()
        check_fold(fold, attn_window_size)
        widths = [d_model * 2**stage for stage in range(len(strides) + 1)]
        last = widths[-1]
        self.block = Layers(
            weight_norm_conv1d(in_channels, d_model, 7, padding=3),
            *(EncoderBlock(width, stride, depthwise) for width, stride in zip(widths[1:], strides, strict=True)),
            *([] if attn_window_size is None else [WindowAttention(last, attn_window_size)]),
            weight_norm_conv1d(last, last, 7, padding=3, groups=last if depthwise else 1),
        )
        self.fold = Fold(fold)

    def forward(self, x: Tensor) -> Tensor:
        """Encode."""
        out: Tensor = self.fold(self.block(x))
        return out


@build_encoder.register
def _(config: SnacEncoderConfig) -> SnacEncoder:
    return SnacEncoder(**options(config))
