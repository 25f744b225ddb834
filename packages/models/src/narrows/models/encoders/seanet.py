"""The SEANet encoder of EnCodec (Défossez et al. 2022, arXiv 2210.13438; encodec 0.1.1)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from torch import Tensor, nn

from narrows.configs import SeanetEncoderConfig
from narrows.models._options import options
from narrows.models.blocks.layers import Layers
from narrows.models.blocks.lstm import SkipLSTM
from narrows.models.blocks.seanet import SeanetOptions
from narrows.models.encoders import build_encoder
from narrows.models.receptive_field import Chain


class SeanetEncoder(nn.Module):
    """Residual units and strided convolutions whose width doubles, then an LSTM.

    Args:
        channels: channels of the input.
        dimension: output channels.
        n_filters: width of the first stage.
        ratios: downsampling of each stage, the first one first. encodec takes them backwards and stable-audio-tools
            turns them round for it, inside the caller's configuration; here nothing is turned.
        kernel_size: taps of the first convolution.
        last_kernel_size: taps of the last convolution.
        lstm: LSTM layers; 0 for none.
        style: fields of `narrows.models.blocks.seanet.SeanetOptions`.

    Shape:
        `(B, channels, T)` → `(B, dimension, ceil(T / prod(ratios)))`
    """

    structure = Chain("model")

    # `model` and the index of each layer are part of the checkpoint format.
    def __init__(
        self,
        channels: int = 1,
        dimension: int = 128,
        n_filters: int = 32,
        ratios: Sequence[int] = (2, 2, 2, 2, 2),
        kernel_size: int = 7,
        last_kernel_size: int = 7,
        lstm: int = 2,
        **style: Any,
    ) -> None:
        super().__init__()
        shared = SeanetOptions(**style)
        layers: list[nn.Module] = [shared.conv(channels, n_filters, kernel_size)]
        width = n_filters
        for ratio in ratios:
            layers += [*shared.residual_units(width), shared.act(), shared.conv(width, 2 * width, 2 * ratio, ratio)]
            width *= 2
        layers += [SkipLSTM(width, lstm)] if lstm else []
        layers += [shared.act(), shared.conv(width, dimension, last_kernel_size)]
        self.model = Layers(*layers)

    def forward(self, x: Tensor) -> Tensor:
        """Encode."""
        out: Tensor = self.model(x)
        return out


@build_encoder.register
def _(config: SeanetEncoderConfig) -> SeanetEncoder:
    return SeanetEncoder(**options(config))
