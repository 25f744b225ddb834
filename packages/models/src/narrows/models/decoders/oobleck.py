"""The Oobleck decoder of Stable Audio (Evans et al. 2024, arXiv 2402.04825; stable-audio-tools)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

from torch import Tensor, nn

from narrows.configs import OobleckDecoderConfig
from narrows.models._options import options
from narrows.models.blocks.activations import activation
from narrows.models.blocks.convolutions import weight_norm_conv1d
from narrows.models.blocks.layers import Layers
from narrows.models.blocks.lstm import SkipLSTM
from narrows.models.blocks.oobleck import DecoderBlock, RepeatingShortcut, WithShortcut
from narrows.models.decoders import build_decoder
from narrows.models.receptive_field import Chain


class OobleckDecoder(nn.Module):
    """A stack of upsampling convolutions with dilated residual units.

    Args:
        out_channels: channels of the output.
        channels: base width.
        latent_dim: input channels.
        c_mults: width of each stage as a multiple of `channels`, in encoder order.
        strides: upsampling of each stage, in encoder order.
        use_snake: Snake instead of ELU.
        antialias_activation: anti-alias the activation of each block and the last one.
        use_nearest_upsample: repeat samples and convolve instead of transposed convolution.
        final_tanh: end with a tanh.
        exact_length: as many samples as strides say for odd strides too; see `upsampling_conv1d`.
        lstm: LSTM layers in front of the first stage; 0 for none (BigCodec, Xin et al. 2024, arXiv 2409.05377).
        antialias_blocks: anti-alias the activations of the residual units as well.
        final_bias: give the last convolution a bias.
        shortcuts: repeat channels around each stage and the first convolution (LongCat-AudioDiT).

    Shape:
        `(B, latent_dim, L)` → `(B, out_channels, L * prod(strides))`
    """

    structure = Chain("layers")

    # `layers` and the index of each layer are part of the checkpoint format.
    def __init__(
        self,
        out_channels: int = 2,
        channels: int = 128,
        latent_dim: int = 32,
        c_mults: Sequence[int] = (1, 2, 4, 8),
        strides: Sequence[int] = (2, 4, 8, 8),
        use_snake: bool = False,
        antialias_activation: bool = False,
        use_nearest_upsample: bool = False,
        final_tanh: bool = True,
        exact_length: bool = False,
        lstm: int = 0,
        antialias_blocks: bool = False,
        final_bias: bool = False,
        shortcuts: bool = False,
    ) -> None:
        super().__init__()
        widths = [channels, *(channels * mult for mult in c_mults)][::-1]
        upwards, style = strides[::-1], (use_snake, antialias_activation, use_nearest_upsample, exact_length)
        # In the order of the signal, which is that in which a seed's weights are drawn.
        first: nn.Module = weight_norm_conv1d(latent_dim, widths[0], 7, padding=3)
        stages = [
            DecoderBlock(wide_in, wide_out, stride, *style, antialias_units=antialias_blocks)
            for (wide_in, wide_out), stride in zip(pairwise(widths), upwards, strict=True)
        ]
        self.layers = Layers(
            WithShortcut(first, RepeatingShortcut(latent_dim, widths[0], 1)) if shortcuts else first,
            *([SkipLSTM(widths[0], lstm)] if lstm else []),
            *(_with_shortcuts(stages, widths, upwards) if shortcuts else stages),
            activation(channels, use_snake, antialias_activation),
            weight_norm_conv1d(channels, out_channels, 7, padding=3, bias=final_bias),
            nn.Tanh() if final_tanh else nn.Identity(),
        )

    def forward(self, x: Tensor) -> Tensor:
        """Decode."""
        out: Tensor = self.layers(x)
        return out


def _with_shortcuts(
    stages: Sequence[DecoderBlock], widths: Sequence[int], strides: Sequence[int]
) -> Iterator[WithShortcut]:
    for stage, (wide_in, wide_out), stride in zip(stages, pairwise(widths), strides, strict=True):
        yield WithShortcut(stage.layers, RepeatingShortcut(wide_in, wide_out, stride))


@build_decoder.register
def _(config: OobleckDecoderConfig) -> OobleckDecoder:
    return OobleckDecoder(**options(config))
