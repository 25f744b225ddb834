"""The Oobleck encoder of Stable Audio (Evans et al. 2024, arXiv 2402.04825; stable-audio-tools)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

from torch import Tensor, nn

from narrows.configs import OobleckEncoderConfig
from narrows.models._options import options
from narrows.models.blocks.activations import activation
from narrows.models.blocks.convolutions import weight_norm_conv1d
from narrows.models.blocks.layers import Layers
from narrows.models.blocks.lstm import SkipLSTM
from narrows.models.blocks.oobleck import AveragingShortcut, EncoderBlock, WithShortcut
from narrows.models.encoders import build_encoder
from narrows.models.receptive_field import Chain


class OobleckEncoder(nn.Module):
    """A stack of strided convolutions with dilated residual units.

    Args:
        in_channels: channels of the input.
        channels: base width.
        latent_dim: output channels.
        c_mults: width of each stage as a multiple of `channels`.
        strides: downsampling of each stage.
        use_snake: Snake instead of ELU.
        antialias_activation: anti-alias the last activation. The reference means to anti-alias the blocks too but
            does not hand the option on; weights trained with it need the default of `antialias_blocks`.
        antialias_blocks: anti-alias inside the blocks as well.
        exact_length: keep the length at stride 1; see `downsampling_conv1d`.
        lstm: LSTM layers behind the last stage; 0 for none (BigCodec, Xin et al. 2024, arXiv 2409.05377).
        shortcuts: average around each stage and the last convolution, without an activation in front of the latter
            (LongCat-AudioDiT).

    Shape:
        `(B, in_channels, T)` → `(B, latent_dim, T / prod(strides))`
    """

    structure = Chain("layers")

    # `layers` and the index of each layer are part of the checkpoint format.
    def __init__(
        self,
        in_channels: int = 2,
        channels: int = 128,
        latent_dim: int = 32,
        c_mults: Sequence[int] = (1, 2, 4, 8),
        strides: Sequence[int] = (2, 4, 8, 8),
        use_snake: bool = False,
        antialias_activation: bool = False,
        antialias_blocks: bool = False,
        exact_length: bool = False,
        lstm: int = 0,
        shortcuts: bool = False,
    ) -> None:
        super().__init__()
        widths = [channels, *(channels * mult for mult in c_mults)]
        # In the order of the signal, which is that in which a seed's weights are drawn.
        first = weight_norm_conv1d(in_channels, channels, 7, padding=3)
        stages = [
            EncoderBlock(wide_in, wide_out, stride, use_snake, antialias_blocks, exact_length)
            for (wide_in, wide_out), stride in zip(pairwise(widths), strides, strict=True)
        ]
        last: nn.Module = weight_norm_conv1d(widths[-1], latent_dim, 3, padding=1)
        self.layers = Layers(
            first,
            *(_with_shortcuts(stages, widths, strides) if shortcuts else stages),
            *([SkipLSTM(widths[-1], lstm)] if lstm else []),
            *([] if shortcuts else [activation(widths[-1], use_snake, antialias_activation)]),
            WithShortcut(last, AveragingShortcut(widths[-1], latent_dim, 1)) if shortcuts else last,
        )

    def forward(self, x: Tensor) -> Tensor:
        """Encode."""
        out: Tensor = self.layers(x)
        return out


def _with_shortcuts(
    stages: Sequence[EncoderBlock], widths: Sequence[int], strides: Sequence[int]
) -> Iterator[WithShortcut]:
    for stage, (wide_in, wide_out), stride in zip(stages, pairwise(widths), strides, strict=True):
        yield WithShortcut(stage.layers, AveragingShortcut(wide_in, wide_out, stride))


@build_encoder.register
def _(config: OobleckEncoderConfig) -> OobleckEncoder:
    return OobleckEncoder(**options(config))
