"""The encoder of the Descript Audio Codec (Kumar et al. 2023, arXiv 2306.06546), as stable-audio-tools wraps it."""

from __future__ import annotations

from collections.abc import Sequence

from torch import Tensor, nn

from narrows.configs import DacEncoderConfig
from narrows.models._options import options
from narrows.models.blocks.activations import Snake
from narrows.models.blocks.convolutions import weight_norm_conv1d
from narrows.models.blocks.dac import EncoderBlock
from narrows.models.blocks.layers import Layers
from narrows.models.encoders import build_encoder
from narrows.models.receptive_field import Chain


class DacStack(nn.Module):
    """The encoder as descript-audio-codec has it.

    Shape:
        `(B, in_channels, T)` → `(B, d_model * 2**len(strides), T / prod(strides))`
    """

    structure = Chain("block")

    # `block` and the index of each layer are part of the checkpoint format.
    def __init__(self, in_channels: int, d_model: int, strides: Sequence[int], exact_length: bool) -> None:
        super().__init__()
        widths = [d_model * 2**stage for stage in range(len(strides) + 1)]
        self.block = Layers(
            weight_norm_conv1d(in_channels, d_model, 7, padding=3),
            *(EncoderBlock(width, stride, exact_length) for width, stride in zip(widths[1:], strides, strict=True)),
            Snake(widths[-1]),
            weight_norm_conv1d(widths[-1], widths[-1], 3, padding=1),
        )

    def forward(self, x: Tensor) -> Tensor:
        """Encode."""
        out: Tensor = self.block(x)
        return out


class DacEncoder(nn.Module):
    """A stack of strided convolutions whose width doubles, and a projection.

    Args:
        in_channels: channels of the input.
        latent_dim: output channels; None leaves the last width, `d_model * 2**len(strides)`.
        d_model: width of the first stage.
        strides: downsampling of each stage.
        exact_length: keep the length at stride 1; see `downsampling_conv1d`.

    Shape:
        `(B, in_channels, T)` → `(B, latent_dim, T / prod(strides))`
    """

    structure = Chain("encoder", "proj_out")

    # `encoder` and `proj_out` are part of the checkpoint format.
    def __init__(
        self,
        in_channels: int = 1,
        latent_dim: int | None = None,
        d_model: int = 64,
        strides: Sequence[int] = (2, 4, 8, 8),
        exact_length: bool = False,
    ) -> None:
        super().__init__()
        self.encoder = DacStack(in_channels, d_model, strides, exact_length)
        width = d_model * 2 ** len(strides)
        self.proj_out = nn.Identity() if latent_dim is None else nn.Conv1d(width, latent_dim, 1)

    def forward(self, x: Tensor) -> Tensor:
        """Encode."""
        out: Tensor = self.proj_out(self.encoder(x))
        return out


@build_encoder.register
def _(config: DacEncoderConfig) -> DacEncoder:
    return DacEncoder(**options(config))
